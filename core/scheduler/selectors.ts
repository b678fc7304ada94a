/** Node selectors and tolerations (upstream: component-helpers/scheduling/corev1/{nodeaffinity,helpers.go}). */
import type { NodeSelectorTerm, Pod, Taint, Toleration } from '../api/types/core.ts'
import type { NodeInfo } from './node-info.ts'

interface Requirement {
  key: string
  operator: string
  values?: readonly string[]
}

function meets(value: string | undefined, { operator, values = [] }: Requirement): boolean {
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

/** A term without any requirement matches no node. */
export function matchesTerm(term: NodeSelectorTerm, node: NodeInfo): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length + fields.length === 0) return false
  return expressions.every((requirement) => meets(node.labels[requirement.key], requirement))
    && fields.every((requirement) => requirement.key === 'metadata.name' && meets(node.name, requirement))
}

/** What the Pod demands of a node by nodeSelector and required affinity; undefined: nothing. */
export function nodeDemand(pod: Pod): ((node: NodeInfo) => boolean) | undefined {
  const wanted = pod.spec.nodeSelector
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const hasSelector = wanted !== undefined && Object.keys(wanted).length > 0
  if (!hasSelector && !terms) return undefined
  return (node) => {
    if (hasSelector) for (const key in wanted) if (node.labels[key] !== wanted[key]) return false
    return !terms || terms.some((term) => matchesTerm(term, node))
  }
}

export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => {
    if (toleration.effect && toleration.effect !== taint.effect) return false
    if (toleration.key && toleration.key !== taint.key) return false
    if (toleration.operator === 'Exists') return true
    if (toleration.operator === 'Gt' || toleration.operator === 'Lt') return meets(taint.value, { key: taint.key, operator: toleration.operator, values: [toleration.value ?? ''] })
    return (toleration.value ?? '') === (taint.value ?? '') && (toleration.key ?? '') !== ''
  })
}

export const sayTaint = (taint: Taint): string => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`
