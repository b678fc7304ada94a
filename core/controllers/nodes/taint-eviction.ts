/**
 * Moves Pods off nodes with NoExecute taints, after as long as each Pod tolerates them.
 * Mirrors pkg/controller/tainteviction/taint_eviction.go.
 */
import { withCondition } from '../../api/conditions.ts'
import { refOf, timestamp } from '../../api/meta.ts'
import { covers } from '../../api/node-selector.ts'
import { count } from '../../api/state/sentences.ts'
import type { Node, Pod, Taint } from '../../api/types/core.ts'
import { equal, isObject } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Step } from '../../loop/plan.ts'
import { isLeaving, podCondition } from '../../api/pod-lifecycle.ts'

/** What admission gives every Pod that says nothing about the two (upstream: DefaultTolerationSeconds). */
const patienceSeconds = 300
const patient: ReadonlySet<string> = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])

export const taintEviction = defineController<Node>({
  name: 'taint-eviction-controller',
  reconciles: 'Node',
  wakesOn: ['Pod'],

  concerns: ({ type, object, previous }) => type !== 'DELETED' && !equal(noExecute(object as Node), previous ? noExecute(previous as Node) : []),

  wakes({ type, object, previous }, snapshot) {
    const { nodeName, tolerations } = (object as Pod).spec
    const before = (previous as Pod | undefined)?.spec
    if (type === 'DELETED' || !nodeName || (before?.nodeName === nodeName && equal(before.tolerations, tolerations))) return []
    const node = snapshot.get<Node>('Node', undefined, nodeName)
    return node && noExecute(node).length > 0 ? [refOf(node)] : []
  },

  plan({ object: node, snapshot, now }) {
    const taints = node ? noExecute(node) : []
    if (!node || taints.length === 0) return nothing({ code: 'Untainted', say: 'lets Pods stay', why: 'no taint drives them away' })
    const steps: Step[] = []
    let next: number | undefined
    let staying = 0
    for (const pod of snapshot.podsOn<Pod>(node.metadata.name)) {
      if (isLeaving(pod)) continue
      const due = leavesAt(pod, node, taints)
      if (due === undefined) staying++
      else if (due <= now) steps.push(...evict(pod, node, taints, now))
      else next = Math.min(next ?? due, due)
    }
    const names = [...new Set(taints.map((taint) => taint.key.replace('node.kubernetes.io/', '')))].join(', ')
    const leaving = steps.length / 2
    const because =
      leaving > 0
        ? { code: 'TaintManagerEviction', say: `moved ${count(leaving, 'Pod')} away`, why: `the node is ${names}` }
        : next === undefined
          ? { code: 'Tolerated', say: `lets ${count(staying, 'Pod')} stay`, why: `they tolerate ${names}` }
          : { code: 'Waiting', say: `will move Pods away in ${Math.ceil((next - now) / 1000)} s`, why: `the node is ${names}, and its Pods tolerate that for a time` }
    return { steps, because, ...(next === undefined ? {} : { requeueAt: next }) }
  },
})

const noExecute = (node: Node): Taint[] => (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

const time = (text: string | null | undefined): number | undefined => (text ? Date.parse(text) || undefined : undefined)

/** A taint that people add carries no time: then it is when somebody last wrote the node's taints. */
function addedAt({ metadata }: Node, { timeAdded }: Taint): number {
  const stated = time(timeAdded)
  if (stated !== undefined) return stated
  const writes = (metadata.managedFields ?? []).filter(({ fieldsV1 }) => isObject(fieldsV1?.['f:spec']) && fieldsV1['f:spec']['f:taints'] !== undefined)
  return Math.max(0, ...writes.map((entry) => time(entry.time) ?? 0))
}

/** When the Pod must go: its patience begins with the taint, or with its coming where that is later; undefined where it may stay for ever. */
function leavesAt(pod: Pod, node: Node, taints: readonly Taint[]): number | undefined {
  const placed = time(podCondition(pod, 'PodScheduled')?.lastTransitionTime) ?? time(pod.metadata.creationTimestamp) ?? 0
  let earliest: number | undefined
  for (const taint of taints) {
    const matching = (pod.spec.tolerations ?? []).filter((toleration) => covers(toleration, taint))
    const seconds = matching.length === 0 ? [patient.has(taint.key) ? patienceSeconds : 0] : matching.map(({ tolerationSeconds }) => tolerationSeconds).filter((n) => n !== undefined)
    if (seconds.length === 0) continue
    const due = Math.max(addedAt(node, taint), placed) + Math.max(0, Math.min(...seconds)) * 1000
    earliest = Math.min(earliest ?? due, due)
  }
  return earliest
}

function evict(pod: Pod, node: Node, taints: readonly Taint[], now: number): Step[] {
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
  const because = {
    code: 'TaintManagerEviction',
    say: `moved ${pod.metadata.name} away from ${node.metadata.name}`,
    why: `the node is ${taints.map((taint) => taint.key.replace('node.kubernetes.io/', '')).join(', ')}, longer than the Pod tolerates`,
    refs: [refOf(node)],
  }
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: timestamp(now) }
  return [
    { do: 'patch', ref: refOf(pod), subresource: 'status', patch: { status: { conditions: withCondition(pod.status?.conditions ?? [], condition) } }, because },
    { do: 'delete', ref: refOf(pod), because: { ...because, event: { type: 'Normal', message: `Marking for deletion Pod ${name}`, regarding: refOf(pod) } } },
  ]
}
