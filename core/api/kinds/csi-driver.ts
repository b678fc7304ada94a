/** CSIDriver. Upstream: pkg/registry/storage/csidriver/strategy.go, pkg/apis/storage/{validation,v1/defaults.go}. */
import { equal } from '../../base/json.ts'
import { duplicate, type FieldError, invalid, notSupported } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { CSIDriver, TokenRequest } from '../types/storage.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const tokenWarning = 'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

export const csiDriver = defineKind<CSIDriver>({
  kind: 'CSIDriver',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csidrivers',
  singular: 'csidriver',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.CSIDriver',
  // A new one has none; it counts changes only.
  tracksGeneration: false,
  deleteReturnsObject: true,
  requiresRevisionOnUpdate: true,
  subresources: {},

  default({ spec }) {
    if (!spec) return
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  prepareForCreate({ spec }) {
    delete spec.preventPodSchedulingIfMissing
  },
  prepareForUpdate(draft, old) {
    if (old.spec.preventPodSchedulingIfMissing === undefined) delete draft.spec.preventPodSchedulingIfMissing
    if (!equal(draft.spec, old.spec)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  validate,
  validateUpdate: ({ spec }, { spec: old }) => [
    ...immutable('spec.attachedRequired', spec.attachRequired, old.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, old.volumeLifecycleModes),
  ],
  warnings: ({ spec }) => ((spec.tokenRequests?.length ?? 0) > 0 && spec.serviceAccountTokenInSecrets === undefined ? [tokenWarning] : []),

  columns: [
    nameColumn,
    { name: 'AttachRequired', type: 'boolean', cell: ({ spec }) => spec.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', cell: ({ spec }) => spec.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', cell: ({ spec }) => spec.storageCapacity ?? false },
    { name: 'TokenRequests', type: 'string', cell: ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>' },
    { name: 'RequiresRepublish', type: 'boolean', cell: ({ spec }) => spec.requiresRepublish ?? false },
    { name: 'Modes', type: 'string', cell: ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>' },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes = ['Persistent', 'Ephemeral']

function validate({ spec }: CSIDriver): FieldError[] {
  const errors: FieldError[] = []
  if (spec.fsGroupPolicy !== undefined && !groupPolicies.includes(spec.fsGroupPolicy)) errors.push(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, groupPolicies))
  validateTokens(spec.tokenRequests ?? [], 'spec.tokenRequests', errors)
  for (const mode of spec.volumeLifecycleModes ?? []) if (!lifecycleModes.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, lifecycleModes))
  const period = spec.nodeAllocatableUpdatePeriodSeconds
  if (period !== undefined && period < 10) errors.push(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'))
  if (spec.serviceAccountTokenInSecrets !== undefined && !spec.tokenRequests?.length) {
    errors.push(invalid('spec.serviceAccountTokenInSecrets', spec.serviceAccountTokenInSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'))
  }
  return errors
}

function validateTokens(requests: readonly TokenRequest[], path: string, errors: FieldError[]): void {
  for (const [i, { audience, expirationSeconds }] of requests.entries()) {
    if (requests.findIndex((other) => other.audience === audience) < i) errors.push(duplicate(`${path}[${i}].audience`, audience))
    else if (expirationSeconds !== undefined && expirationSeconds < 600) errors.push(invalid(`${path}[${i}].expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'))
    else if (expirationSeconds !== undefined && expirationSeconds > 2 ** 32) errors.push(invalid(`${path}[${i}].expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  }
}
