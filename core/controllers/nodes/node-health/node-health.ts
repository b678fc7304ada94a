/**
 * Notices nodes that have fallen silent, says so in their conditions and taints, and marks their Pods as not ready.
 * Mirrors pkg/controller/nodelifecycle/node_lifecycle_controller.go.
 */
import { conditionOf } from '../../../api/conditions.ts'
import { refOf, timestamp, type Ref } from '../../../api/meta.ts'
import { count } from '../../../api/state/sentences.ts'
import type { Lease } from '../../../api/types/coordination.ts'
import type { Node, NodeCondition, Pod, Taint } from '../../../api/types/core.ts'
import { equal } from '../../../base/json.ts'
import { defineController } from '../../../loop/controller.ts'
import type { Plan, Reason, Step } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { isReady } from '../../../api/pod-lifecycle.ts'
import { isReadyNode, stateChanges, turnOf, type Turn } from './zones.ts'

/** Silence after which a node counts as unreachable (upstream's default since 1.32), and for one that never spoke. */
const graceMs = 50_000
const startGraceMs = 60_000
const leases = 'kube-node-lease'
const heard = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const
const key = (name: string) => `node.kubernetes.io/${name}`
const notReady = key('not-ready')
const unreachable = key('unreachable')
/** Condition → the taint that keeps new Pods away while it is True. */
const pressure: Readonly<Record<string, string>> = {
  MemoryPressure: key('memory-pressure'),
  DiskPressure: key('disk-pressure'),
  PIDPressure: key('pid-pressure'),
  NetworkUnavailable: key('network-unavailable'),
}
const ownKeys: ReadonlySet<string> = new Set([notReady, unreachable, key('unschedulable'), ...Object.values(pressure)])

export const nodeHealth = defineController<Node>({
  name: 'node-lifecycle-controller',
  component: 'node-controller',
  reconciles: 'Node',
  wakesOn: ['Lease', 'Pod', 'Node'],

  /** A heartbeat matters only from a node thought to be silent: the next look is due in time anyway. */
  wakes(event, snapshot): readonly Ref[] {
    const { type, object } = event
    // Others wait for their turn, which a change of the zone moves.
    if (object.kind === 'Node') return stateChanges(event, snapshot) ? snapshot.list<Node>('Node').filter((node) => !isReadyNode(node)).map(refOf) : []
    const name = object.kind === 'Pod' ? (object as Pod).spec.nodeName : object.metadata.namespace === leases ? object.metadata.name : undefined
    const node = name ? snapshot.get<Node>('Node', undefined, name) : undefined
    if (!node || type === 'DELETED' || conditionOf(node.status?.conditions, 'Ready')?.status === 'True') return []
    return object.kind === 'Lease' || isReady(object as Pod) ? [refOf(node)] : []
  },

  plan({ object: node, ref, snapshot, now, awakeSinceMs }) {
    if (!node) return gone(ref)
    const ready = conditionOf(node.status?.conditions, 'Ready')
    const heartbeat = lastSign(node, snapshot)
    const since = Math.max(heartbeat, awakeSinceMs)
    const due = since + (ready ? graceMs : startGraceMs)
    const silent = now > due
    const conditions = silent ? silenced(node, now) : (node.status?.conditions ?? [])
    const state = conditionOf(conditions, 'Ready')?.status ?? 'Unknown'
    const steps: Step[] = []
    const quietFor = Math.round((now - heartbeat) / 1000)
    const because = ready || silent ? summary(state, quietFor, conditionOf(conditions, 'Ready')?.message) : { code: 'NodeStarting', say: 'has not said anything yet', why: `it came ${count(quietFor, 'second')} ago, ${startGraceMs / 1000} are allowed` }

    if (!equal(conditions, node.status?.conditions ?? [])) {
      const event = ready?.status === 'True' ? { event: { type: 'Normal' as const, message: `Node ${node.metadata.name} status is now: NodeNotReady` } } : {}
      steps.push({ do: 'patch', ref: refOf(node), subresource: 'status', patch: { status: { conditions } }, because: { ...because, code: 'NodeNotReady', ...event } })
    }
    // A node that has said nothing yet loses the taint it was born with, as upstream's does (doNoScheduleTaintingPass); silence brings the next.
    const answers = (other: Node) => isReadyNode(other) && now <= Math.max(lastSign(other, snapshot), awakeSinceMs) + graceMs
    const shown = ready || silent ? state : 'True'
    const turn = state === 'True' || !(ready || silent) ? undefined : turnOf(node, conditions, answers, snapshot, now)
    const taints = taintsOf(node, conditions, shown, turn, now)
    if (!equal(taints, node.spec?.taints ?? [])) {
      steps.push({ do: 'patch', ref: refOf(node), patch: { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } }, because: { ...because, code: 'NodeTainted' } })
    }
    if (node.spec?.taints?.some(isBirthmark) && !taints.some(isBirthmark)) steps.push({ do: 'note', ref: refOf(node), because: registered(node) })
    if (ready && state !== 'True') steps.push(...markPods(snapshot.podsOn<Pod>(node.metadata.name), node, now))
    const labels = systemLabels(node)
    if (labels) steps.push({ do: 'patch', ref: refOf(node), patch: { metadata: { labels } }, because: { ...because, code: 'NodeLabelled' } })
    const wait = turn?.how === 'later' ? turn.atMs : undefined
    const requeueAt = silent ? wait : Math.min(due + 1, wait ?? Number.POSITIVE_INFINITY)
    const told = turn?.why === undefined ? because : { ...because, why: `${because.why}; ${turn.why}` }
    return { steps, because: told, ...(requeueAt === undefined ? {} : { requeueAt }) }
  },
})

/** The taint that admission gives a new node, alone of those with this key, tells no time: when it goes, the node is met for the first time. */
const isBirthmark = (taint: Taint): boolean => taint.key === notReady && taint.effect === 'NoSchedule' && taint.timeAdded == null

function registered({ metadata: { name } }: Node): Reason {
  return { code: 'RegisteredNode', say: `counts ${name} among the machines`, why: 'it is new', event: { type: 'Normal', message: `Node ${name} event: Registered Node ${name} in Controller` } }
}

function gone(ref: Ref): Plan {
  const because: Reason = { code: 'RemovingNode', say: `counts ${ref.name} among the machines no more`, why: 'the node is gone', event: { type: 'Normal', message: `Node ${ref.name} event: Removing Node ${ref.name} from Controller` } }
  return { steps: [{ do: 'note', ref, because }], because }
}

const time = (text: string | null | undefined): number => (text ? Date.parse(text) || 0 : 0)
const renewed = (node: Node, snapshot: Snapshot): number => time(snapshot.get<Lease>('Lease', leases, node.metadata.name)?.spec?.renewTime)
/** The last sign of life; its coming counts as one. */
const lastSign = (node: Node, snapshot: Snapshot): number =>
  Math.max(renewed(node, snapshot), time(conditionOf(node.status?.conditions, 'Ready')?.lastHeartbeatTime), time(node.metadata.creationTimestamp))

function silenced(node: Node, now: number): NodeCondition[] {
  const at = timestamp(now)
  const before = node.status?.conditions ?? []
  const changed = before.map((condition): NodeCondition =>
    heard.some((type) => type === condition.type) && condition.status !== 'Unknown'
      ? { ...condition, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: at }
      : condition,
  )
  const missing = heard.filter((type) => !conditionOf(before, type))
  return [
    ...changed,
    ...missing.map((type): NodeCondition => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: at,
    })),
  ]
}

function taintsOf(node: Node, conditions: readonly NodeCondition[], state: string, turn: Turn | undefined, now: number): Taint[] {
  const wanted: { key: string; effect: 'NoSchedule' | 'NoExecute' }[] = []
  if (state !== 'True') {
    const lost = state === 'Unknown' ? unreachable : notReady
    wanted.push({ key: lost, effect: 'NoSchedule' })
    if (turn?.how === 'now') wanted.push({ key: lost, effect: 'NoExecute' })
  }
  for (const { type, status } of conditions) if (status === 'True' && pressure[type]) wanted.push({ key: pressure[type], effect: 'NoSchedule' })
  if (node.spec?.unschedulable) wanted.push({ key: key('unschedulable'), effect: 'NoSchedule' })
  const before = node.spec?.taints ?? []
  const same = (a: { key: string; effect: string }, b: { key: string; effect: string }) => a.key === b.key && a.effect === b.effect
  const kept = before.filter((taint) => !ownKeys.has(taint.key) || (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') || wanted.some((other) => same(other, taint)))
  const added = wanted.filter((taint) => !before.some((other) => same(other, taint)))
  return [...kept, ...added.map((taint): Taint => ({ ...taint, timeAdded: timestamp(now) }))]
}

function markPods(pods: readonly Pod[], node: Node, now: number): Step[] {
  return pods.filter(isReady).map((pod): Step => {
    const conditions = (pod.status?.conditions ?? []).map((condition) => (condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: timestamp(now) } : condition))
    return {
      do: 'patch',
      ref: refOf(pod),
      subresource: 'status',
      patch: { status: { conditions } },
      because: {
        code: 'NodeNotReady',
        say: `counts ${pod.metadata.name} as not ready`,
        why: `node ${node.metadata.name} does not answer`,
        refs: [refOf(node)],
        event: { type: 'Warning', message: 'Node is not ready', regarding: refOf(pod) },
      },
    }
  })
}

function summary(state: string, quietFor: number, message: string | undefined): Reason {
  if (state === 'True') return { code: 'Ready', say: 'is ready', why: `heard from it, patience ends after ${graceMs / 1000} s of silence` }
  if (state === 'Unknown') return { code: 'NodeSilent', say: 'is out of reach', why: `not heard from it for ${count(quietFor, 'second')}, ${graceMs / 1000} are allowed` }
  return { code: 'NodeNotReady', say: 'is not ready', why: message ?? 'it says so' }
}

/** Older names of the same labels (upstream: labelReconcileInfo). */
const olderNames = [['kubernetes.io/os', 'beta.kubernetes.io/os'], ['kubernetes.io/arch', 'beta.kubernetes.io/arch']] as const

function systemLabels({ metadata }: Node): Record<string, string> | undefined {
  const missing = olderNames.filter(([name, older]) => metadata.labels?.[name] !== undefined && metadata.labels[older] !== metadata.labels[name])
  return missing.length === 0 ? undefined : Object.fromEntries(missing.map(([name, older]) => [older, metadata.labels![name]!]))
}
