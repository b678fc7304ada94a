/**
 * What claims and volumes get on their way in: the default class, protection while they are in use; and which claims may grow.
 * Upstream: plugin/pkg/admission/storage/{storageclass/setdefault,storageobjectinuseprotection,persistentvolume/resize}.
 */
import { attributesClassProtection, claimClass, claimProtection, defaultClass, namesClass, storageOf, volumeProtection } from '../../api/kinds/storage/names.ts'
import type { PersistentVolumeClaim } from '../../api/types/core.ts'
import type { StorageClass } from '../../api/types/storage.ts'
import { objectForbidden } from '../errors.ts'
import { served } from '../registry/faces.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission } from './admission.ts'

/** A claim that says nothing of a class gets the newest default one; one that names the empty class keeps it. */
export const defaultStorageClass = (lookup: Lookup): Admission => ({
  name: 'DefaultStorageClass',
  kinds: ['PersistentVolumeClaim'],
  mutate({ operation, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const claim = draft as unknown as PersistentVolumeClaim
    if (namesClass(claim)) return
    const found = defaultClass(lookup.list('StorageClass') as readonly StorageClass[])
    if (found) claim.spec.storageClassName = found.metadata.name
  },
})

const finalizers: Readonly<Record<string, string>> = { PersistentVolumeClaim: claimProtection, PersistentVolume: volumeProtection, VolumeAttributesClass: attributesClassProtection }

export const storageObjectInUseProtection: Admission = {
  name: 'StorageObjectInUseProtection',
  kinds: Object.keys(finalizers),
  mutate({ operation, face, draft, subresource }) {
    if (operation !== 'create' || subresource !== undefined) return
    const finalizer = finalizers[face.definition.kind]!
    if (!draft.metadata.finalizers?.includes(finalizer)) draft.metadata.finalizers = [...(draft.metadata.finalizers ?? []), finalizer]
  },
}

export const persistentVolumeClaimResize = (lookup: Lookup): Admission => ({
  name: 'PersistentVolumeClaimResize',
  kinds: ['PersistentVolumeClaim'],
  validate({ operation, face, name, draft, old, subresource }) {
    if (operation !== 'update' || subresource !== undefined || old === undefined) return
    const claim = draft as unknown as PersistentVolumeClaim
    const before = old as unknown as PersistentVolumeClaim
    if (storageOf(claim.spec.resources?.requests) <= storageOf(before.spec.resources?.requests)) return
    if (before.status.phase !== 'Bound') throw objectForbidden(served(face), name, 'Only bound persistent volume claims can be expanded')
    const className = claimClass(claim)
    const found = lookup.get('StorageClass', undefined, className) as StorageClass | undefined
    if (className === '' || className !== claimClass(before) || found?.allowVolumeExpansion !== true) {
      throw objectForbidden(served(face), name, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
    }
  },
})
