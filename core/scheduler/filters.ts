/**
 * The filters of one cycle over one node: in order, the first no decides. Where Pods of at least this priority are promised
 * room on the node, it must fit both with them and without (upstream: RunFilterPluginsWithNominatedPods).
 */
import { withPod, type NodeInfo } from './node-info.ts'
import type { Filter, Hypothesis, Plugin, Refusal, Rejection, View } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

export interface Stage<T> {
  readonly plugin: Plugin
  readonly does: T
}

export interface Rejected {
  /** As it was judged: with the promised Pods, where these are what stands in the way. */
  readonly node: NodeInfo
  readonly plugin: Plugin
  readonly filter: Filter
  readonly rejection: Rejection
  /** Names of the Pods that room is kept for, where without them it would fit so far. */
  readonly beside?: readonly string[]
}

export interface Filters {
  readonly stages: readonly Stage<Filter>[]
  /** Names of the plugins that pin the Pod to nodes, and these; absent: all nodes. */
  readonly only?: { readonly plugins: readonly string[]; readonly nodes: ReadonlySet<string> }
  readonly refused?: { readonly plugin: Plugin | undefined; readonly names: readonly string[]; readonly refusal: Refusal }
}

export function filtersFor(pod: PodInfo, view: View, plugins: readonly Plugin[], nowMs: number): Filters {
  const stages: Stage<Filter>[] = []
  const pinning: string[] = []
  let nodes: ReadonlySet<string> | undefined
  let refused: Filters['refused']
  for (const plugin of plugins) {
    const does = plugin.filter?.(pod, view, nowMs)
    if (!does) continue
    if ('refused' in does) {
      refused = { plugin, names: [plugin.name], refusal: does }
      if (does.refused.unresolvable) return { stages, refused }
      if (does.filter) stages.push({ plugin, does: does.filter })
      continue
    }
    stages.push({ plugin, does })
    if (!does.only) continue
    pinning.push(plugin.name)
    nodes = nodes ? new Set([...nodes].filter((name) => does.only!.has(name))) : does.only
    if (nodes.size > 0) continue
    const sorted = [...pinning].sort()
    const reason = pinning.length === 1 ? `node(s) didn't satisfy plugin ${sorted[0]}` : `node(s) didn't satisfy plugin(s) [${sorted.join(' ')}] simultaneously`
    return { stages, refused: { plugin: undefined, names: sorted, refusal: { refused: { reasons: [reason], unresolvable: true }, say: 'asks for nodes that exclude each other' } } }
  }
  return { stages, ...(nodes ? { only: { plugins: [...pinning].sort(), nodes } } : {}), ...(refused ? { refused } : {}) }
}

function firstNo(node: NodeInfo, stages: readonly Stage<Filter>[]): Rejected | undefined {
  for (const { plugin, does } of stages) {
    const rejection = does.test(node)
    if (rejection) return { node, plugin, filter: does, rejection }
  }
  return undefined
}

const assuming = (stages: readonly Stage<Filter>[], hypothesis: Hypothesis): readonly Stage<Filter>[] =>
  stages.map((stage) => (stage.does.assuming ? { plugin: stage.plugin, does: stage.does.assuming(hypothesis) } : stage))

function promised(pod: PodInfo, view: View, node: string): readonly PodInfo[] {
  if (!view.hasNominations) return none
  let found: PodInfo[] | undefined
  for (const other of view.nominatedOn(node)) if (other.priority >= pod.priority && other.uid !== pod.uid) (found ??= []).push(other)
  return found ?? none
}
const none: readonly PodInfo[] = []

/** `node` is without the `removed` Pods already. */
export function judge(pod: PodInfo, view: View, stages: readonly Stage<Filter>[], node: NodeInfo, removed: readonly PodInfo[] = none): Rejected | undefined {
  const added = promised(pod, view, node.name)
  if (added.length > 0) {
    let full = node
    for (const other of added) full = withPod(full, other)
    const no = firstNo(full, assuming(stages, { node: full, added, removed }))
    if (no) return { ...no, beside: added.map((other) => other.pod.metadata.name) }
  }
  return firstNo(node, removed.length === 0 ? stages : assuming(stages, { node, added: none, removed }))
}
