/**
 * What a scheduler plugin is: one file that filters nodes, scores them, or both, and says why in words and numbers.
 * A stage gets the Pod and the view once a cycle and answers with functions over nodes; undefined means that the plugin
 * has nothing to say of this Pod. The functions must keep answering the same later: a cycle is explained by asking again.
 */
import type { LabelSelector } from '../api/types/meta.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** The cluster as one cycle sees it. */
export interface View {
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** Living Pods of the namespace that match, by node; nodes without any are absent. */
  counts(namespace: string, selector: LabelSelector): ReadonlyMap<string, number>
  /** The selector of the Services and of the owner that this Pod belongs to; undefined where it belongs to none. */
  groupOf(pod: PodInfo): LabelSelector | undefined
  nodesWithImage(image: string): number
}

export interface Rejection {
  /** Upstream's reason texts. */
  readonly reasons: readonly string[]
  /** Nothing that happens to other Pods can make it fit. */
  readonly unresolvable: boolean
}

export interface Filter {
  /** Asked of all plugins before any `test`: nodes that cannot come into question at all (upstream: PreFilterResult). */
  narrow?(node: NodeInfo): Rejection | undefined
  test(node: NodeInfo): Rejection | undefined
  /** The numbers compared, for a node that fits or does not. */
  tell(node: NodeInfo): string
  /** How far a rejected node is from fitting, in comparable parts of 1 (0.1: nearly). Absent: 1. */
  gap?(node: NodeInfo): number
  /** One sentence for people where this is what keeps the Pod waiting: the closest miss among `nodes`. */
  summary(nodes: readonly NodeInfo[]): string
}

export interface Scorer {
  raw(node: NodeInfo): number
  /** Raw scores of all feasible nodes to 0-100, in place. Absent: raw is that already. */
  normalise?(scores: number[]): void
  tell(node: NodeInfo): string
}

/** What happened in the cluster, as far as a waiting Pod can care. */
export type Change =
  | { readonly kind: 'Node'; readonly what: readonly ('added' | 'removed' | 'labels' | 'taints' | 'allocatable' | 'schedulable')[]; readonly node: NodeInfo }
  | { readonly kind: 'Pod'; readonly what: 'placed' | 'removed' | 'labels'; readonly pod: PodInfo; readonly node: string }

export interface Plugin {
  readonly name: string
  readonly weight?: number
  filter?(pod: PodInfo, view: View): Filter | undefined
  score?(pod: PodInfo, view: View, feasible: readonly NodeInfo[]): Scorer | undefined
  /** Kinds of change that could turn this plugin's no into a yes. */
  readonly wakesOn: readonly Change['kind'][]
  /** Whether this very change could; called only for the kinds in `wakesOn`. */
  helps(pod: PodInfo, change: Change): boolean
}

/** Upstream's DefaultNormalizeScore. */
export function normalise(scores: number[], reverse: boolean): void {
  const max = Math.max(0, ...scores)
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
