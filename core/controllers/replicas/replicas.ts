/**
 * Keeps as many Pods of one template as wanted: the planner of ReplicaSets and of ReplicationControllers, which differ in
 * names only. Mirrors pkg/controller/replicaset/replica_set.go; the runner's revision barrier stands in for its
 * expectations, its widening batches for the slow start.
 */
import { conditionOf, withCondition, withoutCondition } from '../../api/conditions.ts'
import { controllerOf, refOf, timestamp, type KubeObject } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { ReplicaSetStatus } from '../../api/types/apps.ts'
import type { Pod, PodTemplateSpec } from '../../api/types/core.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import { defineController, type Controller } from '../../loop/controller.ts'
import { nothing, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { claim } from '../planning/ownership.ts'
import { podFrom } from '../planning/pod-from-template.ts'
import { availableFrom, isActive, isFinished, isLeaving, isReady } from '../../api/pod-lifecycle.ts'
import { refusedPod } from '../planning/refused-pod.ts'
import { matchesAll } from '../planning/selector.ts'
import { difference, orAbsent } from '../planning/status-patch.ts'
import { changesCount, ownersAndSuitors } from '../planning/wake-ups.ts'
import { shortName } from '../planning/words.ts'
import { firstToStop } from './scale-down.ts'

/** At most so many Pods are made or stopped in one pass. */
const burst = 500

/** What both kinds have in common. */
export interface Replicated extends KubeObject {
  spec: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec }
  status: ReplicaSetStatus
}

export interface Flavour<T extends Replicated> {
  readonly kind: string
  readonly name: string
  /** Who Events are from. */
  readonly component: string
  selectorOf(object: T): LabelSelector
  /** The status says how many Pods are still on their way out. */
  readonly countsLeaving: boolean
}

export const replicas = <T extends Replicated>(flavour: Flavour<T>): Controller<T> => defineController<T>({
  name: flavour.name,
  component: flavour.component,
  reconciles: flavour.kind,
  wakesOn: ['Pod'],

  wakes: (event, snapshot) => (changesCount(event) ? ownersAndSuitors<T>(event, flavour.kind, flavour.selectorOf, snapshot) : []),

  plan({ object: rs, snapshot, now }) {
    if (!rs) return nothing({ code: 'Gone', say: 'nothing left to do', why: `the ${flavour.kind} is gone` })
    const { active, leaving, claims } = podsOf(flavour, rs, snapshot)
    const wanted = rs.spec.replicas ?? 1
    const steps: Step[] = [...claims]
    if (rs.metadata.deletionTimestamp === undefined) {
      if (active.length < wanted) steps.push(...create(rs, active.length, wanted))
      else if (active.length > wanted) steps.push(...stop(flavour, rs, active, wanted, snapshot, now))
    }
    const status = statusOf(flavour, rs, active, leaving, now)
    const because = summary(rs, active.length, status)
    const patch = difference(rs.status, status)
    if (patch) steps.push({ do: 'patch', ref: refOf(rs), subresource: 'status', patch: { status: patch }, because: { ...because, code: 'StatusUpdated' } })
    const requeueAt = nextAvailability(active, rs.spec.minReadySeconds ?? 0, now)
    return { steps, because, ...(requeueAt === undefined ? {} : { requeueAt }) }
  },

  onFailure({ object: rs, snapshot, now }, { step, message }) {
    const because = refusedPod(step, message)
    if (!rs || !because) return []
    const making = step.do === 'create'
    const { active, leaving } = podsOf(flavour, rs, snapshot)
    const conditions = rs.status?.conditions ?? []
    const failing = conditionOf(conditions, 'ReplicaFailure')
    const next = failing ? conditions : withCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason: because.code, message: making ? message : `unable to delete pods: ${message}`, lastTransitionTime: timestamp(now) })
    const patch = difference(rs.status, { ...statusOf(flavour, rs, active, leaving, now), conditions: next })
    return [patch ? { do: 'patch', ref: refOf(rs), subresource: 'status', patch: { status: patch }, because } : { do: 'note', ref: refOf(rs), because }]
  },
})

function podsOf<T extends Replicated>({ selectorOf }: Flavour<T>, rs: T, snapshot: Snapshot): { active: readonly Pod[]; leaving: readonly Pod[]; claims: readonly Step[] } {
  const { claimed, steps } = claim<Pod>(rs, selectorOf(rs), 'Pod', snapshot, isActive)
  return { active: claimed.filter(isActive), leaving: claimed.filter((pod) => isLeaving(pod) && !isFinished(pod)), claims: steps }
}

function create(rs: Replicated, running: number, wanted: number): Step[] {
  const { template } = rs.spec
  if (!template) return []
  const object = podFrom(template, rs)
  const because: Reason = {
    code: 'SuccessfulCreate',
    say: 'started a Pod',
    why: `${wanted} wanted, ${running === 0 ? 'none' : running} there`,
    event: { type: 'Normal', message: 'Created pod: {name}' },
  }
  const step: Step = { do: 'create', object, because }
  return Array.from({ length: Math.min(wanted - running, burst) }, () => step)
}

function stop<T extends Replicated>(flavour: Flavour<T>, rs: T, active: readonly Pod[], wanted: number, snapshot: Snapshot, now: number): Step[] {
  const pods = firstToStop(active, Math.min(active.length - wanted, burst), relatedPods(flavour.kind, rs, snapshot), now)
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

/** Pods of every such set under the same owner: they share nodes and count as company. */
function relatedPods(kind: string, rs: Replicated, snapshot: Snapshot): readonly Pod[] {
  const owner = controllerOf(rs.metadata)
  const sets = owner ? snapshot.ownedBy(owner.uid, kind) : [rs]
  return sets.flatMap((set) => snapshot.ownedBy<Pod>(set.metadata.uid, 'Pod'))
}

function statusOf<T extends Replicated>({ countsLeaving }: Flavour<T>, rs: T, active: readonly Pod[], leaving: readonly Pod[], now: number): ReplicaSetStatus {
  const labels = rs.spec.template?.metadata?.labels
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
    ...(countsLeaving ? { terminatingReplicas: leaving.length } : {}),
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

function summary(rs: Replicated, running: number, status: ReplicaSetStatus): Reason {
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
