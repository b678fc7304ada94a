/** The arithmetic of rollouts, free of objects' life cycle (pkg/controller/deployment/util/deployment_util.go). */
import type { Deployment, ReplicaSet } from '../../api/types/apps.ts'

export const wantedReplicas = (d: Deployment): number => d.spec.replicas ?? 1
export const replicasOf = (rs: ReplicaSet): number => rs.spec.replicas ?? 1
export const availableOf = (rs: ReplicaSet): number => rs.status?.availableReplicas ?? 0
export const isRolling = (d: Deployment): boolean => d.spec.strategy?.type !== 'Recreate'
const noLimit = 2_147_483_647
export const hasDeadline = (d: Deployment): boolean => d.spec.progressDeadlineSeconds !== undefined && d.spec.progressDeadlineSeconds !== noLimit
export const historyLimit = (d: Deployment): number | undefined => (d.spec.revisionHistoryLimit === noLimit ? undefined : d.spec.revisionHistoryLimit)

export const sum = (sets: readonly ReplicaSet[], of: (rs: ReplicaSet) => number): number => sets.reduce((total, rs) => total + of(rs), 0)

/** A number, or a percentage of `whole`. */
function scaled(value: number | string | undefined, whole: number, round: (x: number) => number): number {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value ?? '')?.[1]
  return percent === undefined ? 0 : round((Number(percent) * whole) / 100)
}

/** Surge rounds up, unavailability down; both zero would never move, so that one Pod may then be missing. */
function fenceposts(d: Deployment): { surge: number; unavailable: number } {
  const wanted = wantedReplicas(d)
  const limits = d.spec.strategy?.rollingUpdate
  const surge = scaled(limits?.maxSurge, wanted, Math.ceil)
  const unavailable = scaled(limits?.maxUnavailable, wanted, Math.floor)
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

export const maxSurge = (d: Deployment): number => (isRolling(d) ? fenceposts(d).surge : 0)
export const maxUnavailable = (d: Deployment): number => (isRolling(d) && wantedReplicas(d) > 0 ? Math.min(fenceposts(d).unavailable, wantedReplicas(d)) : 0)

/** How many Pods the current ReplicaSet may have now, given `total` Pods over all of them. */
export function sizeOfNew(d: Deployment, total: number, current: number): number {
  const wanted = wantedReplicas(d)
  if (!isRolling(d)) return wanted
  const most = wanted + maxSurge(d)
  return total >= most ? current : current + Math.min(most - total, wanted - current)
}

/** Go's integer.RoundToInt32: half away from zero. */
const round = (x: number): number => (x < 0 ? Math.ceil(x - 0.5) : Math.floor(x + 0.5))

/** One ReplicaSet's part of the Pods to add (or, negative, to remove) when a Deployment is scaled in the middle of a rollout. */
export function proportion(d: Deployment, rs: ReplicaSet, maxBefore: number | undefined, toAdd: number, added: number): number {
  const size = replicasOf(rs)
  if (size === 0 || toAdd === 0 || toAdd === added) return 0
  const fraction = fractionOf(d, size, maxBefore)
  const allowed = toAdd - added
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed)
}

function fractionOf(d: Deployment, size: number, maxBefore: number | undefined): number {
  if (wantedReplicas(d) === 0) return -size
  const before = maxBefore || (d.status?.replicas ?? 0)
  if (before === 0) return 0
  return round((size * (wantedReplicas(d) + maxSurge(d))) / before) - size
}
