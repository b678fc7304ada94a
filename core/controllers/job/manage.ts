/** Which Pods a running Job starts and which it stops (pkg/controller/job/job_controller.go, manageJob). Never both in one pass. */
import type { Pod } from '../../api/types/core.ts'
import { isLeaving, isFinished } from '../../api/pod-lifecycle.ts'
import { firstToStop } from '../replicas/scale-down.ts'
import { nextTry, nextTryOfIndex } from './backoff.ts'
import { firstMissing, union, withIndexes } from './indexes.ts'
import { hasFailed, hasLimitPerIndex, hasSucceeded, indexOf, isIndexed, isSuspended, replacesOnlyFailed } from './job-pod.ts'
import type { Picture } from './picture.ts'

/** At most so many Pods are started or stopped in one pass. */
const burst = 500

export interface Management {
  /** How many Pods may be active. */
  readonly wanted: number
  readonly stop: readonly Pod[]
  /** Of an Indexed Job the index of each, of others undefined. */
  readonly start: readonly (number | undefined)[]
  /** Pods are missing, but failures make it wait until then (ms epoch). */
  readonly notBefore?: number
  /** Pods are missing that terminating ones still stand for. */
  readonly awaitsTerminating?: number
}

export function manage(picture: Picture): Management {
  const { job, active, terminating } = picture
  const none = { stop: [], start: [] }
  if (isSuspended(job)) return { ...none, wanted: 0, stop: toStop(picture, active.length) }
  const wanted = wantedActive(picture)
  const stop = toStop(picture, Math.max(0, active.length - wanted)).slice(0, burst)
  if (stop.length > 0) return { ...none, wanted, stop }
  const standIns = replacesOnlyFailed(job) ? terminating : 0
  const missing = Math.min(wanted - active.length - standIns, burst)
  if (missing <= 0) return { ...none, wanted, ...(standIns > 0 && active.length < wanted ? { awaitsTerminating: standIns } : {}) }
  return { ...none, wanted, ...starts(picture, missing) }
}

/** Never more than completions are left; where none are given, one success means that no more are started. */
function wantedActive({ job, active, succeeded }: Picture): number {
  const { completions, parallelism = 1 } = job.spec
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism
  return Math.max(0, Math.min(completions - succeeded, parallelism))
}

function starts(picture: Picture, missing: number): Pick<Management, 'start' | 'notBefore'> {
  const { job, now, kept } = picture
  if (!hasLimitPerIndex(job)) {
    const due = nextTry(picture.pods.filter(hasSucceeded), picture.pods.filter((pod) => hasFailed(pod, job)))
    if (due !== undefined && due > now) return { start: [], notBefore: due }
  }
  if (!isIndexed(job)) return { start: Array.from({ length: missing }, () => undefined) }
  const indexes = firstMissing(taken(picture), missing, job.spec.completions ?? 0)
  if (!hasLimitPerIndex(job)) return { start: indexes }
  const dueOf = (index: number) => nextTryOfIndex(kept.get(index)) ?? now
  const later = indexes.map(dueOf).filter((due) => due > now)
  return { start: indexes.filter((index) => dueOf(index) <= now), ...(later.length > 0 ? { notBefore: Math.min(...later) } : {}) }
}

/** Indexes that need no Pod. */
function taken({ job, pods, active, succeededIndexes, failedIndexes }: Picture) {
  const busy = replacesOnlyFailed(job) ? [...active, ...pods.filter((pod) => isLeaving(pod) && !isFinished(pod))] : active
  return union(withIndexes(succeededIndexes, busy.map(indexOf).filter((index) => index !== undefined)), failedIndexes ?? [])
}

/** Of an Indexed Job first those without a valid index and all but one of each; then those that have got least far. */
function toStop({ job, active, now }: Picture, atLeast: number): readonly Pod[] {
  const useless = isIndexed(job) ? repeated(active, job.spec.completions ?? 0, now) : []
  if (useless.length >= atLeast) return useless
  const left = active.filter((pod) => !useless.includes(pod))
  return [...useless, ...firstToStop(left, atLeast - useless.length, [], now)]
}

function repeated(active: readonly Pod[], completions: number, now: number): Pod[] {
  const useless: Pod[] = []
  const byIndex = new Map<number, Pod[]>()
  for (const pod of active) {
    const index = indexOf(pod)
    if (index === undefined || index >= completions) useless.push(pod)
    else byIndex.set(index, [...(byIndex.get(index) ?? []), pod])
  }
  for (const pods of byIndex.values()) if (pods.length > 1) useless.push(...firstToStop(pods, pods.length - 1, [], now))
  return useless
}
