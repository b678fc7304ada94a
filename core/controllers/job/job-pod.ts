/** Questions about one Pod of a Job: its index, its failures, when it ended, whether it is still to be counted. */
import { completionIndex, indexFailureCount, indexIgnoredFailureCount, trackingFinalizer } from '../../api/kinds/job/labels.ts'
import type { Job } from '../../api/types/batch.ts'
import type { ContainerStatus, Pod } from '../../api/types/core.ts'
import { isLeaving, podCondition } from '../../api/pod-lifecycle.ts'

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'
export const hasLimitPerIndex = ({ spec }: Job): boolean => spec.backoffLimitPerIndex !== undefined
/** A Pod that is being stopped is replaced only once it has stopped. */
export const replacesOnlyFailed = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined
export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true

/** Not counted yet. */
export const isTracked = (pod: Pod): boolean => pod.metadata.finalizers?.includes(trackingFinalizer) === true
export const hasSucceeded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded'

/** A Pod that is stopped before its time has failed, unless the Job waits for what becomes of it. */
export const hasFailed = (pod: Pod, job: Job): boolean => pod.status?.phase === 'Failed' || (!replacesOnlyFailed(job) && isLeaving(pod) && !hasSucceeded(pod))

/** Undefined where it has none, or none that can be. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[completionIndex]
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined
}

/** Counts for its Job: any Pod does, but of an Indexed Job only one with an index within the completions. */
export function isValid(pod: Pod, job: Job): boolean {
  if (!isIndexed(job)) return true
  const index = indexOf(pod)
  return index !== undefined && index < (job.spec.completions ?? 0)
}

function countIn(pod: Pod, annotation: string): number {
  const value = Number(pod.metadata.annotations?.[annotation] ?? 0)
  return Number.isInteger(value) && value >= 0 && value <= 2_147_483_647 ? value : 0
}
/** Failures of its index before it that count. */
export const failuresBefore = (pod: Pod): number => countIn(pod, indexFailureCount)
export const ignoredFailuresBefore = (pod: Pod): number => countIn(pod, indexIgnoredFailureCount)
export const allFailuresBefore = (pod: Pod): number => failuresBefore(pod) + ignoredFailuresBefore(pod)

/** As near as can be told: from its containers, its readiness, its deletion; else from its creation. */
export function finishedMs(pod: Pod): number {
  const ready = podCondition(pod, 'Ready')
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata
  return (
    lastContainerEnd(pod) ??
    (ready?.status === 'False' && ready.lastTransitionTime !== undefined ? Date.parse(ready.lastTransitionTime) : undefined) ??
    (deletionTimestamp === undefined ? undefined : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000) ??
    Date.parse(creationTimestamp)
  )
}

function lastContainerEnd({ spec, status }: Pod): number | undefined {
  const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  const counted: readonly ContainerStatus[] = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name))]
  let last: number | undefined
  for (const { state } of counted) {
    const finished = state?.terminated?.finishedAt
    if (finished === undefined) return undefined
    last = Math.max(last ?? 0, Date.parse(finished))
  }
  return last
}
