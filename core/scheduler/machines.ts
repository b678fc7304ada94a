/**
 * The scheduler's own books: sums per node and counters per group, kept up to date change by change, with the Pods it has
 * placed but not yet seen come back (assumed). The same class over a whole snapshot serves previews.
 */
import { labelSelector, type Selector } from '../api/label-selector.ts'
import { controllerOf } from '../api/meta.ts'
import type { Node, Pod, Service } from '../api/types/core.ts'
import type { ReplicaSet } from '../api/types/apps.ts'
import type { LabelSelector } from '../api/types/meta.ts'
import { equal } from '../base/json.ts'
import type { WatchEvent } from '../loop/client.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { nodeInfo, withNode, withoutPod, withPod, type NodeInfo } from './node-info.ts'
import type { Change, View } from './plugin.ts'
import { podInfo, type PodInfo } from './pod-info.ts'

interface Placed {
  readonly pod: PodInfo
  readonly node: string
  readonly assumed: boolean
}

/** How many Pods of a group run where. Made at the first question, kept while asked for. */
interface Counter {
  readonly namespace: string
  readonly selector: Selector
  readonly byNode: Map<string, number>
}

const countersAtMost = 2_000
const leaving = (pod: PodInfo) => pod.pod.metadata.deletionTimestamp !== undefined
const ended = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

export class Machines implements View {
  readonly #nodes: NodeInfo[] = []
  readonly #at = new Map<string, number>()
  readonly #placed = new Map<string, Placed>()
  /** Uids by node name; also of Pods whose node is not (or no longer) known. */
  readonly #uidsOn = new Map<string, Set<string>>()
  readonly #counters = new Map<string, Counter>()
  readonly #imageNodes = new Map<string, number>()
  readonly #snapshot: Snapshot

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  static of(snapshot: Snapshot): Machines {
    const machines = new Machines(snapshot)
    for (const node of snapshot.list<Node>('Node')) machines.#putNode(node)
    for (const pod of snapshot.list<Pod>('Pod')) if (pod.spec.nodeName && !ended(pod)) machines.#place(podInfo(pod), pod.spec.nodeName, false)
    return machines
  }

  get nodes(): readonly NodeInfo[] {
    return this.#nodes
  }

  node(name: string): NodeInfo | undefined {
    const at = this.#at.get(name)
    return at === undefined ? undefined : this.#nodes[at]
  }

  nodesWithImage(image: string): number {
    return this.#imageNodes.get(image) ?? 0
  }

  counts(namespace: string, selector: LabelSelector): ReadonlyMap<string, number> {
    const key = `${namespace}\n${JSON.stringify(selector)}`
    let counter = this.#counters.get(key)
    if (counter) return counter.byNode
    if (this.#counters.size >= countersAtMost) this.#counters.delete(this.#counters.keys().next().value!)
    counter = { namespace, selector: labelSelector(selector), byNode: new Map() }
    for (const placed of this.#placed.values()) count(counter, placed, 1)
    this.#counters.set(key, counter)
    return counter.byNode
  }

  groupOf(pod: PodInfo): LabelSelector | undefined {
    const matchLabels: Record<string, string> = {}
    let found = false
    for (const service of this.#snapshot.list<Service>('Service', pod.namespace)) {
      const selector = service.spec?.selector
      if (!selector || !covers(selector, pod.labels)) continue
      for (const key in selector) {
        matchLabels[key] = selector[key]!
        found = true
      }
    }
    const owner = controllerOf(pod.pod.metadata)
    const set = owner?.kind === 'ReplicaSet' ? this.#snapshot.get<ReplicaSet>('ReplicaSet', pod.namespace, owner.name)?.spec?.selector : undefined
    if (!found && !set) return undefined
    return { matchLabels: { ...matchLabels, ...set?.matchLabels }, ...(set?.matchExpressions ? { matchExpressions: set.matchExpressions } : {}) }
  }

  /** Counts the Pod on the node at once, before the server knows. */
  assume(pod: PodInfo, node: string): void {
    this.#place(pod, node, true)
  }

  /** Takes an assumed Pod back, where its binding failed. One that the cluster has confirmed stays. */
  forget(uid: string): void {
    if (this.#placed.get(uid)?.assumed) this.#unplace(uid)
  }

  isAssumed(uid: string): boolean {
    return this.#placed.get(uid)?.assumed === true
  }

  /** Brings one event into the books, and says what of it a waiting Pod could care about. */
  apply(event: WatchEvent): Change | undefined {
    if (event.object.kind === 'Node') return this.#applyNode(event.type, event.object as Node)
    if (event.object.kind === 'Pod') return this.#applyPod(event.type, event.object as Pod)
    return undefined
  }

  #applyNode(type: WatchEvent['type'], node: Node): Change | undefined {
    const before = this.node(node.metadata.name)
    if (type === 'DELETED') {
      this.#dropNode(node.metadata.name)
      return before && { kind: 'Node', what: ['removed'], node: before }
    }
    const after = this.#putNode(node)
    if (!before) return { kind: 'Node', what: ['added'], node: after }
    const what: Extract<Change, { kind: 'Node' }>['what'][number][] = []
    if (!equal(before.labels, after.labels)) what.push('labels')
    if (!equal(before.taints, after.taints)) what.push('taints')
    if (!equal(before.allocatable, after.allocatable)) what.push('allocatable')
    if (before.unschedulable !== after.unschedulable) what.push('schedulable')
    return what.length === 0 ? undefined : { kind: 'Node', what, node: after }
  }

  #applyPod(type: WatchEvent['type'], pod: Pod): Change | undefined {
    const before = this.#placed.get(pod.metadata.uid)
    const node = pod.spec.nodeName ?? ''
    if (type === 'DELETED' || ended(pod)) {
      if (before) this.#unplace(pod.metadata.uid)
      return before && { kind: 'Pod', what: 'removed', pod: before.pod, node: before.node }
    }
    if (node === '') return undefined
    if (before && before.node === node && sameForUs(before.pod.pod, pod)) {
      // Most changes of a Pod are news of its status: the sums stand.
      this.#placed.set(before.pod.uid, { pod: { ...before.pod, pod }, node, assumed: false })
      return undefined
    }
    const info = podInfo(pod)
    this.#place(info, node, false)
    if (!before) return { kind: 'Pod', what: 'placed', pod: info, node }
    if (leaving(info) !== leaving(before.pod)) return { kind: 'Pod', what: 'labels', pod: before.pod, node }
    if (!equal(info.requests, before.pod.requests)) return { kind: 'Pod', what: 'removed', pod: before.pod, node }
    return equal(before.pod.labels, info.labels) ? undefined : { kind: 'Pod', what: 'labels', pod: info, node }
  }

  #place(pod: PodInfo, node: string, assumed: boolean): void {
    if (this.#placed.has(pod.uid)) this.#unplace(pod.uid)
    const placed = { pod, node, assumed }
    this.#placed.set(pod.uid, placed)
    let uids = this.#uidsOn.get(node)
    if (!uids) this.#uidsOn.set(node, (uids = new Set()))
    uids.add(pod.uid)
    const at = this.#at.get(node)
    if (at !== undefined) this.#nodes[at] = withPod(this.#nodes[at]!, pod)
    for (const counter of this.#counters.values()) count(counter, placed, 1)
  }

  #unplace(uid: string): void {
    const placed = this.#placed.get(uid)
    if (!placed) return
    this.#placed.delete(uid)
    this.#uidsOn.get(placed.node)?.delete(uid)
    const at = this.#at.get(placed.node)
    if (at !== undefined) this.#nodes[at] = withoutPod(this.#nodes[at]!, placed.pod)
    for (const counter of this.#counters.values()) count(counter, placed, -1)
  }

  #putNode(node: Node): NodeInfo {
    const name = node.metadata.name
    const at = this.#at.get(name)
    const before = at === undefined ? undefined : this.#nodes[at]!
    let after = before ? withNode(before, node) : nodeInfo(node)
    if (before) this.#countImages(before, -1)
    this.#countImages(after, 1)
    if (at === undefined) {
      for (const uid of this.#uidsOn.get(name) ?? []) after = withPod(after, this.#placed.get(uid)!.pod)
      this.#at.set(name, this.#nodes.push(after) - 1)
    } else this.#nodes[at] = after
    return after
  }

  #dropNode(name: string): void {
    const at = this.#at.get(name)
    if (at === undefined) return
    this.#countImages(this.#nodes[at]!, -1)
    this.#nodes.splice(at, 1)
    this.#at.clear()
    for (let i = 0; i < this.#nodes.length; i++) this.#at.set(this.#nodes[i]!.name, i)
  }

  #countImages(node: NodeInfo, sign: 1 | -1): void {
    for (const image of node.images.keys()) {
      const n = (this.#imageNodes.get(image) ?? 0) + sign
      if (n > 0) this.#imageNodes.set(image, n)
      else this.#imageNodes.delete(image)
    }
  }
}

const sameForUs = (a: Pod, b: Pod): boolean =>
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp && equal(a.metadata.labels, b.metadata.labels)
  && (a.spec === b.spec || equal({ ...a.spec, nodeName: undefined }, { ...b.spec, nodeName: undefined }))

const covers = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean => {
  for (const key in selector) if (selector[key] !== labels[key]) return false
  return true
}

function count(counter: Counter, { pod, node }: Placed, by: 1 | -1): void {
  if (counter.namespace !== pod.namespace || leaving(pod) || !counter.selector.matches(pod.labels)) return
  const n = (counter.byNode.get(node) ?? 0) + by
  if (n > 0) counter.byNode.set(node, n)
  else counter.byNode.delete(node)
}
