/** PersistentVolumeClaim. Upstream: pkg/registry/core/persistentvolumeclaim/strategy.go, pkg/api/persistentvolumeclaim, pkg/apis/core/validation. */
import { type FieldError } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { classRef } from './persistent-volume.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { claimSpecWarnings, defaultClaimSpec, validateClaimSpec } from './storage/claim-spec.ts'
import { accessModesText, claimClass, storageAnnotation } from './storage/names.ts'
import { validateClaimStatus, validateClaimUpdate } from './storage/validate-claim.ts'

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  kind: 'PersistentVolumeClaim',
  group: '',
  version: 'v1',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  tracksGeneration: false,
  deleteReturnsObject: true,
  subresources: { status: true },

  default({ spec }) {
    if (spec) defaultClaimSpec(spec)
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' }
    settleDataSource(draft.spec)
  },
  prepareForUpdate(draft, old) {
    settleDataSource(draft.spec, old.spec)
  },
  validate({ spec }) {
    const errors: FieldError[] = []
    validateClaimSpec(spec, 'spec', errors)
    return errors
  },
  validateUpdate: validateClaimUpdate,
  validateStatusUpdate: validateClaimStatus,
  warnings: ({ metadata, spec }) => [
    ...(metadata.annotations?.[storageAnnotation.betaClass] === undefined ? [] : [`metadata.annotations[${storageAnnotation.betaClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimSpecWarnings(spec, 'spec'),
  ],

  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating') },
    { name: 'Volume', type: 'string', cell: ({ spec }) => spec.volumeName ?? '' },
    { name: 'Capacity', type: 'string', cell: ({ spec, status }) => (spec.volumeName ? (status.capacity?.['storage'] ?? '0') : '') },
    { name: 'Access Modes', type: 'string', cell: ({ spec, status }) => (spec.volumeName ? accessModesText(status.accessModes) : '') },
    { name: 'StorageClass', type: 'string', cell: claimClass },
    { name: 'VolumeAttributesClass', type: 'string', cell: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>' },
    ageColumn,
    { name: 'VolumeMode', type: 'string', priority: 1, cell: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
  selectableFields: {},
  refs: (claim) => [
    ...ownerRefs(claim.metadata),
    ...(claim.spec.volumeName ? [{ how: 'mounts' as const, to: { kind: 'PersistentVolume', name: claim.spec.volumeName } }] : []),
    ...classRef(claimClass(claim)),
  ],
})

/** The old field knows claims and snapshots only; the two say the same where one namespace is meant. */
function settleDataSource(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): void {
  // Data sources of other namespaces are not offered here.
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef
  if (spec.dataSource && !spec.dataSourceRef && !old?.dataSource && !old?.dataSourceRef && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource }
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind, name } = spec.dataSourceRef
    spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name }
  }
}

const isClaimOrSnapshot = ({ apiGroup = '', kind }: { apiGroup?: string; kind: string }): boolean =>
  (kind === 'PersistentVolumeClaim' && apiGroup === '') || (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io')
