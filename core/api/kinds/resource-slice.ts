/** ResourceSlice. */
import { defineKind } from '../kind.ts'
import type { ResourceSlice } from '../types/resource.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const resourceSlice = defineKind<ResourceSlice>({
  kind: 'ResourceSlice',
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceslices',
  singular: 'resourceslice',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.resource.v1.ResourceSlice',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
