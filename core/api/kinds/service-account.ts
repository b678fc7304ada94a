/** ServiceAccount. */
import { defineKind } from '../kind.ts'
import type { ServiceAccount } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const serviceAccount = defineKind<ServiceAccount>({
  kind: 'ServiceAccount',
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  tracksGeneration: false,
  deleteReturnsObject: true,
  subresources: { others: ['token'] },
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata, secrets = [], imagePullSecrets = [] }) => [
    ...ownerRefs(metadata),
    ...[...secrets, ...imagePullSecrets].flatMap(({ name }) => (name ? [{ how: 'reads', optional: true, to: { kind: 'Secret', namespace: metadata.namespace ?? '', name } } as const] : [])),
  ],
})
