/**
 * Whether a Pod may be on a node, said a second time and in the plainest way, for what models of the scheduler use:
 * sums of CPU and Pods, taints, node selectors, required affinity and anti-affinity, hard spread. One long look, no books.
 */
import { parseQuantity } from '../../core/api/quantity.ts'
import type { Node, Pod } from '../../core/api/types/core.ts'
import type { LabelSelector } from '../../core/api/types/meta.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'

export interface View {
  readonly snapshot: Snapshot
  /** uid → node of every Pod that has one. */
  readonly placed: ReadonlyMap<string, string>
  /** uid → node of those that wait for room made on it. */
  readonly promised?: ReadonlyMap<string, string>
  /** Pods as they were when they were placed: news of them is heard with their binding. */
  readonly assumed?: ReadonlyMap<string, Pod>
}

const milli = (text: string | undefined): number => (text === undefined ? 0 : Number(parseQuantity(text).nano / 1_000_000n))
export const cpuOf = ({ spec }: Pod): number => spec.containers.reduce((sum, { resources }) => sum + milli(resources?.requests?.['cpu']), 0)
export const isOver = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'
export const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0
const matches = (selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}) => Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value)

/** The cluster as the snapshot has it. */
export const asItIs = (snapshot: Snapshot): View => ({ snapshot, placed: new Map(snapshot.list<Pod>('Pod').flatMap(({ metadata, spec }) => (spec.nodeName ? [[metadata.uid, spec.nodeName] as const] : []))) })
export const without = ({ placed, ...rest }: View, gone: Iterable<Pod>): View => {
  const uids = new Set([...gone].map(({ metadata }) => metadata.uid))
  return { ...rest, placed: new Map([...placed].filter(([uid]) => !uids.has(uid))) }
}
/** As if those that are at least as important had what they are promised. */
const withPromised = (pod: Pod, { snapshot, placed, promised, ...rest }: View): View => ({
  ...rest,
  snapshot,
  placed: new Map([...placed, ...[...(promised ?? [])].filter(([uid]) => uid !== pod.metadata.uid && priorityOf(snapshot.byUid<Pod>(uid)!) >= priorityOf(pod))]),
})
/** What speaks against it, be it a promise. */
export const againstOrPromised = (pod: Pod, node: string, view: View): string | undefined => against(pod, node, view) ?? against(pod, node, withPromised(pod, view))

export function podsOf({ snapshot, placed, assumed }: View, node?: string): Pod[] {
  return snapshot.list<Pod>('Pod').map((pod) => assumed?.get(pod.metadata.uid) ?? pod).filter((pod) => {
    const on = placed.get(pod.metadata.uid)
    return on !== undefined && !isOver(pod) && (node === undefined || on === node)
  })
}

/** What speaks against it; undefined: nothing. */
export function against(pod: Pod, name: string, view: View): string | undefined {
  const nodes = view.snapshot.list<Node>('Node')
  const node = nodes.find(({ metadata }) => metadata.name === name)
  if (!node) return 'there is no such node'
  const tolerates = (key: string) => pod.spec.tolerations?.some((one) => one.key === key) === true
  if (node.spec?.unschedulable) return 'it is cordoned'
  const taint = node.spec?.taints?.find(({ key, effect }) => effect !== 'PreferNoSchedule' && !tolerates(key))
  if (taint) return `it has the taint ${taint.key}`
  const selected = ({ metadata }: Node) => Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => metadata.labels?.[key] === value)
  if (!selected(node)) return 'it has not the labels asked for'

  const others = podsOf(view).filter(({ metadata }) => metadata.uid !== pod.metadata.uid)
  const here = others.filter(({ metadata }) => view.placed.get(metadata.uid) === name)
  const allocatable = node.status.allocatable ?? {}
  const cpu = here.reduce((sum, one) => sum + cpuOf(one), cpuOf(pod))
  if (cpu > milli(allocatable['cpu'])) return `${cpu}m CPU of ${allocatable['cpu']} would be promised`
  if (here.length + 1 > Number(allocatable['pods'])) return `it would have more than ${allocatable['pods']} Pods`

  const domain = (of: Node | undefined, key: string) => of?.metadata.labels?.[key]
  const nodeOf = (one: Pod) => nodes.find(({ metadata }) => metadata.name === view.placed.get(one.metadata.uid))
  const together = (one: Pod, key: string) => domain(node, key) !== undefined && domain(nodeOf(one), key) === domain(node, key)
  const anti = ({ spec }: Pod) => spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  for (const { topologyKey, labelSelector } of anti(pod)) {
    const rival = others.find((one) => matches(labelSelector, one.metadata.labels) && together(one, topologyKey))
    if (rival) return `${rival.metadata.name} is in the same ${topologyKey}`
  }
  for (const one of others) {
    const term = anti(one).find(({ topologyKey, labelSelector }) => matches(labelSelector, pod.metadata.labels) && together(one, topologyKey))
    if (term) return `${one.metadata.name} wants it not in its ${term.topologyKey}`
  }
  for (const { topologyKey, labelSelector } of pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const company = others.filter((one) => matches(labelSelector, one.metadata.labels) && domain(nodeOf(one), topologyKey) !== undefined)
    const first = company.length === 0 && matches(labelSelector, pod.metadata.labels) && domain(node, topologyKey) !== undefined
    if (!first && !company.some((one) => together(one, topologyKey))) return `its company is not in this ${topologyKey}`
  }
  for (const { topologyKey, labelSelector, maxSkew, whenUnsatisfiable } of pod.spec.topologySpreadConstraints ?? []) {
    if (whenUnsatisfiable !== 'DoNotSchedule') continue
    const mine = domain(node, topologyKey)
    if (mine === undefined) return `it has no ${topologyKey}`
    const counts = new Map(nodes.filter((one) => selected(one) && domain(one, topologyKey) !== undefined).map((one) => [domain(one, topologyKey)!, 0]))
    for (const one of others) {
      const at = nodeOf(one)
      const value = domain(at, topologyKey)
      if (at && selected(at) && value !== undefined && one.metadata.deletionTimestamp === undefined && matches(labelSelector, one.metadata.labels)) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    const skew = (counts.get(mine) ?? 0) + (matches(labelSelector, pod.metadata.labels) ? 1 : 0) - Math.min(...counts.values())
    if (skew > maxSkew) return `skew ${skew} in ${topologyKey}, ${maxSkew} is allowed`
  }
  return undefined
}
