/**
 * Removes Pods that nobody else will: those on nodes that are gone, those deleted before they were placed, and the oldest
 * finished ones beyond a limit. Mirrors pkg/controller/podgc/gc_controller.go.
 */
import { conditionOf, withCondition } from '../../api/conditions.ts'
import { refOf, timestamp, type KubeObject } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { Node, Pod } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { isFinished, isLeaving } from '../../api/pod-lifecycle.ts'

/** A node that comes back within this keeps its Pods. */
const quarantineMs = 40_000
const finishedAtMost = 12_500
/** At most so many are removed in one pass. */
const burst = 500
const outOfService = 'node.kubernetes.io/out-of-service'

export const podCleanup = defineController<KubeObject>({
  name: 'pod-garbage-collector-controller',
  reconciles: ['Pod', 'Node'],
  wakesOn: ['Pod', 'Node'],

  // A node that comes back is looked at, too: the time it has been gone begins anew.
  concerns: ({ type, object }) => (object.kind === 'Node' ? type !== 'MODIFIED' : type !== 'DELETED' && (isLeaving(object as Pod) || isFinished(object as Pod))),

  wakes({ type, object, previous }, snapshot) {
    if (object.kind === 'Node') return isOutOfService(object as Node) ? snapshot.podsOn<Pod>(object.metadata.name).filter(isLeaving).map(refOf) : []
    const { nodeName } = (object as Pod).spec
    const isNew = type === 'ADDED' || (type === 'MODIFIED' && (previous as Pod | undefined)?.spec.nodeName !== nodeName)
    return isNew && nodeName && !snapshot.get('Node', undefined, nodeName) ? [{ kind: 'Node', name: nodeName }] : []
  },

  plan({ object, ref, snapshot, now, absentSinceMs }) {
    if (ref.kind === 'Node') return object ? nothing({ code: 'Settled', say: 'nothing to do', why: 'the node is there' }) : forgetNode(ref.name, snapshot, now, absentSinceMs ?? now)
    const pod = object as Pod | undefined
    if (!pod) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Pod is gone' })
    if (!isLeaving(pod)) return forgetOldest(snapshot, now)
    const because = reasonToRemove(pod, snapshot)
    return because ? { steps: remove(pod, because, now), because } : nothing({ code: 'Settled', say: 'nothing to do', why: 'somebody looks after the Pod' })
  },
})

const isOutOfService = (node: Node): boolean => (node.spec?.taints ?? []).some(({ key }) => key === outOfService) && conditionOf(node.status?.conditions, 'Ready')?.status !== 'True'

function forgetNode(name: string, snapshot: Snapshot, now: number, since: number): Plan {
  const pods = snapshot.podsOn<Pod>(name)
  if (pods.length === 0) return nothing({ code: 'Settled', say: 'nothing left to do', why: 'no Pod was on the node' })
  const due = since + quarantineMs
  const waiting: Reason = { code: 'Waiting', say: `waits before it removes ${count(pods.length, 'Pod')}`, why: `node ${name} is gone, but may come back within ${quarantineMs / 1000} s` }
  if (now < due) return nothing(waiting, due)
  const because: Reason = { code: 'OrphanedPodsRemoved', say: `removed ${count(pods.length, 'Pod')}`, why: `node ${name} is gone for ${Math.round((now - since) / 1000)} s` }
  return { steps: pods.flatMap((pod) => remove(pod, { ...because, say: `removed ${pod.metadata.name}` }, now, true)), because }
}

function reasonToRemove(pod: Pod, snapshot: Snapshot): Reason | undefined {
  if (!pod.spec.nodeName) return { code: 'UnscheduledPodRemoved', say: `removed ${pod.metadata.name}`, why: 'it was deleted before it had a node' }
  const node = snapshot.get<Node>('Node', undefined, pod.spec.nodeName)
  if (node && isOutOfService(node)) return { code: 'OutOfServicePodRemoved', say: `removed ${pod.metadata.name}`, why: `node ${node.metadata.name} is out of service`, refs: [refOf(node)] }
  return undefined
}

/** Whoever ends as one too many, the oldest go; evicted ones first, for they tell least. */
function forgetOldest(snapshot: Snapshot, now: number): Plan {
  const settled = nothing({ code: 'Settled', say: 'nothing to do', why: `no more than ${finishedAtMost} finished Pods are there` })
  if (snapshot.list('Pod').length <= finishedAtMost) return settled
  const finished = snapshot.list<Pod>('Pod').filter((pod) => isFinished(pod) && !isLeaving(pod))
  const tooMany = Math.min(finished.length - finishedAtMost, burst)
  if (tooMany <= 0) return settled
  const rank = ({ status }: Pod) => (status?.reason === 'Evicted' ? 0 : 1)
  const older = (a: Pod, b: Pod) =>
    rank(a) - rank(b) || Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1)
  const because: Reason = { code: 'FinishedPodsRemoved', say: `removed ${count(tooMany, 'finished Pod')}`, why: `${finished.length} are there, ${finishedAtMost} are kept` }
  return { steps: finished.sort(older).slice(0, tooMany).flatMap((pod) => remove(pod, { ...because, say: `removed ${pod.metadata.name}` }, now)), because }
}

/** Forced: there is nobody to end it gracefully. An unfinished Pod is marked as failed first. */
function remove(pod: Pod, because: Reason, now: number, nodeGone = false): Step[] {
  const steps: Step[] = []
  if (!isFinished(pod)) {
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', lastTransitionTime: timestamp(now) }
    const conditions = nodeGone ? { conditions: withCondition(pod.status?.conditions ?? [], condition) } : {}
    steps.push({ do: 'patch', ref: refOf(pod), subresource: 'status', patch: { status: { phase: 'Failed', ...conditions } }, because })
  }
  steps.push({ do: 'delete', ref: refOf(pod), gracePeriodSeconds: 0, because })
  return steps
}
