/** PodTemplate. */
import { defineKind } from '../kind.ts'
import type { PodTemplate } from '../types/core.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const podTemplate = defineKind<PodTemplate>({
  kind: 'PodTemplate',
  group: '',
  version: 'v1',
  plural: 'podtemplates',
  singular: 'podtemplate',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.PodTemplate',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
