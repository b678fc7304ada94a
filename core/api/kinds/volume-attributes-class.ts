/** VolumeAttributesClass. */
import { defineKind } from '../kind.ts'
import type { VolumeAttributesClass } from '../types/storage.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  kind: 'VolumeAttributesClass',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
