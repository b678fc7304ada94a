/** RuntimeClass. */
import { defineKind } from '../kind.ts'
import type { RuntimeClass } from '../types/node.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const runtimeClass = defineKind<RuntimeClass>({
  kind: 'RuntimeClass',
  group: 'node.k8s.io',
  version: 'v1',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
