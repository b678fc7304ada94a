/** PersistentVolume. */
import { defineKind } from '../kind.ts'
import type { PersistentVolume } from '../types/core.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

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
  subresources: { status: true },
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
