/** CSINode. */
import { defineKind } from '../kind.ts'
import type { CSINode } from '../types/storage.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const csiNode = defineKind<CSINode>({
  kind: 'CSINode',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csinodes',
  singular: 'csinode',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.CSINode',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
