/** Node selectors over the scheduler's view of nodes (upstream: component-helpers/scheduling/corev1/{nodeaffinity,helpers.go}). */
import { matchesNodeTerm } from '../api/node-selector.ts'
import type { NodeSelectorTerm, Pod, Taint } from '../api/types/core.ts'
import type { NodeInfo } from './node-info.ts'

export const matchesTerm = (term: NodeSelectorTerm, node: NodeInfo): boolean => matchesNodeTerm(term, node.name, node.labels)

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

export const sayTaint = (taint: Taint): string => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`
