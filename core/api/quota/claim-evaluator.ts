/** What PersistentVolumeClaims use of a quota, in all and by storage class. Upstream: pkg/quota/v1/evaluator/core/persistent_volume_claims.go. */
import { one } from '../amounts.ts'
import { parseQuantity, type Quantity } from '../quantity.ts'
import type { PersistentVolumeClaim } from '../types/core.ts'
import type { Evaluator } from './evaluator.ts'
import { selects } from './scope-selector.ts'

const countName = 'count/persistentvolumeclaims'
const own = ['persistentvolumeclaims', 'requests.storage']
const byClass = '.storageclass.storage.k8s.io/'
const billion = 1_000_000_000n

export const claimEvaluator: Evaluator = {
  kind: 'PersistentVolumeClaim',
  counts: (name) => name === countName || own.includes(name) || own.some((resource) => name.endsWith(`${byClass}${resource}`)),
  usage(object) {
    const claim = object as unknown as PersistentVolumeClaim
    const storageClass = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec.storageClassName ?? ''
    const used: Record<string, Quantity> = { [countName]: one }
    const add = (resource: string, amount: Quantity) => {
      used[resource] = amount
      if (storageClass !== '') used[`${storageClass}${byClass}${resource}`] = amount
    }
    add('persistentvolumeclaims', one)
    const storage = storageOf(claim)
    if (storage !== undefined) add('requests.storage', storage)
    return used
  },
  inScope(requirement, object) {
    if (requirement.scopeName !== 'VolumeAttributesClass') return false
    const found = classesOf(object as unknown as PersistentVolumeClaim)
    return found.length === 0 ? selects(requirement, undefined) : found.some((name) => selects(requirement, name))
  },
  // Growth of the status is counted when it is there: it only follows what was asked for.
  charges: (subresource) => subresource === undefined,
}

/** What was asked for, or what an expansion that is being taken back still holds; whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = spec.resources?.requests?.['storage']
  if (asked === undefined) return undefined
  const held = status?.allocatedResources?.['storage']
  const amounts = [asked, ...(held === undefined ? [] : [held])].map(parseQuantity)
  const most = amounts.reduce((a, b) => (b.nano > a.nano ? b : a))
  return most.nano % billion === 0n ? most : { ...most, nano: (most.nano / billion + 1n) * billion }
}

const classesOf = ({ spec, status }: PersistentVolumeClaim): string[] =>
  [spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((name): name is string => !!name)
