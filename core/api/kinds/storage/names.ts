/** Annotations, finalizers and small readings that claims, volumes and classes share. Upstream: component-helpers/storage/volume, pkg/apis/core/v1/helper. */
import { parseQuantity } from '../../quantity.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/core.ts'
import type { StorageClass } from '../../types/storage.ts'

export const storageAnnotation = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  migratedTo: 'pv.kubernetes.io/migrated-to',
  selectedNode: 'volume.kubernetes.io/selected-node',
  storageProvisioner: 'volume.kubernetes.io/storage-provisioner',
  betaStorageProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  betaClass: 'volume.beta.kubernetes.io/storage-class',
  betaMountOptions: 'volume.beta.kubernetes.io/mount-options',
  defaultClass: 'storageclass.kubernetes.io/is-default-class',
  betaDefaultClass: 'storageclass.beta.kubernetes.io/is-default-class',
} as const

export const claimProtection = 'kubernetes.io/pvc-protection'
export const volumeProtection = 'kubernetes.io/pv-protection'
export const attributesClassProtection = 'kubernetes.io/vac-protection'

/** The older annotation wins, as upstream. */
export const claimClass = ({ metadata, spec }: PersistentVolumeClaim): string => metadata.annotations?.[storageAnnotation.betaClass] ?? spec.storageClassName ?? ''
export const volumeClass = ({ metadata, spec }: PersistentVolume): string => metadata.annotations?.[storageAnnotation.betaClass] ?? spec.storageClassName ?? ''
/** Whether the claim says anything about its class; the empty name says "none". */
export const namesClass = ({ metadata, spec }: PersistentVolumeClaim): boolean => metadata.annotations?.[storageAnnotation.betaClass] !== undefined || spec.storageClassName !== undefined

export const isDefaultClass = ({ metadata }: Pick<StorageClass, 'metadata'>): boolean =>
  metadata.annotations?.[storageAnnotation.defaultClass] === 'true' || metadata.annotations?.[storageAnnotation.betaDefaultClass] === 'true'

/** Of several the newest; among equally old ones the first by name. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  let found: StorageClass | undefined
  for (const one of classes) {
    if (!isDefaultClass(one)) continue
    if (!found) found = one
    else {
      const newer = Date.parse(one.metadata.creationTimestamp) - Date.parse(found.metadata.creationTimestamp)
      if (newer > 0 || (newer === 0 && one.metadata.name < found.metadata.name)) found = one
    }
  }
  return found
}

const shortModes: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }

/** `RWO,RWX`: each mode once, in upstream's order. */
export const accessModesText = (modes: readonly string[] | undefined): string =>
  Object.keys(shortModes).filter((mode) => modes?.includes(mode)).map((mode) => shortModes[mode]).join(',')

export const storageOf = (amounts: Readonly<Record<string, string>> | undefined): bigint => (amounts?.['storage'] === undefined ? 0n : parseQuantity(amounts['storage']).nano)
