/** Lease. Upstream: pkg/apis/coordination/validation. */
import { type FieldError, forbidden, invalid, notSupported } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { Lease } from '../types/coordination.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { nonNegative } from './parts/non-negative.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const lease = defineKind<Lease>({
  kind: 'Lease',
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  singular: 'lease',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.coordination.v1.Lease',
  tracksGeneration: false,
  createOnUpdate: true,
  requiresRevisionOnUpdate: true,
  subresources: {},
  validate: validateLease,
  columns: [nameColumn, { name: 'Holder', type: 'string', cell: ({ spec }) => spec.holderIdentity ?? '' }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = []
  if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0) errors.push(invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'))
  nonNegative(spec, ['leaseTransitions'], 'spec', errors)
  if (spec.strategy !== undefined && spec.strategy !== 'OldestEmulationVersion' && !spec.strategy.includes('/')) errors.push(notSupported('spec.strategy', spec.strategy, ['OldestEmulationVersion']))
  if (spec.preferredHolder && !spec.strategy) errors.push(forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
  return errors
}
