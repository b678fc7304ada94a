/** What a StatefulSet says of itself (pkg/controller/statefulset/stateful_set_control.go: updateStatus, completeRollingUpdate). */
import { count } from '../../api/state/sentences.ts'
import type { StatefulSetStatus } from '../../api/types/apps.ts'
import type { Reason } from '../../loop/plan.ts'
import { isLeaving } from '../../api/pod-lifecycle.ts'
import { orAbsent } from '../planning/status-patch.ts'
import { revisionOf, wantedReplicas } from './identity.ts'
import { isRunning, type Pass } from './pass.ts'

export function statusOf(pass: Pass): StatefulSetStatus {
  const { set, pods, currentRevision, revisions } = pass
  let [ready, available, current, updated] = [0, 0, 0, 0]
  for (const pod of pods) {
    if (isRunning(pod)) {
      ready++
      if (pass.isAvailable(pod)) available++
    }
    if (isLeaving(pod)) continue
    if (revisionOf(pod) === currentRevision && pass.updating !== pod.metadata.name) current++
    if (revisionOf(pod) === revisions.update.name) updated++
  }
  const wanted = wantedReplicas(set)
  const complete = set.spec.updateStrategy?.type === 'RollingUpdate' && updated === wanted && ready === wanted && pods.length === wanted
  const counts = {
    readyReplicas: orAbsent(ready),
    currentReplicas: orAbsent(complete ? updated : current),
    updatedReplicas: orAbsent(updated),
    observedGeneration: orAbsent(set.metadata.generation ?? 0),
  }
  return {
    replicas: pods.length,
    availableReplicas: available,
    currentRevision: complete ? revisions.update.name : currentRevision,
    updateRevision: revisions.update.name,
    collisionCount: revisions.update.collisionCount,
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined)),
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
  }
}

/** Where the set stands, in one line, where nothing is done and nothing awaited in particular. */
export function summary(pass: Pass, status: StatefulSetStatus): Reason {
  const { set, revisions } = pass
  const wanted = wantedReplicas(set)
  const ready = status.readyReplicas ?? 0
  const available = status.availableReplicas ?? 0
  const outdated = pass.replicas.filter((pod) => pod && revisionOf(pod) !== revisions.update.name).length
  if (set.metadata.deletionTimestamp !== undefined) return { code: 'Deleting', say: 'is being deleted', why: `${count(pass.pods.length, 'Pod')} left` }
  if (pass.pods.length > wanted) return { code: 'Stopping', say: `stopping ${count(pass.pods.length - wanted, 'Pod')}`, why: `${pass.pods.length} there, ${wanted} wanted` }
  if (ready < wanted) return { code: 'WaitingForPods', say: `waiting for ${wanted - ready} of ${count(wanted, 'Pod')} to be Ready`, why: `${ready} ready now` }
  if (available < wanted) {
    return { code: 'WaitingForAvailability', say: `waiting for ${wanted - available} of ${count(wanted, 'Pod')} to stay Ready`, why: `each must be Ready for ${set.spec.minReadySeconds ?? 0} s` }
  }
  const onDelete = set.spec.updateStrategy?.type === 'OnDelete'
  if (outdated > 0 && (onDelete || pass.partition > 0)) {
    return {
      code: 'Settled',
      say: `runs ${count(wanted, 'Pod')}, ${outdated} of an older revision`,
      why: onDelete ? 'Pods are replaced only when somebody deletes them' : `the partition keeps ${count(Math.min(pass.partition, wanted), 'Pod')}`,
    }
  }
  return { code: 'Settled', say: wanted === 0 ? 'runs no Pods' : `runs ${count(wanted, 'Pod')}`, why: `${wanted} wanted, ${ready} ready` }
}
