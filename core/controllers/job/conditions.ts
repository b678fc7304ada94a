/** Conditions of a Job, and the questions they answer (pkg/controller/job/util, job_controller.go). */
import { conditionOf, hasCondition } from '../../api/conditions.ts'
import { timestamp } from '../../api/meta.ts'
import type { Job, JobCondition, JobStatus } from '../../api/types/batch.ts'

/** What ends a Job: first the promise, which stops its Pods, then the end itself. */
export interface Verdict {
  readonly promise: 'SuccessCriteriaMet' | 'FailureTarget'
  readonly reason: string
  readonly message: string
}

export const endOf = ({ promise }: Verdict): 'Complete' | 'Failed' => (promise === 'SuccessCriteriaMet' ? 'Complete' : 'Failed')
export const failure = (reason: string, message: string): Verdict => ({ promise: 'FailureTarget', reason, message })

export const isTrue = (status: JobStatus | undefined, type: string): boolean => hasCondition(status?.conditions, type)
export const isComplete = (job: Job): boolean => isTrue(job.status, 'Complete')
export const isFinishedJob = (job: Job): boolean => isComplete(job) || isTrue(job.status, 'Failed')

/** Made with another controller in mind. */
export const managedBy = ({ spec }: Job, us: string): string | undefined => (spec.managedBy === undefined || spec.managedBy === us ? undefined : spec.managedBy)

export function newCondition(type: string, status: 'True' | 'False', reason: string, message: string, now: number): JobCondition {
  const at = timestamp(now)
  return { type, status, lastProbeTime: at, lastTransitionTime: at, reason, message }
}

/** Replaces in place; a condition that is not there is not added as False. The same list where nothing changes. */
export function ensureCondition(conditions: readonly JobCondition[], condition: JobCondition): readonly JobCondition[] {
  const before = conditionOf(conditions, condition.type)
  if (!before) return condition.status === 'False' ? conditions : [...conditions, condition]
  if (before.status === condition.status && before.reason === condition.reason && before.message === condition.message) return conditions
  return conditions.map((one) => (one === before ? condition : one))
}
