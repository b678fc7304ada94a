/**
 * Counts each ended Pod exactly once, without trusting that a pass reaches its end
 * (pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers). Three writes, each safe to repeat:
 *   1. the Pod's uid goes to status.uncountedTerminatedPods (of an Indexed Job, a success goes to completedIndexes at once)
 *   2. the Pod loses its finalizer
 *   3. a uid in the list whose Pod has no finalizer, or is gone, becomes one more in the counter
 * The first two belong to one pass, the third to the next.
 */
import type { JobStatus, UncountedTerminatedPods } from '../../api/types/batch.ts'
import type { Pod } from '../../api/types/core.ts'
import { orAbsent } from '../planning/status-patch.ts'
import type { Verdict } from './conditions.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { has, printIndexes, total } from './indexes.ts'
import { hasFailed, hasSucceeded, indexOf, isIndexed, isTracked, isValid } from './job-pod.ts'
import type { Picture } from './picture.ts'

/** Keeps the lists below about 20 KB. */
const uncountedAtMost = 500

export interface Tally {
  /** The counting part of the status. */
  readonly status: Pick<JobStatus, 'succeeded' | 'failed' | 'uncountedTerminatedPods' | 'completedIndexes' | 'failedIndexes'>
  /** Pods to let go once that is written. */
  readonly release: readonly Pod[]
  /** Every ended Pod is in the counters. */
  readonly isDone: boolean
}

export function tally(picture: Picture, verdict: Verdict | undefined): Tally {
  const { job, pods, adopted, countedIndexes, failedIndexes, kept } = picture
  const tracked = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid))
  const before = job.status?.uncountedTerminatedPods ?? {}
  const waiting = { succeeded: (before.succeeded ?? []).filter((uid) => tracked.has(uid)), failed: (before.failed ?? []).filter((uid) => tracked.has(uid)) }
  const counted = (list: 'succeeded' | 'failed') => (before[list]?.length ?? 0) - waiting[list].length
  const totals = { succeeded: (job.status?.succeeded ?? 0) + counted('succeeded'), failed: (job.status?.failed ?? 0) + counted('failed') }
  const keptUids = new Set([...kept.values()].map(({ metadata }) => metadata.uid))
  const known = { succeeded: new Set(before.succeeded), failed: new Set(before.failed) }

  const release: Pod[] = []
  let newIndexes = 0
  let isCut = false
  for (const pod of pods) {
    const { uid } = pod.metadata
    if (!tracked.has(uid) || !isToBeReleased(pod, picture, verdict, keptUids)) continue
    if (newIndexes + waiting.succeeded.length + waiting.failed.length >= uncountedAtMost) {
      isCut = true
      break
    }
    // Its finalizer is not written yet: the next pass counts it.
    if (adopted.has(uid)) {
      isCut = true
      continue
    }
    release.push(pod)
    if (hasSucceeded(pod) && !known.failed.has(uid)) {
      if (!isIndexed(job)) {
        if (!known.succeeded.has(uid)) waiting.succeeded.push(uid)
      } else if (isValid(pod, job) && !has(countedIndexes, indexOf(pod)!)) newIndexes++
    } else if (hasFailed(pod, job) || verdict?.promise === 'FailureTarget') {
      if (!known.failed.has(uid) && isValid(pod, job) && matchFailurePolicy(job.spec.podFailurePolicy, pod).counts) waiting.failed.push(uid)
    }
  }
  return {
    status: {
      ...successes(picture, totals.succeeded),
      ...asField('failed', orAbsent(totals.failed)),
      uncountedTerminatedPods: { ...asField('succeeded', nonEmpty(waiting.succeeded)), ...asField('failed', nonEmpty(waiting.failed)) } satisfies UncountedTerminatedPods,
      ...asField('failedIndexes', failedIndexes && printIndexes(failedIndexes)),
    },
    release,
    isDone: !isCut && release.length === 0 && waiting.succeeded.length + waiting.failed.length === 0,
  }
}

/** A Pod that ended, unless its successor has still to learn of its failure; and everyone where the Job ends. */
function isToBeReleased(pod: Pod, { job }: Picture, verdict: Verdict | undefined, kept: ReadonlySet<string>): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined || hasSucceeded(pod)) return true
  return hasFailed(pod, job) && !kept.has(pod.metadata.uid)
}

function successes({ job, succeededIndexes }: Picture, counted: number): Pick<JobStatus, 'succeeded' | 'completedIndexes'> {
  if (!isIndexed(job)) return asField('succeeded', orAbsent(counted))
  return { ...asField('succeeded', orAbsent(total(succeededIndexes))), ...(succeededIndexes.length === 0 ? {} : { completedIndexes: printIndexes(succeededIndexes) }) }
}

const nonEmpty = (list: string[]): string[] | undefined => (list.length === 0 ? undefined : list)

function asField<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V }
}
