/**
 * Keeps as many Pods of one template as wanted. Mirrors pkg/controller/replicaset/replica_set.go; the runner's revision
 * barrier stands in for its expectations.
 */
import { controllerOf, refOf, timestamp, type NewObject, type Ref } from '../api/meta.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../api/types/apps.ts'
import type { Pod } from '../api/types/core.ts'
import { equal } from '../base/json.ts'
import type { WatchEvent } from '../loop/client.ts'
import { defineController } from '../loop/controller.ts'
import { nothing, type Reason, type Step } from '../loop/plan.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { claim, controllerReference } from './ownership.ts'
import { availableFrom, isActive, isFinished, isLeaving, isReady, podCondition } from './pod-state.ts'
import { firstToStop } from './scale-down.ts'
import { matches, matchesAll } from './selector.ts'
import { conditionOf, difference, orAbsent, withCondition, withoutCondition } from './status-patch.ts'
import { count, shortName } from './words.ts'

/** At most so many Pods are made or stopped in one pass. */
const burst = 500

export const replicaSet = defineController<ReplicaSet>({
  name: 'replicaset-controller',
  reconciles: 'ReplicaSet',
  wakesOn: ['Pod'],

  wakes(event, snapshot) {
    if (!matters(event)) return []
    const { namespace, labels } = event.object.metadata
    const refs: Ref[] = []
    for (const pod of [event.object, event.previous]) {
      const owner = pod && controllerOf(pod.metadata)
      if (owner?.kind === 'ReplicaSet' && !refs.some(({ uid }) => uid === owner.uid)) {
        refs.push({ kind: 'ReplicaSet', name: owner.name, uid: owner.uid, ...(namespace === undefined ? {} : { namespace }) })
      }
    }
    // An orphan wakes whoever may adopt it.
    if (event.type !== 'DELETED' && !controllerOf(event.object.metadata)) {
      for (const rs of snapshot.list<ReplicaSet>('ReplicaSet', namespace)) if (matches(rs.spec.selector, labels)) refs.push(refOf(rs))
    }
    return refs
  },

  plan({ object: rs, snapshot, now }) {
    if (!rs) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the ReplicaSet is gone' })
    const { active, leaving, claims } = podsOf(rs, snapshot)
    const wanted = rs.spec.replicas ?? 1
    const steps: Step[] = [...claims]
    if (rs.metadata.deletionTimestamp === undefined) {
      if (active.length < wanted) steps.push(...create(rs, active.length, wanted))
      else if (active.length > wanted) steps.push(...stop(rs, active, wanted, snapshot, now))
    }
    const status = statusOf(rs, active, leaving, now)
    const because = summary(rs, active.length, status)
    const patch = difference(rs.status, status)
    if (patch) steps.push({ do: 'patch', ref: refOf(rs), subresource: 'status', patch: { status: patch }, because: { ...because, code: 'StatusUpdated' } })
    const requeueAt = nextAvailability(active, rs.spec.minReadySeconds ?? 0, now)
    return { steps, because, ...(requeueAt === undefined ? {} : { requeueAt }) }
  },

  onFailure({ object: rs, snapshot, now }, { step, message }) {
    if (!rs || (step.do !== 'create' && step.do !== 'delete')) return []
    const making = step.do === 'create'
    const code = making ? 'FailedCreate' : 'FailedDelete'
    const because: Reason = {
      code,
      say: making ? 'could not make a Pod' : `could not stop ${step.ref.name}`,
      why: message,
      event: { type: 'Warning', message: `Error ${making ? 'creating' : 'deleting'}: ${message}` },
    }
    const { active, leaving } = podsOf(rs, snapshot)
    const conditions = rs.status?.conditions ?? []
    const failing = conditionOf(conditions, 'ReplicaFailure')
    const next = failing ? conditions : withCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason: code, message, lastTransitionTime: timestamp(now) })
    const patch = difference(rs.status, { ...statusOf(rs, active, leaving, now), conditions: next })
    return [patch ? { do: 'patch', ref: refOf(rs), subresource: 'status', patch: { status: patch }, because } : { do: 'note', ref: refOf(rs), because }]
  },
})

/** Of the many changes of a Pod, those that a ReplicaSet counts. */
function matters({ type, object, previous }: WatchEvent): boolean {
  if (type !== 'MODIFIED' || !previous) return true
  const [pod, before] = [object as Pod, previous as Pod]
  return (
    pod.status?.phase !== before.status?.phase ||
    isLeaving(pod) !== isLeaving(before) ||
    !equal(podCondition(pod, 'Ready'), podCondition(before, 'Ready')) ||
    !equal(pod.metadata.labels, before.metadata.labels) ||
    !equal(pod.metadata.ownerReferences, before.metadata.ownerReferences)
  )
}

function podsOf(rs: ReplicaSet, snapshot: Snapshot): { active: readonly Pod[]; leaving: readonly Pod[]; claims: readonly Step[] } {
  const { claimed, steps } = claim<Pod>(rs, rs.spec.selector, 'Pod', snapshot)
  return { active: claimed.filter(isActive), leaving: claimed.filter((pod) => isLeaving(pod) && !isFinished(pod)), claims: steps }
}

function create(rs: ReplicaSet, running: number, wanted: number): Step[] {
  const object = newPod(rs)
  const because: Reason = {
    code: 'SuccessfulCreate',
    say: 'started a Pod',
    why: `${wanted} wanted, ${running === 0 ? 'none' : running} there`,
    event: { type: 'Normal', message: 'Created pod: {name}' },
  }
  const step: Step = { do: 'create', object, because }
  return Array.from({ length: Math.min(wanted - running, burst) }, () => step)
}

function newPod(rs: ReplicaSet): NewObject {
  const { metadata, spec } = rs.spec.template
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${rs.metadata.name}-`,
      namespace: rs.metadata.namespace ?? '',
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
      ...(metadata?.finalizers ? { finalizers: metadata.finalizers } : {}),
      ownerReferences: [controllerReference(rs)],
    },
    spec,
  }
}

function stop(rs: ReplicaSet, active: readonly Pod[], wanted: number, snapshot: Snapshot, now: number): Step[] {
  const pods = firstToStop(active, Math.min(active.length - wanted, burst), relatedPods(rs, snapshot), now)
  const ready = active.filter(isReady).length
  return pods.map((pod): Step => {
    const idle = !isReady(pod)
    return {
      do: 'delete',
      ref: refOf(pod),
      because: {
        code: 'SuccessfulDelete',
        say: `stopped ${shortName(pod.metadata.name, rs.metadata.name)}`,
        why: `${count(active.length, 'Pod')}, ${wanted === 0 ? 'none' : wanted} wanted${idle && ready > 0 ? '; it was not ready' : ''}`,
        refs: [refOf(pod)],
        event: { type: 'Normal', message: `Deleted pod: ${pod.metadata.name}` },
      },
    }
  })
}

/** Pods of every ReplicaSet under the same owner: they share nodes and count as company. */
function relatedPods(rs: ReplicaSet, snapshot: Snapshot): readonly Pod[] {
  const owner = controllerOf(rs.metadata)
  const sets = owner ? snapshot.ownedBy(owner.uid, 'ReplicaSet') : [rs]
  return sets.flatMap((set) => snapshot.ownedBy<Pod>(set.metadata.uid, 'Pod'))
}

function statusOf(rs: ReplicaSet, active: readonly Pod[], leaving: readonly Pod[], now: number): ReplicaSetStatus {
  const labels = rs.spec.template.metadata?.labels
  const minReady = rs.spec.minReadySeconds ?? 0
  let [labelled, ready, available] = [0, 0, 0]
  for (const pod of active) {
    if (matchesAll(labels, pod.metadata.labels)) labelled++
    const from = availableFrom(pod, minReady)
    if (from === undefined) continue
    ready++
    if (from <= now) available++
  }
  const conditions = withoutCondition(rs.status?.conditions ?? [], 'ReplicaFailure')
  const counts = {
    fullyLabeledReplicas: orAbsent(labelled),
    readyReplicas: orAbsent(ready),
    availableReplicas: orAbsent(available),
    observedGeneration: orAbsent(rs.metadata.generation ?? 0),
  }
  return {
    replicas: active.length,
    terminatingReplicas: leaving.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined)),
    ...(conditions.length > 0 ? { conditions: [...conditions] } : {}),
  }
}

/** When the next ready Pod has been so for minReadySeconds. */
function nextAvailability(active: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined
  const due = active.map((pod) => availableFrom(pod, minReadySeconds)).filter((at) => at !== undefined && at > now)
  return due.length === 0 ? undefined : Math.min(...(due as number[]))
}

function summary(rs: ReplicaSet, running: number, status: ReplicaSetStatus): Reason {
  const wanted = rs.spec.replicas ?? 1
  const ready = status.readyReplicas ?? 0
  const available = status.availableReplicas ?? 0
  if (rs.metadata.deletionTimestamp !== undefined) return { code: 'Deleting', say: 'is being deleted', why: `${count(running, 'Pod')} left` }
  if (running < wanted) return { code: 'Starting', say: `starting ${count(wanted - running, 'Pod')}`, why: `${wanted} wanted, ${running} there` }
  if (running > wanted) return { code: 'Stopping', say: `stopping ${count(running - wanted, 'Pod')}`, why: `${running} there, ${wanted} wanted` }
  if (ready < wanted) return { code: 'WaitingForPods', say: `waiting for ${wanted - ready} of ${count(wanted, 'Pod')} to be ready`, why: `${ready} ready now` }
  if (available < wanted) {
    return { code: 'WaitingForAvailability', say: `waiting for ${wanted - available} of ${count(wanted, 'Pod')} to stay ready`, why: `each must be ready for ${rs.spec.minReadySeconds ?? 0} s` }
  }
  return { code: 'Settled', say: wanted === 0 ? 'runs no Pods' : `runs ${count(wanted, 'Pod')}`, why: `${wanted} wanted, ${ready} ready` }
}
