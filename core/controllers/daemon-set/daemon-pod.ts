/** The Pods of a DaemonSet: made for one node each, by affinity to its name (pkg/controller/daemon/util/daemonset_util.go). */
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { DaemonSet } from '../../api/types/apps.ts'
import type { Affinity, Pod, PodSpec, Toleration } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import { podFrom } from '../planning/pod-from-template.ts'

export const hashLabel = 'controller-revision-hash'
const generationLabel = 'pod-template-generation'
const generationAnnotation = 'deprecated.daemonset.template.generation'
/** How many Pods of this revision failed on the node before this one: the back-off's memory, kept where a restart finds it. */
const failuresAnnotation = 'daemonset.orrery.dev/failures'

const standing: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]
const withHostNetwork: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }

/** The template's tolerations and those that every daemon has: it serves the node, in bad days too. */
export function daemonTolerations({ tolerations = [], hostNetwork }: Pick<PodSpec, 'tolerations' | 'hostNetwork'>): Toleration[] {
  const result = [...tolerations]
  for (const toleration of hostNetwork ? [...standing, withHostNetwork] : standing) {
    const alike = result.findIndex(({ key, operator, effect, value }) => key === toleration.key && operator === toleration.operator && effect === toleration.effect && !value)
    if (alike < 0) result.push(toleration)
    else if (!equal(result[alike], toleration)) result[alike] = toleration
  }
  return result
}

export interface Revision {
  /** Value of the label that Pods of this revision carry. */
  readonly hash: string
  /** deprecated.daemonset.template.generation; undefined where it is no number. */
  readonly generation: string | undefined
}

export function generationOf({ metadata }: KubeObject): string | undefined {
  const text = metadata.annotations?.[generationAnnotation]
  return text !== undefined && /^[+-]?\d+$/.test(text) ? String(BigInt(text)) : undefined
}

export function newDaemonPod(ds: DaemonSet, node: string, { hash, generation }: Revision, failures: number): NewObject {
  const pod = podFrom(ds.spec.template, ds)
  const { template } = ds.spec
  const spec: PodSpec = { ...template.spec, affinity: toNode(template.spec.affinity, node), tolerations: daemonTolerations(template.spec) }
  const labels = { ...template.metadata?.labels, ...(generation === undefined ? {} : { [generationLabel]: generation }), [hashLabel]: hash }
  const annotations = failures === 0 ? {} : { annotations: { ...template.metadata?.annotations, [failuresAnnotation]: String(failures) } }
  return { ...pod, metadata: { ...pod.metadata, labels, ...annotations }, spec }
}

/** The scheduler binds the Pod; this leaves it no choice. The template's own demands on nodes are met already. */
const toNode = (affinity: Affinity | undefined, node: string): Affinity => ({
  ...affinity,
  nodeAffinity: {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] },
  },
})

/** The node that a Pod runs on or is meant for; undefined where somebody made it for no node in particular. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  for (const term of spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values = [] } of term.matchFields ?? []) {
      if (key === 'metadata.name' && operator === 'In') return values.length === 1 ? values[0] : undefined
    }
  }
  return undefined
}

export const hashOf = (pod: Pod): string | undefined => pod.metadata.labels?.[hashLabel]

export const isUpdated = (pod: Pod, { hash, generation }: Revision): boolean =>
  hashOf(pod) === hash || (generation !== undefined && pod.metadata.labels?.[generationLabel] === generation)

export function failuresBefore(pod: Pod): number {
  const text = pod.metadata.annotations?.[failuresAnnotation]
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : 0
}

/** Those with a node first, then the oldest. */
export const byAge = (a: Pod, b: Pod): number =>
  Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
  Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
  (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
