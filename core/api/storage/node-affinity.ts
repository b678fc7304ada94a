/** Which nodes a volume can be reached from. Upstream: component-helpers/storage/volume, CheckNodeAffinity. */
import { matchesNodeTerm, type NodeFace } from '../node-selector.ts'
import type { PersistentVolume } from '../types/core.ts'

export function isReachable({ spec }: PersistentVolume, { name, labels }: NodeFace): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms
  return spec.nodeAffinity?.required === undefined || (terms ?? []).some((term) => matchesNodeTerm(term, name, labels))
}
