/** CSIDriver. */
import { defineKind } from '../kind.ts'
import type { CSIDriver } from '../types/storage.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

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
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
