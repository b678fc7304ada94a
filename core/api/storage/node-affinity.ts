/** Which nodes a volume can be reached from. Upstream: component-helpers/storage/volume, CheckNodeAffinity. */
import type { NodeSelector, NodeSelectorRequirement, PersistentVolume } from '../types/core.ts'

export interface NodeFace {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export const isReachable = ({ spec }: PersistentVolume, node: NodeFace): boolean => spec.nodeAffinity?.required === undefined || matchesNodeSelector(spec.nodeAffinity.required, node)

/** One term must hold whole; a term that demands nothing never holds. */
export const matchesNodeSelector = ({ nodeSelectorTerms }: NodeSelector, node: NodeFace): boolean =>
  (nodeSelectorTerms ?? []).some(({ matchExpressions = [], matchFields = [] }) =>
    matchExpressions.length + matchFields.length > 0
    && matchExpressions.every((requirement) => meets(node.labels[requirement.key], requirement))
    && matchFields.every((requirement) => requirement.key === 'metadata.name' && meets(node.name, requirement)))

function meets(value: string | undefined, { operator, values = [] }: NodeSelectorRequirement): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value)
    case 'NotIn': return value === undefined || !values.includes(value)
    case 'Exists': return value !== undefined
    case 'DoesNotExist': return value === undefined
    case 'Gt': return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0])
    case 'Lt': return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0])
    default: return false
  }
}
