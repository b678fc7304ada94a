/** VolumeAttachment. Upstream: pkg/registry/storage/volumeattachment/strategy.go, pkg/apis/storage/validation. */
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { dns1123Subdomain, rangeMessage } from '../names.ts'
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from '../types/storage.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateDriverName, validateVolumeSpec } from './storage/validate-volume-source.ts'

const mostMetadataBytes = 256 * 1024
const longestError = 1024

export const volumeAttachment = defineKind<VolumeAttachment>({
  kind: 'VolumeAttachment',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.VolumeAttachment',
  tracksGeneration: false,
  deleteReturnsObject: true,
  requiresRevisionOnUpdate: true,
  subresources: { status: true },

  prepareForCreate(draft) {
    draft.status = { attached: false }
  },
  prepareForStatusUpdate(draft, old) {
    const { metadata } = draft
    const { labels, annotations, finalizers, ownerReferences } = old.metadata
    for (const [field, value] of Object.entries({ labels, annotations, finalizers, ownerReferences })) {
      if (value === undefined) delete (metadata as unknown as Record<string, unknown>)[field]
      else Object.assign(metadata, { [field]: value })
    }
  },
  validate,
  validateUpdate: ({ spec }, old) => immutable('spec', spec, old.spec),
  validateStatusUpdate: validate,

  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', format: 'name', cell: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', cell: ({ spec }) => spec.source.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', cell: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', cell: ({ status }) => status.attached },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => [
    ...ownerRefs(metadata),
    ...(spec.source.persistentVolumeName ? [{ how: 'mounts' as const, to: { kind: 'PersistentVolume', name: spec.source.persistentVolumeName } }] : []),
    { how: 'about', to: { kind: 'Node', name: spec.nodeName } },
  ],
})

function validate({ spec, status }: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = []
  validateDriverName(spec.attacher, 'spec.attacher', errors)
  validateSource(spec.source, 'spec.source', errors)
  for (const sentence of dns1123Subdomain(spec.nodeName)) errors.push(invalid('spec.nodeName', spec.nodeName, sentence))
  let bytes = 0
  for (const [key, value] of Object.entries(status?.attachmentMetadata ?? {})) bytes += key.length + value.length
  if (bytes > mostMetadataBytes) errors.push(tooLong('status.attachmentMetadata', mostMetadataBytes))
  validateError(status?.attachError, 'status.attachError', errors)
  validateError(status?.detachError, 'status.detachError', errors)
  const volume = spec.source.persistentVolumeName
  if (volume !== undefined) for (const sentence of dns1123Subdomain(volume)) errors.push(invalid('spec.source.persistentVolumeName', volume, sentence))
  return errors
}

function validateSource({ inlineVolumeSpec, persistentVolumeName }: VolumeAttachmentSource, path: string, errors: FieldError[]): void {
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (!inlineVolumeSpec && persistentVolumeName === undefined) errors.push(required(path, one))
  else if (inlineVolumeSpec && persistentVolumeName !== undefined) errors.push(forbidden(path, one))
  else if (persistentVolumeName === '') errors.push(required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName'))
  else if (inlineVolumeSpec) validateVolumeSpec(inlineVolumeSpec, true, `${path}.inlineVolumeSpec`, errors)
}

function validateError(error: VolumeError | undefined, path: string, errors: FieldError[]): void {
  if ((error?.message?.length ?? 0) > longestError) errors.push(tooLong(`${path}.message`, mostMetadataBytes))
  if ((error?.errorCode ?? 0) < 0) errors.push(invalid(`${path}.errorCode`, error?.errorCode, rangeMessage(0, 2_147_483_647)))
}
