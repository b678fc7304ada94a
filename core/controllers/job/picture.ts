/**
 * How a Job stands: its Pods sorted by what became of them, and what its counters will be once every ended Pod is counted.
 * Job and Pods are of one revision, so that nothing is seen twice or missed between them.
 */
import { trackingFinalizer } from '../../api/kinds/job/labels.ts'
import { refKey, refOf } from '../../api/meta.ts'
import type { Job } from '../../api/types/batch.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { claim } from '../planning/ownership.ts'
import { isActive, isFinished, isLeaving, isReady } from '../../api/pod-lifecycle.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { has, parseIndexes, total, withIndexes, type Indexes } from './indexes.ts'
import { allFailuresBefore, failuresBefore, finishedMs, hasFailed, hasLimitPerIndex, hasSucceeded, indexOf, isIndexed, isTracked, isValid } from './job-pod.ts'

export interface Picture {
  readonly job: Job
  readonly now: number
  /** By index, then by name. Adopted ones carry the finalizer that they are about to get. */
  readonly pods: readonly Pod[]
  /** Uids of those whose adoption is still to be written. */
  readonly adopted: ReadonlySet<string>
  readonly claims: readonly Step[]
  readonly active: readonly Pod[]
  readonly ready: number
  /** On their way out and not ended. */
  readonly terminating: number
  /** What the counters will be; failures that the policy ignores are left out. */
  readonly succeeded: number
  readonly failed: number
  /** Of an Indexed Job: as the status has them, and with those of Pods that are still to be counted. */
  readonly countedIndexes: Indexes
  readonly succeededIndexes: Indexes
  /** With backoffLimitPerIndex only. */
  readonly failedIndexes: Indexes | undefined
  /** The last failed Pod of an index that has no other: kept until its successor carries on its count. */
  readonly kept: ReadonlyMap<number, Pod>
}

export function look(job: Job, snapshot: Snapshot, now: number): Picture {
  const { pods, claims, adopted } = podsOf(job, snapshot)
  const { completions = 0, podFailurePolicy } = job.spec
  const active = pods.filter(isActive)
  const uncounted = { succeeded: new Set(job.status?.uncountedTerminatedPods?.succeeded), failed: new Set(job.status?.uncountedTerminatedPods?.failed) }
  const fresh = pods.filter((pod) => isTracked(pod) && isValid(pod, job))
  const newlySucceeded = fresh.filter((pod) => hasSucceeded(pod) && !uncounted.succeeded.has(pod.metadata.uid) && !uncounted.failed.has(pod.metadata.uid))
  const newlyFailed = fresh.filter((pod) => hasFailed(pod, job) && !uncounted.failed.has(pod.metadata.uid) && matchFailurePolicy(podFailurePolicy, pod).counts)

  const indexed = isIndexed(job)
  const countedIndexes = indexed ? parseIndexes(job.status?.completedIndexes, completions) : []
  const knownFailed = indexed && hasLimitPerIndex(job) ? parseIndexes(job.status?.failedIndexes, completions) : undefined
  // What became of an index is final, though a Pod that was judged by its removal may still succeed, or fail, afterwards.
  const indexesOf = (pods: readonly Pod[], except: Indexes) => pods.map((pod) => indexOf(pod)!).filter((index) => !has(except, index))
  const succeededIndexes = withIndexes(countedIndexes, indexed ? indexesOf(fresh.filter(hasSucceeded), knownFailed ?? []) : [])
  const failedIndexes = knownFailed && withIndexes(knownFailed, indexesOf(fresh.filter((pod) => failsIndex(pod, job)), succeededIndexes))
  return {
    job,
    now,
    pods,
    adopted,
    claims,
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isLeaving(pod) && !isFinished(pod)).length,
    succeeded: indexed ? total(succeededIndexes) : (job.status?.succeeded ?? 0) + uncounted.succeeded.size + newlySucceeded.length,
    failed: (job.status?.failed ?? 0) + uncounted.failed.size + newlyFailed.length,
    countedIndexes,
    succeededIndexes,
    failedIndexes,
    kept: failedIndexes ? keptPods(fresh, active, job, succeededIndexes, failedIndexes) : new Map(),
  }
}

/** Adoption brings the finalizer along, release takes it away. */
function podsOf(job: Job, snapshot: Snapshot): Pick<Picture, 'pods' | 'claims' | 'adopted'> {
  const { claimed, steps } = claim<Pod>(job, job.spec.selector, 'Pod', snapshot)
  const known = new Map(steps.map((step) => [step.do === 'patch' ? refKey(step.ref) : '', step]))
  const adopted = new Set<string>()
  const pods = claimed.map((pod) => {
    if (!known.has(refKey(refOf(pod)))) return pod
    adopted.add(pod.metadata.uid)
    return isTracked(pod) ? pod : { ...pod, metadata: { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), trackingFinalizer] } }
  })
  const claims = steps.map((step): Step => {
    if (step.do !== 'patch') return step
    const before = snapshot.get<Pod>('Pod', step.ref.namespace, step.ref.name)?.metadata.finalizers ?? []
    const others = before.filter((finalizer) => finalizer !== trackingFinalizer)
    const finalizers = adopted.has(step.ref.uid ?? '') ? [...others, trackingFinalizer] : others
    return { ...step, patch: { metadata: { ...(step.patch['metadata'] as object), finalizers } } }
  })
  const byIndexAndName = (a: Pod, b: Pod) => (indexOf(a) ?? -1) - (indexOf(b) ?? -1) || (a.metadata.name < b.metadata.name ? -1 : 1)
  return { pods: pods.sort(byIndexAndName), claims, adopted }
}

function failsIndex(pod: Pod, job: Job): boolean {
  if (!hasFailed(pod, job)) return false
  const { counts, action } = matchFailurePolicy(job.spec.podFailurePolicy, pod)
  return action === 'FailIndex' || (counts && failuresBefore(pod) >= (job.spec.backoffLimitPerIndex ?? 0))
}

function keptPods(fresh: readonly Pod[], active: readonly Pod[], job: Job, succeeded: Indexes, failed: Indexes): ReadonlyMap<number, Pod> {
  const running = new Set(active.map(indexOf))
  const kept = new Map<number, Pod>()
  for (const pod of fresh) {
    const index = indexOf(pod)!
    if (!hasFailed(pod, job) || running.has(index) || has(succeeded, index) || has(failed, index)) continue
    const other = kept.get(index)
    if (!other || (allFailuresBefore(other) <= allFailuresBefore(pod) && finishedMs(pod) >= finishedMs(other))) kept.set(index, pod)
  }
  return kept
}
