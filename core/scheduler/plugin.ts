/**
 * What a scheduler plugin is: one file that filters nodes, scores them, or both, and says why in words and numbers.
 * A stage gets the Pod and the view once a cycle and answers with functions over nodes; undefined means that the plugin
 * has nothing to say of this Pod. The functions must keep answering the same later: a cycle is explained by asking again,
 * so what they need of `view.objects`, `view.podsOn` and `view.tally` is read (or copied) when the stage is made.
 */
import type { KubeObject } from '../api/meta.ts'
import type { LabelSelector } from '../api/types/meta.ts'
import type { Step } from '../loop/plan.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { AffinityGroup, Tally } from './machines/groups.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { PreemptionCandidate } from './verdict.ts'

/** The cluster as one cycle sees it. */
export interface View {
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Every other object, with what this scheduler has promised (Reservation.assume) and the server does not yet show. */
  readonly objects: Snapshot
  /** Pods on the node, with those placed but not yet bound. */
  podsOn(node: string): Iterable<PodInfo>
  /** Living Pods of the namespace that match, by node; nodes without any are absent. Live: copy what must last. */
  counts(namespace: string, selector: LabelSelector): ReadonlyMap<string, number>
  /** The same for any question that can be named; leaving Pods count too. */
  tally(question: Tally): ReadonlyMap<string, number>
  /** Affinity terms of placed Pods that match this Pod, and how many Pods hold each, by node. */
  antiAffinityTowards(pod: PodInfo): Iterable<AffinityGroup>
  preferencesTowards(pod: PodInfo): Iterable<AffinityGroup>
  /** The selector of the Services and of the owner that this Pod belongs to; undefined where it belongs to none. */
  groupOf(pod: PodInfo): LabelSelector | undefined
  nodesWithImage(image: string): number
  /** Pods without a node that are promised room on this one after a preemption. */
  nominatedOn(node: string): Iterable<PodInfo>
  readonly hasNominations: boolean
}

export interface Rejection {
  /** Upstream's reason texts. */
  readonly reasons: readonly string[]
  /** Nothing that happens to other Pods can make it fit. */
  readonly unresolvable: boolean
}

/** The Pod cannot go anywhere, whatever the nodes (upstream: a PreFilter that says no). */
export interface Refusal {
  readonly refused: Rejection
  /** For people. */
  readonly say: string
  /** Something is only on its way (upstream: PreEnqueue): the Pod waits without an Event. */
  readonly quiet?: boolean
  /** What the plugin would say of nodes all the same, where the going of other Pods could lift the refusal. */
  readonly filter?: Filter
}

/** One node with other Pods than it has: a dry run of a preemption, or room kept for nominated Pods. */
export interface Hypothesis {
  /** The node as it would be, sums included. */
  readonly node: NodeInfo
  readonly added: readonly PodInfo[]
  readonly removed: readonly PodInfo[]
}

/** What a plugin promises for the chosen node (upstream: Reserve, PreBind). All of it is data; the scheduler's loop carries it out. */
export interface Reservation {
  /** Objects as they will be: every later cycle sees them in `view.objects`, until they are written or the promise is taken back. */
  readonly assume?: readonly KubeObject[]
  /** Executed in order before the binding; the first refusal takes the placement back. Make patches conditional by metadata.resourceVersion. */
  readonly steps: readonly Step[]
  /** Asked after the steps, and again whenever a kind in `waitsOn` changes. Absent: nothing to wait for. */
  ready?(objects: Snapshot): 'ready' | { readonly waits: string } | { readonly failed: string }
  readonly waitsOn?: readonly string[]
  /** The placement is taken back when it takes longer. */
  readonly timeoutMs?: number
}

export interface Filter {
  /** Names of the only nodes that come into question (upstream: PreFilterResult). */
  readonly only?: ReadonlySet<string>
  test(node: NodeInfo): Rejection | undefined
  /** The numbers compared, for a node that fits or does not. */
  tell(node: NodeInfo): string
  /** How far a rejected node is from fitting, in comparable parts of 1 (0.1: nearly). Absent: 1. */
  gap?(node: NodeInfo): number
  /** One sentence for people where this is what keeps the Pod waiting: the closest miss among `nodes`. */
  summary(nodes: readonly NodeInfo[]): string
  /** The filter if `hypothesis.node` had these Pods; only for filters that look at more than the NodeInfo. Only `test` of that node is asked. */
  assuming?(hypothesis: Hypothesis): Filter
  /** For the node that was chosen. */
  reserve?(node: NodeInfo, nowMs: number): Reservation | undefined
}

export interface Scorer {
  raw(node: NodeInfo): number
  /** Raw scores of all feasible nodes to 0-100, in place. Absent: raw is that already. */
  normalise?(scores: number[]): void
  tell(node: NodeInfo): string
}

/** Kinds besides Node and Pod whose changes can matter to a waiting Pod. */
export const otherKinds = [
  'Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'StorageClass', 'CSINode', 'CSIDriver', 'CSIStorageCapacity', 'VolumeAttachment',
  'ResourceClaim', 'ResourceSlice', 'DeviceClass',
] as const
export type OtherKind = (typeof otherKinds)[number]

/** What happened in the cluster, as far as a waiting Pod can care. */
export type Change =
  | { readonly kind: 'Node'; readonly what: readonly ('added' | 'removed' | 'labels' | 'taints' | 'allocatable' | 'schedulable')[]; readonly node: NodeInfo }
  /** `freed`: a Pod that stays asks for less; a change of labels, or of leaving, is `labels`. `before`: with its former labels. */
  | { readonly kind: 'Pod'; readonly what: 'placed' | 'removed' | 'labels' | 'freed'; readonly pod: PodInfo; readonly before?: PodInfo; readonly node: string }
  | { readonly kind: OtherKind; readonly what: 'added' | 'changed' | 'removed'; readonly object: KubeObject; readonly previous?: KubeObject }

export type Wake = Change['kind'] | `Pod ${Extract<Change, { kind: 'Pod' }>['what']}`

/** A Pod that fits nowhere, and the means to look for a way out (upstream: PostFilter). */
export interface Attempt {
  readonly pod: PodInfo
  readonly view: View
  readonly nowMs: number
  /** Nodes that the going of other Pods could make fit. */
  readonly hopeful: readonly NodeInfo[]
  /** Whether nothing that happens to other Pods can make this node fit. */
  isHopeless(node: string): boolean
  /** All filters on the node as it would be without these Pods, room for nominated Pods kept. */
  judge(without: NodeInfo, removed: readonly PodInfo[]): Rejection | undefined
}

/** Whom to displace from where. */
export interface Preemption {
  readonly node: string
  /** Most important first. */
  readonly victims: readonly PodInfo[]
  /** Of lower priority and promised room on this node: they must look elsewhere. */
  readonly displaced: readonly PodInfo[]
  /** What was weighed, the chosen first. */
  readonly candidates: readonly PreemptionCandidate[]
}

export interface Rescue {
  /** Upstream's words where there is no way; '' where there is one. */
  readonly message: string
  /** The node that the Pod now waits for; '' takes an earlier promise away, absent leaves it. */
  readonly nominate?: string
  readonly preemption?: Preemption
  /** Objects to change so that the Pod fits later. */
  readonly steps?: readonly Step[]
  /** For people. */
  readonly say?: string
}

export interface Plugin {
  readonly name: string
  /** Upstream's default; a profile may set another. */
  readonly weight?: number
  filter?(pod: PodInfo, view: View, nowMs: number): Filter | Refusal | undefined
  score?(pod: PodInfo, view: View, feasible: readonly NodeInfo[]): Scorer | undefined
  /** Asked in order where no node fits, until one knows a way. */
  rescue?(attempt: Attempt): Rescue
  /** Changes that could turn this plugin's no into a yes: a kind, or of Pods only what happened to one. */
  readonly wakesOn: readonly Wake[]
  /** Whether this very change could; called only for those in `wakesOn`, with the books after the change. */
  helps(pod: PodInfo, change: Change, view: View): boolean
}

/** Upstream's DefaultNormalizeScore. */
export function normalise(scores: number[], reverse: boolean): void {
  let max = 0
  for (const score of scores) if (score > max) max = score
  for (let i = 0; i < scores.length; i++) {
    const score = max === 0 ? 0 : Math.floor((100 * scores[i]!) / max)
    scores[i] = reverse ? 100 - score : score
  }
}

export const changedNode = (change: Change, ...what: Extract<Change, { kind: 'Node' }>['what'][number][]): NodeInfo | undefined =>
  change.kind === 'Node' && change.what.some((one) => what.includes(one)) ? change.node : undefined

/** "n1", "n1 and n2", "n1, n2 and 5 others". */
export function sayNames(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? 'no node'
  if (names.length <= 3) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`
}
