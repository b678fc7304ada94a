/** Which nodes a volume can be reached from. Upstream: component-helpers/storage/volume, CheckNodeAffinity. */
import { matchesNodeTerm } from '../node-selector.ts'
import type { PersistentVolume } from '../types/core.ts'

export interface NodeFace {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

export function isReachable({ spec }: PersistentVolume, { name, labels }: NodeFace): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms
  return spec.nodeAffinity?.required === undefined || (terms ?? []).some((term) => matchesNodeTerm(term, name, labels))
}
