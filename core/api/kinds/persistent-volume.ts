/** PersistentVolume. Upstream: pkg/registry/core/persistentvolume/strategy.go, pkg/apis/core/validation, pkg/volume/validation. */
import { equal } from '../../base/json.ts'
import { fieldDiff } from '../../base/field-diff.ts'
import { type FieldError, forbidden, invalid } from '../field-error.ts'
import { defineKind, type Reference } from '../kind.ts'
import { timestamp } from '../meta.ts'
import { immutableMessage } from '../object-meta.ts'
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { accessModesText, storageAnnotation, volumeClass } from './storage/names.ts'
import { nodeLabelWarnings } from './storage/node-label-warnings.ts'
import { validateVolumeSpec, volumeSources } from './storage/validate-volume-source.ts'

export const persistentVolume = defineKind<PersistentVolume>({
  kind: 'PersistentVolume',
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  tracksGeneration: false,
  deleteReturnsObject: true,
  subresources: { status: true },

  default({ spec }) {
    if (!spec) return
    spec.persistentVolumeReclaimPolicy ??= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    if (spec.hostPath) spec.hostPath.type ??= ''
    if (spec.iscsi) spec.iscsi.iscsiInterface ??= 'default'
  },
  prepareForCreate(draft, { now }) {
    draft.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) }
  },
  prepareForStatusUpdate({ status }, { status: old }, { now }) {
    if (status.phase === old.phase) {
      if (status.lastPhaseTransitionTime === undefined && old.lastPhaseTransitionTime !== undefined) status.lastPhaseTransitionTime = old.lastPhaseTransitionTime
    } else if (status.lastPhaseTransitionTime === undefined || status.lastPhaseTransitionTime === old.lastPhaseTransitionTime) status.lastPhaseTransitionTime = timestamp(now)
  },
  validate({ metadata, spec }) {
    const errors: FieldError[] = []
    validateVolumeSpec(spec, false, 'spec', errors)
    if (metadata.annotations?.[storageAnnotation.betaMountOptions] !== undefined && !mountable.some((source) => spec[source])) {
      errors.push(forbidden(`metadata.annotations.${storageAnnotation.betaMountOptions}`, 'may not specify mount options for this volume type'))
    }
    return errors
  },
  validateUpdate,
  warnings,

  columns: [
    nameColumn,
    { name: 'Capacity', type: 'string', cell: ({ spec }) => spec.capacity?.['storage'] ?? '0' },
    { name: 'Access Modes', type: 'string', cell: ({ spec }) => accessModesText(spec.accessModes) },
    { name: 'Reclaim Policy', type: 'string', cell: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '' },
    { name: 'Status', type: 'string', cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating') },
    { name: 'Claim', type: 'string', cell: ({ spec }) => (spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '') },
    { name: 'StorageClass', type: 'string', cell: volumeClass },
    { name: 'VolumeAttributesClass', type: 'string', cell: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>' },
    { name: 'Reason', type: 'string', cell: ({ status }) => status.reason ?? '' },
    ageColumn,
    { name: 'VolumeMode', type: 'string', priority: 1, cell: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => [...ownerRefs(metadata), ...claimRef(spec), ...classRef(spec.storageClassName)],
})

/** A class may be gone, or never have been: its name alone groups volumes. */
export const classRef = (name: string | undefined): Reference[] => (name ? [{ how: 'reads', optional: true, to: { kind: 'StorageClass', name } }] : [])

const claimRef = ({ claimRef: to }: PersistentVolumeSpec): Reference[] =>
  to?.name ? [{ how: 'about', optional: true, to: { kind: 'PersistentVolumeClaim', namespace: to.namespace ?? '', name: to.name, ...(to.uid ? { uid: to.uid } : {}) } }] : []

const mountable = [
  'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'nfs', 'rbd', 'quobyte', 'iscsi', 'cinder', 'cephfs', 'azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk',
] as const satisfies readonly (typeof volumeSources)[number][]

const sourceOf = (spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> => Object.fromEntries(volumeSources.flatMap((source) => (spec[source] === undefined ? [] : [[source, spec[source]]])))

function validateUpdate({ spec }: PersistentVolume, { spec: old }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = []
  const source = sourceOf(spec)
  if (source.csi?.controllerExpandSecretRef && old.csi && !old.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...rest } = source.csi
    source.csi = rest
  }
  if (!equal(source, sourceOf(old))) {
    const diff = fieldDiff(sourceOf(old), source).map(({ path }) => `  ${path}`).join('\n')
    errors.push(forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${diff}\n`))
  }
  errors.push(...immutable('volumeMode', spec.volumeMode, old.volumeMode))
  if (old.nodeAffinity && !equal(spec.nodeAffinity, old.nodeAffinity) && !equal(spec.nodeAffinity, withNewLabels(old.nodeAffinity))) {
    errors.push(invalid('nodeAffinity', spec.nodeAffinity ?? null, `${immutableMessage}, except for updating from beta label to GA`))
  }
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  return errors
}

const newLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
}

function withNewLabels(affinity: VolumeNodeAffinity): VolumeNodeAffinity {
  const terms = affinity.required?.nodeSelectorTerms.map((term) => ({ ...term, ...(term.matchExpressions ? { matchExpressions: term.matchExpressions.map((one) => ({ ...one, key: newLabels[one.key] ?? one.key })) } : {}) }))
  return terms ? { required: { nodeSelectorTerms: terms } } : affinity
}

const gone: readonly [field: keyof PersistentVolumeSpec, shown: string, since: string][] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

function warnings({ metadata, spec }: PersistentVolume): string[] {
  const found: string[] = []
  const { betaClass, betaMountOptions } = storageAnnotation
  if (metadata.annotations?.[betaClass] !== undefined) found.push(`metadata.annotations[${betaClass}]: deprecated since v1.8; use "storageClassName" attribute instead`)
  if (metadata.annotations?.[betaMountOptions] !== undefined) found.push(`metadata.annotations[${betaMountOptions}]: deprecated since v1.31; use "mountOptions" attribute instead`)
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    found.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.')
  }
  for (const [i, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) found.push(...nodeLabelWarnings(term.matchExpressions, `spec.nodeAffinity.required.nodeSelectorTerms[${i}].matchExpressions`))
  for (const [field, shown, since] of gone) if (spec[field] !== undefined) found.push(`spec.${shown}: ${since}`)
  return found
}
