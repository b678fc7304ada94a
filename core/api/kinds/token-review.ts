/** TokenReview: whose token is this? Answered at once, never stored. Upstream: pkg/registry/authentication/tokenreview. */
import { type FieldError, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { TokenReview } from '../types/authentication.ts'
import { nameColumn } from './parts/columns.ts'

export const tokenReview = defineKind<TokenReview>({
  kind: 'TokenReview',
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  singular: 'tokenreview',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.authentication.v1.TokenReview',
  verbs: ['create'],
  tracksGeneration: false,
  subresources: {},
  validate({ spec }): FieldError[] {
    return spec.token ? [] : [required('spec.token', 'token is required for TokenReview in authentication')]
  },
  columns: [nameColumn],
  selectableFields: {},
  refs: () => [],
})
