/** A changed number of replicas: to the only active ReplicaSet, or shared in proportion (pkg/controller/deployment/sync.go, scale). */
import { refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { ReplicaSet } from '../../api/types/apps.ts'
import { are } from '../planning/words.ts'
import { countIn, desiredAnnotation, maxAnnotation, revisionOf } from './annotations.ts'
import { availableOf, isRolling, maxSurge, proportion, replicasOf, sum, wantedReplicas } from './numbers.ts'
import type { Rollout } from './rollout.ts'

export function scale(rollout: Rollout): void {
  const { d, current, old } = rollout
  const wanted = wantedReplicas(d)
  const sets = current ? [...old, current] : old
  const active = rollout.active(sets)
  const only = active.length === 0 ? (current ?? old.at(-1)) : active.length === 1 ? active[0] : undefined
  if (only) {
    const before = rollout.sizeOf(only)
    rollout.resize(only, wanted, {
      code: 'ScalingReplicaSet',
      say: `scaled from ${before} to ${count(wanted, 'Pod')}`,
      why: `${are(wanted)} wanted now, ${countIn(only, desiredAnnotation) ?? before} before`,
      refs: [refOf(only)],
    })
    return
  }
  if (active.length === 0) return
  if (current && isSaturated(rollout, current)) {
    for (const rs of rollout.active(old)) {
      rollout.resize(rs, 0, {
        code: 'ScalingReplicaSet',
        say: `stopped the ${count(rollout.sizeOf(rs), 'Pod')} of revision ${revisionOf(rs)}`,
        why: `all ${wanted} wanted Pods of revision ${revisionOf(current)} are ready`,
        refs: [refOf(rs), refOf(current)],
      })
    }
    return
  }
  if (isRolling(d)) share(rollout, active)
}

const isSaturated = ({ d }: Rollout, current: ReplicaSet): boolean => {
  const wanted = wantedReplicas(d)
  return replicasOf(current) === wanted && countIn(current, desiredAnnotation) === wanted && availableOf(current) === wanted
}

/** The larger a ReplicaSet, the larger its part; what rounding leaves over goes to the largest. */
function share(rollout: Rollout, active: readonly ReplicaSet[]): void {
  const { d } = rollout
  const wanted = wantedReplicas(d)
  const allowed = wanted > 0 ? wanted + maxSurge(d) : 0
  const total = sum(active, replicasOf)
  const toAdd = allowed - total
  const age = (rs: ReplicaSet) => Date.parse(rs.metadata.creationTimestamp)
  const sorted = [...active].sort((a, b) => {
    const bySize = replicasOf(b) - replicasOf(a)
    if (bySize !== 0) return bySize
    const newerFirst = age(b) - age(a) || (a.metadata.name < b.metadata.name ? 1 : -1)
    return toAdd > 0 ? newerFirst : -newerFirst
  })
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const rs of sorted) {
    const part = toAdd === 0 ? 0 : proportion(d, rs, countIn(rs, maxAnnotation), toAdd, added)
    sizes.set(rs, replicasOf(rs) + part)
    added += part
  }
  const largest = sorted[0]
  if (largest && toAdd !== 0) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added))
  for (const [rs, size] of sizes) {
    rollout.resize(
      rs,
      size,
      {
        code: 'ScalingReplicaSet',
        say: `scaled revision ${revisionOf(rs)} from ${replicasOf(rs)} to ${count(size, 'Pod')}`,
        why: `its part of ${allowed}: ${wanted} wanted, ${maxSurge(d)} extra allowed while updating`,
        refs: active.map(refOf),
      },
      true,
    )
  }
}
