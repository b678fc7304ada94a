/**
 * What a Pod demands of a node, by name, labels and taints (component-helpers/scheduling/corev1/{nodeaffinity,helpers.go}).
 * `nodeDemand` reads the spec once, so that it can be asked of thousands of nodes.
 */
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from './types/core.ts'

type Labels = Readonly<Record<string, string>>

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

const noLabels: Labels = {}
const whole = /^-?\d+$/

function meets(value: string | undefined, { operator, values = [] }: Requirement): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value)
    case 'NotIn': return value === undefined || !values.includes(value)
    case 'Exists': return value !== undefined
    case 'DoesNotExist': return value === undefined
    case 'Gt': return value !== undefined && whole.test(value) && Number(value) > Number(values[0])
    case 'Lt': return value !== undefined && whole.test(value) && Number(value) < Number(values[0])
    default: return false
  }
}

/** A term without any requirement matches no node. */
export function matchesNodeTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, name: string, labels: Labels): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  return matchExpressions.every((requirement) => meets(labels[requirement.key], requirement))
    && matchFields.every((requirement) => requirement.key === 'metadata.name' && meets(name, requirement))
}

export const tolerates = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean => (tolerations ?? []).some((toleration) => covers(toleration, taint))

/** One toleration, one taint. */
export function covers({ effect, key, operator, value = '' }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  if (operator === 'Exists') return true
  if (operator === 'Gt' || operator === 'Lt') return meets(taint.value, { key: taint.key, operator, values: [value] })
  return value === (taint.value ?? '') && (key ?? '') !== ''
}

/** What of a node selectors look at. */
export interface NodeFace {
  readonly name: string
  readonly labels: Labels
}

/** What nodeSelector and required node affinity demand of a node; undefined: nothing. */
export function requiredNodeAffinity({ nodeSelector, affinity }: Pick<PodSpec, 'nodeSelector' | 'affinity'>): ((node: NodeFace) => boolean) | undefined {
  const wanted = Object.entries(nodeSelector ?? noLabels)
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (wanted.length === 0 && !terms) return undefined
  return ({ name, labels }) => wanted.every(([key, value]) => labels[key] === value) && (!terms || terms.some((term) => matchesNodeTerm(term, name, labels)))
}

/** The same, asked of a Node. */
export function nodeDemand(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'>): (node: Node) => boolean {
  const demand = requiredNodeAffinity(spec)
  return ({ metadata: { name, labels = noLabels } }) => demand === undefined || demand({ name, labels })
}
