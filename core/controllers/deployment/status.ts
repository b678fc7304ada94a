/** Counts and conditions of a Deployment (pkg/controller/deployment/progress.go, sync.go). */
import type { DeploymentStatus, ReplicaSet } from '../../api/types/apps.ts'
import { orAbsent } from '../planning/status-patch.ts'
import { availableOf, hasDeadline, maxUnavailable, sum, wantedReplicas } from './numbers.ts'
import type { Rollout } from './rollout.ts'

/** Replaces the counts by today's and sets Available. */
export function countPods(rollout: Rollout): void {
  const { d, all, current } = rollout
  const available = sum(all, availableOf)
  const total = rollout.total(all) + (rollout.created?.replicas ?? 0)
  const terminating = all.every((rs) => rs.status?.terminatingReplicas !== undefined || !rs.status?.observedGeneration)
    ? sum(all, (rs) => rs.status?.terminatingReplicas ?? 0)
    : undefined
  const counts: Record<string, number | undefined> = {
    observedGeneration: orAbsent(d.metadata.generation ?? 0),
    replicas: orAbsent(sum(all, (rs) => rs.status?.replicas ?? 0)),
    updatedReplicas: orAbsent(current?.status?.replicas ?? 0),
    readyReplicas: orAbsent(sum(all, (rs) => rs.status?.readyReplicas ?? 0)),
    availableReplicas: orAbsent(available),
    unavailableReplicas: orAbsent(Math.max(0, total - available)),
    terminatingReplicas: terminating,
    collisionCount: rollout.status.collisionCount,
  }
  const present: DeploymentStatus = Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined))
  rollout.status = { ...present, ...(rollout.status.conditions ? { conditions: rollout.status.conditions } : {}) }
  if (available >= wantedReplicas(d) - maxUnavailable(d)) rollout.setCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
  else rollout.setCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')
}

export const isComplete = (rollout: Rollout, status: DeploymentStatus): boolean => {
  const wanted = wantedReplicas(rollout.d)
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (rollout.d.metadata.generation ?? 0)
  )
}

const hasProgressed = (before: DeploymentStatus, after: DeploymentStatus): boolean => {
  const oldPods = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldPods(after) < oldPods(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

/** Counts, then judges the rollout's progress. */
export function judge(rollout: Rollout): void {
  const { d } = rollout
  const before = d.status ?? {}
  const progressing = rollout.condition('Progressing')
  countPods(rollout)
  const after = rollout.status
  const set = rollout.current?.metadata.name ?? rollout.created?.name
  const subject = set !== undefined ? `ReplicaSet "${set}"` : `Deployment "${d.metadata.name}"`

  if (!hasDeadline(d)) rollout.dropCondition('Progressing')
  else if (!((after.replicas ?? 0) === (after.updatedReplicas ?? 0) && progressing?.reason === 'NewReplicaSetAvailable')) {
    if (isComplete(rollout, after)) {
      rollout.setCondition('Progressing', 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`)
    } else if (hasProgressed(before, after)) {
      // The same reason again still moves lastUpdateTime: the deadline counts from the last progress.
      rollout.dropCondition('Progressing')
      rollout.setCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`)
      const since = progressing?.status === 'True' ? progressing.lastTransitionTime : undefined
      const condition = rollout.condition('Progressing')
      if (since !== undefined && condition) {
        rollout.dropCondition('Progressing')
        rollout.putCondition({ ...condition, lastTransitionTime: since })
      }
    } else if (isOverdue(rollout)) {
      rollout.setCondition('Progressing', 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`)
    }
  }
  passOnFailure(rollout)
}

function isOverdue(rollout: Rollout): boolean {
  const condition = rollout.condition('Progressing')
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  return dueAt(rollout) < rollout.now
}

const dueAt = (rollout: Rollout): number => Date.parse(rollout.condition('Progressing')?.lastUpdateTime ?? '') + (rollout.d.spec.progressDeadlineSeconds ?? 0) * 1000

/** When a rollout without progress must be looked at again; a second late, so that whole-second stamps have passed. */
export function deadlineCheck(rollout: Rollout): number | undefined {
  const condition = rollout.condition('Progressing')
  if (!hasDeadline(rollout.d) || !condition || isComplete(rollout, rollout.status)) return undefined
  if (condition.reason === 'ProgressDeadlineExceeded' || condition.reason === 'NewReplicaSetAvailable') return undefined
  const due = dueAt(rollout) + 1000
  return Number.isNaN(due) ? undefined : Math.max(due, rollout.now + 1000)
}

/** A ReplicaSet that cannot make or remove Pods tells so through its Deployment. */
function passOnFailure(rollout: Rollout): void {
  const failureOf = (rs: ReplicaSet | undefined) => rs?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  const failure = failureOf(rollout.current) ?? rollout.all.map(failureOf).find((condition) => condition !== undefined)
  if (!failure) return rollout.dropCondition('ReplicaFailure')
  rollout.putCondition({ ...failure, ...(failure.lastTransitionTime === undefined ? {} : { lastUpdateTime: failure.lastTransitionTime }) })
}
