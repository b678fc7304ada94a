/** The steps that every cluster has, in upstream's order. */
import type { Identities } from '../identities.ts'
import type { Lookup } from '../lookup.ts'
import type { Admission } from './admission.ts'
import { nodeTaint } from './node-taint.ts'
import { defaultTolerations, priority, runtimeClass } from './pod-defaults.ts'
import { serviceAccount } from './service-account.ts'
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from './storage.ts'

export const standardAdmission = (lookup: Lookup, { random }: Identities): readonly Admission[] => [
  serviceAccount(lookup, random),
  nodeTaint,
  priority,
  defaultTolerations,
  runtimeClass,
  defaultStorageClass(lookup),
  storageObjectInUseProtection,
  persistentVolumeClaimResize(lookup),
]
