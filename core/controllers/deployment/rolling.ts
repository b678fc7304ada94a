/** Rolling update: new Pods as far as maxSurge allows, old ones go as far as maxUnavailable allows (pkg/controller/deployment/rolling.go). */
import { refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { ReplicaSet } from '../../api/types/apps.ts'
import type { Pod } from '../../api/types/core.ts'
import { availableFrom, isActive } from '../../api/pod-lifecycle.ts'
import { are, ordinal } from '../planning/words.ts'
import { availableOf, maxSurge, maxUnavailable, sizeOfNew, wantedReplicas } from './numbers.ts'
import type { Rollout } from './rollout.ts'
import { ofRevision, podsToStop, revisionWord } from './wording.ts'

/** True where sizes change. The current ReplicaSet must be there. */
export function rollForward(rollout: Rollout, current: ReplicaSet): boolean {
  return growCurrent(rollout, current) || shrinkOld(rollout, current)
}

function growCurrent(rollout: Rollout, current: ReplicaSet): boolean {
  const { d, all } = rollout
  const wanted = wantedReplicas(d)
  const size = rollout.sizeOf(current)
  if (size === wanted) return false
  const total = rollout.total(all)
  const next = size > wanted ? wanted : sizeOfNew(d, total, size)
  const word = revisionWord(current, all)
  const added = next - size
  const room = `${wanted} wanted, ${maxSurge(d)} extra allowed while updating`
  const because =
    added < 0
      ? { say: `stopped ${podsToStop(current, -added, all, rollout.snapshot, rollout.now)}`, why: `${size} in ${word}, ${wanted} wanted` }
      : rollout.revived !== undefined
        ? { say: `went back to revision ${rollout.revived}, now ${rollout.revision ?? ''}, with ${count(next, 'Pod')}`, why: room }
        : {
            say: added > 1 ? `added ${ofRevision(added, word)}` : `added ${ordinal(next)} ${word.startsWith('revision') ? `Pod of ${word}` : `${word} Pod`}`,
            why: `${count(total, 'Pod')} before, ${wanted + maxSurge(d)} allowed${maxSurge(d) > 0 ? ' while updating' : ''}`,
          }
  return rollout.resize(current, next, { code: 'ScalingReplicaSet', ...because, refs: [refOf(current)] })
}

/**
 * Available Pods that will stay: a ReplicaSet that was told to shrink still counts those it is about to stop.
 * (Upstream counts them too, and depends on the status being quicker than its next look.)
 */
const staying = (rollout: Rollout, rs: ReplicaSet): number => Math.min(availableOf(rs), rollout.sizeOf(rs))

function shrinkOld(rollout: Rollout, current: ReplicaSet): boolean {
  const { d, all } = rollout
  const old = rollout.active(rollout.old)
  if (old.length === 0) return false
  const enough = wantedReplicas(d) - maxUnavailable(d)
  const notYetAvailable = rollout.sizeOf(current) - staying(rollout, current)
  const atMost = rollout.total(all) - enough - notYetAvailable
  if (atMost <= 0) return false
  const unhealthy = stopUnhealthy(rollout, old, atMost)
  const healthy = stopHealthy(rollout, old, current, enough)
  return unhealthy || healthy
}

/**
 * Pods that serve. The ReplicaSet's status may be late (upstream trusts it all the same): a Pod that became available
 * since must not go as one that serves nobody.
 */
function serving(rollout: Rollout, rs: ReplicaSet): number {
  const pods = rollout.snapshot.ownedBy<Pod>(rs.metadata.uid, 'Pod')
  const available = pods.filter((pod) => isActive(pod) && (availableFrom(pod, rs.spec.minReadySeconds ?? 0) ?? Infinity) <= rollout.now)
  return Math.max(availableOf(rs), available.length)
}

/** Pods that serve nobody can go first: it costs no availability, and would otherwise block the rollout. */
function stopUnhealthy(rollout: Rollout, old: readonly ReplicaSet[], atMost: number): boolean {
  let stopped = 0
  for (const rs of old) {
    const size = rollout.sizeOf(rs)
    const idle = size - serving(rollout, rs)
    const down = Math.min(atMost - stopped, idle)
    if (down <= 0) continue
    rollout.resize(rs, size - down, {
      code: 'ScalingReplicaSet',
      say: `stopped ${podsToStop(rs, down, rollout.all, rollout.snapshot, rollout.now)}`,
      why: `${are(idle)} not ready and ${idle === 1 ? 'serves' : 'serve'} nobody`,
      refs: [refOf(rs)],
    })
    stopped += down
  }
  return stopped > 0
}

function stopHealthy(rollout: Rollout, old: readonly ReplicaSet[], current: ReplicaSet, enough: number): boolean {
  const available = [...old, current].reduce((n, rs) => n + staying(rollout, rs), 0)
  const atMost = available - enough
  let stopped = 0
  for (const rs of old) {
    if (stopped >= atMost) break
    const size = rollout.sizeOf(rs)
    const down = Math.min(size, atMost - stopped)
    if (down <= 0) continue
    rollout.resize(rs, size - down, {
      code: 'ScalingReplicaSet',
      say: `stopped ${podsToStop(rs, down, rollout.all, rollout.snapshot, rollout.now)}`,
      why: `${available - stopped} ready, ${are(enough)} enough`,
      refs: [refOf(rs), refOf(current)],
    })
    stopped += down
  }
  return stopped > 0
}
