/**
 * Whether a Job is to end, and how: first what an earlier pass decided, then failures, then successes
 * (pkg/controller/job/job_controller.go, syncJob).
 */
import { conditionOf } from '../../api/conditions.ts'
import type { Job } from '../../api/types/batch.ts'
import type { Pod } from '../../api/types/core.ts'
import { failure, type Verdict } from './conditions.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { total } from './indexes.ts'
import { hasFailed, isIndexed } from './job-pod.ts'
import type { Picture } from './picture.ts'
import { matchSuccessPolicy } from './success-policy.ts'

/** Undefined where the Job goes on; its completions are judged after its Pods are (`completion`). */
export function judge(picture: Picture): Verdict | undefined {
  const { job, pods, now } = picture
  for (const promise of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const condition = conditionOf(job.status?.conditions, promise)
    if (condition?.status === 'True') return { promise, reason: condition.reason ?? '', message: condition.message ?? '' }
  }
  const refused = pods.map((pod) => (hasFailed(pod, job) ? matchFailurePolicy(job.spec.podFailurePolicy, pod).message : undefined)).find((message) => message !== undefined)
  if (refused !== undefined) return failure('PodFailurePolicy', refused)
  if (picture.failed > (job.spec.backoffLimit ?? 0) || hasRestartedTooOften(job, pods)) return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  const deadline = deadlineOf(job)
  if (deadline !== undefined && now >= deadline) return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  return isIndexed(job) ? judgeIndexes(picture) : undefined
}

function judgeIndexes({ job, failedIndexes, succeededIndexes }: Picture): Verdict | undefined {
  const { completions = 0, maxFailedIndexes, successPolicy } = job.spec
  const failed = total(failedIndexes ?? [])
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  if (failed > 0 && failed + total(succeededIndexes) >= completions) return failure('FailedIndexes', 'Job has failed indexes')
  const message = matchSuccessPolicy(successPolicy, completions, succeededIndexes)
  return message === undefined ? undefined : { promise: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message }
}

/** Enough Pods have succeeded and none is left; without completions one success is enough. */
export function completion({ job, succeeded }: Picture, stillActive: number): Verdict | undefined {
  const enough = job.spec.completions === undefined ? succeeded > 0 : succeeded >= job.spec.completions
  return enough && stillActive === 0 ? { promise: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined
}

/** When the Job is active for too long (ms epoch). A first start counts from now on. */
export function deadlineOf({ spec, status }: Job): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined || spec.suspend === true) return undefined
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000
}

/** With restartPolicy OnFailure, containers start again in their Pod, and each start counts. */
function hasRestartedTooOften(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount
  }
  const limit = job.spec.backoffLimit ?? 0
  return limit === 0 ? restarts > 0 : restarts >= limit
}
