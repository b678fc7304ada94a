/**
 * The steps that every cluster has, in upstream's order (pkg/kubeapiserver/options/plugins.go, AllOrderedPlugins): what
 * gives defaults before what judges them. The registry puts NamespaceLifecycle before them, because nothing is worth asking
 * where there is no namespace, and addresses and quota after them, because both reserve: only for what nobody else refuses.
 */
import type { Identities } from '../registry/identities.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission } from './admission.ts'
import { defaultIngressClass } from './default-ingress-class.ts'
import { deviceAdminAccess } from './device-admin-access.ts'
import { limitRanger } from './limit-ranger.ts'
import { nodeTaint } from './node-taint.ts'
import { defaultTolerations } from './default-tolerations.ts'
import { podResizeValidator } from './pod-resize.ts'
import { priority } from './priority.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from './storage.ts'

export const standardAdmission = (lookup: Lookup, { random }: Identities): readonly Admission[] => [
  limitRanger(lookup),
  serviceAccount(lookup, random),
  nodeTaint,
  priority(lookup),
  defaultTolerations,
  defaultStorageClass(lookup),
  storageObjectInUseProtection,
  persistentVolumeClaimResize(lookup),
  runtimeClass(lookup),
  defaultIngressClass(lookup),
  podResizeValidator(lookup),
  deviceAdminAccess(lookup),
]
