/** SelfSubjectReview: who am I? Answered at once, never stored. */
import { defineKind } from '../kind.ts'
import type { SelfSubjectReview } from '../types/authentication.ts'
import { nameColumn } from './parts/columns.ts'

export const selfSubjectReview = defineKind<SelfSubjectReview>({
  kind: 'SelfSubjectReview',
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.authentication.v1.SelfSubjectReview',
  verbs: ['create'],
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn],
  selectableFields: {},
  refs: () => [],
})
