/** Recreate: every old Pod ends before the first new one starts (pkg/controller/deployment/recreate.go). */
import { refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { ReplicaSet } from '../../api/types/apps.ts'
import type { Pod } from '../../api/types/core.ts'
import { isFinished } from '../../api/pod-lifecycle.ts'
import { sum, wantedReplicas } from './numbers.ts'
import type { Rollout } from './rollout.ts'
import { podsToStop } from './wording.ts'

export function stopAllOld(rollout: Rollout): boolean {
  let scaled = false
  for (const rs of rollout.active(rollout.old)) {
    const size = rollout.sizeOf(rs)
    const resized = rollout.resize(rs, 0, {
      code: 'ScalingReplicaSet',
      say: `stopped ${podsToStop(rs, size, rollout.all, rollout.snapshot, rollout.now)}`,
      why: 'this Deployment is recreated: old Pods end before new ones start',
      refs: [refOf(rs)],
    })
    scaled ||= resized
  }
  return scaled
}

/** How many old Pods still run (or are thought to). */
export function oldPodsLeft({ old, snapshot }: Rollout): number {
  const pods = old.flatMap((rs) => snapshot.ownedBy<Pod>(rs.metadata.uid, 'Pod')).filter((pod) => !isFinished(pod)).length
  return Math.max(pods, sum(old, (rs) => rs.status?.replicas ?? 0))
}

export function startAll(rollout: Rollout, current: ReplicaSet): void {
  const wanted = wantedReplicas(rollout.d)
  rollout.resize(current, wanted, {
    code: 'ScalingReplicaSet',
    say: `started ${count(wanted, 'Pod')}`,
    why: `${wanted} wanted, ${rollout.sizeOf(current)} before, and no old Pod is left`,
    refs: [refOf(current)],
  })
}
