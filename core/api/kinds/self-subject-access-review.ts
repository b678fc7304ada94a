/** SelfSubjectAccessReview: may I? Answered at once, never stored. Upstream: pkg/apis/authorization/validation. */
import { type FieldError, invalid } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { SelfSubjectAccessReview } from '../types/authorization.ts'
import { nameColumn } from './parts/columns.ts'

export const selfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  kind: 'SelfSubjectAccessReview',
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  verbs: ['create'],
  tracksGeneration: false,
  subresources: {},
  validate({ spec }) {
    const errors: FieldError[] = []
    const { resourceAttributes, nonResourceAttributes } = spec
    if (resourceAttributes && nonResourceAttributes) errors.push(invalid('spec.nonResourceAttributes', nonResourceAttributes, 'cannot be specified in combination with resourceAttributes'))
    if (!resourceAttributes && !nonResourceAttributes) errors.push(invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'))
    return errors
  },
  columns: [nameColumn],
  selectableFields: {},
  refs: () => [],
})
