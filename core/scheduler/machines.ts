/**
 * The scheduler's own books: sums per node and counters per group, kept up to date change by change, with the Pods it has
 * placed but not yet seen come back (assumed) and what it promised for them. The same class over a whole snapshot serves previews.
 */
import { labelSelector } from '../api/label-selector.ts'
import { controllerOf } from '../api/meta.ts'
import { isFinished } from '../api/pod-lifecycle.ts'
import type { Namespace, Node, Pod, ReplicationController, Service } from '../api/types/core.ts'
import type { ReplicaSet, StatefulSet } from '../api/types/apps.ts'
import type { LabelSelector } from '../api/types/meta.ts'
import { equal } from '../base/json.ts'
import type { WatchEvent } from '../loop/client.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { leadingLabel } from './affinity-terms.ts'
import { HeldTerms, Tallies, type AffinityGroup, type PlacedPod, type Tally } from './machines/groups.ts'
import { Nominations } from './machines/nominations.ts'
import { byTurns, zoneOf } from './machines/order.ts'
import { Promises } from './machines/promises.ts'
import { nodeInfo, withNode, withoutPod, withPod, type NodeInfo } from './node-info.ts'
import { otherKinds, type Change, type OtherKind, type View } from './plugin.ts'
import { podInfo, resizeFacts, type PodInfo } from './pod-info.ts'

interface Placed extends PlacedPod {
  readonly assumed: boolean
}

const leaving = (pod: PodInfo) => pod.pod.metadata.deletionTimestamp !== undefined
export class Machines implements View {
  readonly objects: Promises
  readonly nominations = new Nominations()
  #nodes: NodeInfo[] = []
  readonly #at = new Map<string, number>()
  /** Nodes came or changed zones since they were put in order. */
  #disordered = false
  readonly #placed = new Map<string, Placed>()
  /** By node name; also of Pods whose node is not (or no longer) known. */
  readonly #on = new Map<string, Map<string, Placed>>()
  readonly #in = new Map<string, Map<string, Placed>>()
  readonly #tallies = new Tallies()
  readonly #antiTerms = new HeldTerms()
  readonly #preferences = new HeldTerms()
  readonly #imageNodes = new Map<string, number>()
  readonly #snapshot: Snapshot

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
    this.objects = new Promises(snapshot)
  }

  static of(snapshot: Snapshot): Machines {
    const machines = new Machines(snapshot)
    for (const node of snapshot.list<Node>('Node')) machines.#putNode(node)
    for (const pod of snapshot.list<Pod>('Pod')) {
      if (isFinished(pod)) continue
      if (pod.spec.nodeName) machines.#place(podInfo(pod), pod.spec.nodeName, false)
      else if (pod.status?.nominatedNodeName) machines.nominations.set(podInfo(pod), pod.status.nominatedNodeName)
    }
    return machines
  }

  get nodes(): readonly NodeInfo[] {
    if (this.#disordered) {
      this.#disordered = false
      this.#nodes = byTurns(this.#nodes)
      this.#nodes.forEach(({ name }, at) => this.#at.set(name, at))
    }
    return this.#nodes
  }

  node(name: string): NodeInfo | undefined {
    const at = this.#at.get(name)
    return at === undefined ? undefined : this.#nodes[at]
  }

  *podsOn(node: string): Generator<PodInfo> {
    for (const { pod } of this.#on.get(node)?.values() ?? []) yield pod
  }

  nominatedOn(node: string): Iterable<PodInfo> {
    return this.nominations.on(node)
  }

  get hasNominations(): boolean {
    return this.nominations.any
  }

  nodesWithImage(image: string): number {
    return this.#imageNodes.get(image) ?? 0
  }

  counts(namespace: string, selector: LabelSelector): ReadonlyMap<string, number> {
    const parsed = labelSelector(selector)
    return this.tally({
      key: `${namespace}\n${JSON.stringify(selector)}`,
      namespaces: new Set([namespace]),
      label: leadingLabel(parsed),
      matches: (pod) => !leaving(pod) && parsed.matches(pod.labels),
    })
  }

  tally(question: Tally): ReadonlyMap<string, number> {
    return this.#tallies.get(question, () => this.#placedIn(question.namespaces))
  }

  *#placedIn(namespaces: ReadonlySet<string> | undefined): Generator<PlacedPod> {
    if (!namespaces) yield* this.#placed.values()
    else for (const namespace of namespaces) yield* this.#in.get(namespace)?.values() ?? []
  }

  antiAffinityTowards(pod: PodInfo): Iterable<AffinityGroup> {
    return this.#antiTerms.towards(pod, this.#namespaceLabels(pod))
  }

  preferencesTowards(pod: PodInfo): Iterable<AffinityGroup> {
    return this.#preferences.towards(pod, this.#namespaceLabels(pod))
  }

  #namespaceLabels(pod: PodInfo): Readonly<Record<string, string>> | undefined {
    return this.#snapshot.get<Namespace>('Namespace', undefined, pod.namespace)?.metadata.labels
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
    if (owner?.kind === 'ReplicationController') {
      const labels = this.#snapshot.get<ReplicationController>('ReplicationController', pod.namespace, owner.name)?.spec?.selector
      return found || labels ? { matchLabels: { ...matchLabels, ...labels } } : undefined
    }
    const set = owner?.kind === 'ReplicaSet' || owner?.kind === 'StatefulSet' ? this.#snapshot.get<ReplicaSet | StatefulSet>(owner.kind, pod.namespace, owner.name)?.spec?.selector : undefined
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
    const { kind } = event.object
    if (kind === 'Node') return this.#applyNode(event.type, event.object as Node)
    if (kind === 'Pod') return this.#applyPod(event.type, event.object as Pod, event.previous as Pod | undefined)
    if (!isOther(kind)) return undefined
    const what = event.type === 'ADDED' ? 'added' : event.type === 'DELETED' ? 'removed' : 'changed'
    return { kind, what, object: event.object, ...(event.previous ? { previous: event.previous } : {}) }
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

  #applyPod(type: WatchEvent['type'], pod: Pod, previous: Pod | undefined): Change | undefined {
    const { uid } = pod.metadata
    const before = this.#placed.get(uid)
    const node = pod.spec.nodeName ?? ''
    if (type === 'DELETED' || isFinished(pod)) {
      if (before) this.#unplace(uid)
      const promised = this.nominations.nodeOf(uid)
      if (promised !== undefined) this.nominations.set(podInfo(pod), undefined)
      const gone = before ?? (promised === undefined ? undefined : { pod: podInfo(pod), node: promised })
      return gone && { kind: 'Pod', what: 'removed', pod: gone.pod, node: gone.node }
    }
    if (node === '') {
      // Only a change of the field counts: what the scheduler has just promised may not be written yet.
      const named = pod.status?.nominatedNodeName ?? ''
      const last = previous?.status?.nominatedNodeName ?? ''
      if (before === undefined && (previous === undefined || last !== named)) this.nominations.set(podInfo(pod), named)
      // Room that was kept for it is free for others, as if it had gone from there (upstream: hasNominatedNodeNameChanged).
      return last === '' || last === named ? undefined : { kind: 'Pod', what: 'removed', pod: podInfo(previous!), node: last }
    }
    this.nominations.set(before?.pod ?? podInfo(pod), undefined)
    if (before && before.node === node && sameForUs(before.pod.pod, pod)) {
      // Most changes of a Pod are news of its status: the sums stand.
      this.#note({ pod: { ...before.pod, pod }, node, assumed: false })
      return before.assumed ? { kind: 'Pod', what: 'placed', pod: before.pod, node } : undefined
    }
    const info = podInfo(pod)
    this.#place(info, node, false)
    if (!before) return { kind: 'Pod', what: 'placed', pod: info, node }
    if (leaving(info) !== leaving(before.pod)) return { kind: 'Pod', what: 'labels', pod: before.pod, node }
    if (!equal(info.requests, before.pod.requests)) return { kind: 'Pod', what: 'freed', pod: before.pod, node }
    return equal(before.pod.labels, info.labels) ? undefined : { kind: 'Pod', what: 'labels', pod: info, before: before.pod, node }
  }

  #note(placed: Placed): void {
    const { uid, namespace } = placed.pod
    this.#placed.set(uid, placed)
    inner(this.#on, placed.node).set(uid, placed)
    inner(this.#in, namespace).set(uid, placed)
  }

  #place(pod: PodInfo, node: string, assumed: boolean): void {
    if (this.#placed.has(pod.uid)) this.#unplace(pod.uid)
    this.#note({ pod, node, assumed })
    const at = this.#at.get(node)
    if (at !== undefined) this.#nodes[at] = withPod(this.#nodes[at]!, pod)
    this.#count(pod, node, 1)
  }

  #unplace(uid: string): void {
    const placed = this.#placed.get(uid)
    if (!placed) return
    const { pod, node } = placed
    this.#placed.delete(uid)
    forget(this.#on, node, uid)
    forget(this.#in, pod.namespace, uid)
    const at = this.#at.get(node)
    if (at !== undefined) this.#nodes[at] = withoutPod(this.#nodes[at]!, pod)
    this.#count(pod, node, -1)
  }

  #count(pod: PodInfo, node: string, by: 1 | -1): void {
    this.#tallies.count(pod, node, by)
    if (!pod.affinity) return
    for (const term of pod.affinity.requiredAnti) this.#antiTerms.count(term, node, by)
    for (const term of pod.affinity.required) this.#preferences.count(term, node, by)
    for (const term of pod.affinity.preferred) this.#preferences.count(term, node, by)
  }

  #putNode(node: Node): NodeInfo {
    const name = node.metadata.name
    const at = this.#at.get(name)
    const before = at === undefined ? undefined : this.#nodes[at]!
    let after = before ? withNode(before, node) : nodeInfo(node)
    if (before) this.#countImages(before, -1)
    this.#countImages(after, 1)
    if (at === undefined) {
      for (const pod of this.podsOn(name)) after = withPod(after, pod)
      this.#at.set(name, this.#nodes.push(after) - 1)
    } else this.#nodes[at] = after
    if (!before || zoneOf(before) !== zoneOf(after)) this.#disordered = true
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

const isOther = (kind: string): kind is OtherKind => (otherKinds as readonly string[]).includes(kind)

const sameForUs = (a: Pod, b: Pod): boolean =>
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp && equal(a.metadata.labels, b.metadata.labels)
  && (a.spec === b.spec || equal({ ...a.spec, nodeName: undefined }, { ...b.spec, nodeName: undefined })) && equal(resizeFacts(a), resizeFacts(b))

const covers = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean => {
  for (const key in selector) if (selector[key] !== labels[key]) return false
  return true
}

function inner(map: Map<string, Map<string, Placed>>, key: string): Map<string, Placed> {
  let found = map.get(key)
  if (!found) map.set(key, (found = new Map()))
  return found
}

function forget(map: Map<string, Map<string, Placed>>, key: string, uid: string): void {
  const found = map.get(key)
  found?.delete(uid)
  if (found?.size === 0) map.delete(key)
}
