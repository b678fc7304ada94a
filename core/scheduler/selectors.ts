/** Node selectors over the scheduler's view of nodes (upstream: component-helpers/scheduling/corev1/{nodeaffinity,helpers.go}). */
import { matchesNodeTerm, requiredNodeAffinity } from '../api/node-selector.ts'
import type { NodeSelectorTerm, Pod, Taint } from '../api/types/core.ts'
import type { NodeInfo } from './node-info.ts'

export const matchesTerm = (term: NodeSelectorTerm, node: NodeInfo): boolean => matchesNodeTerm(term, node.name, node.labels)

export const nodeDemand = ({ spec }: Pod): ((node: NodeInfo) => boolean) | undefined => requiredNodeAffinity(spec)

export const sayTaint = (taint: Taint): string => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`
