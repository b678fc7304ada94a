/** IngressClass. */
import { defineKind } from '../kind.ts'
import type { IngressClass } from '../types/networking.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const ingressClass = defineKind<IngressClass>({
  kind: 'IngressClass',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ingressclasses',
  singular: 'ingressclass',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.networking.v1.IngressClass',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
