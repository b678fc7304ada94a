/** DeviceClass. */
import { defineKind } from '../kind.ts'
import type { DeviceClass } from '../types/resource.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const deviceClass = defineKind<DeviceClass>({
  kind: 'DeviceClass',
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.resource.v1.DeviceClass',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
