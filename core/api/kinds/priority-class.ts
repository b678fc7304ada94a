/** PriorityClass. */
import { defineKind } from '../kind.ts'
import type { PriorityClass } from '../types/scheduling.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const priorityClass = defineKind<PriorityClass>({
  kind: 'PriorityClass',
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
