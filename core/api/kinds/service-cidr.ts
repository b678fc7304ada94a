/** ServiceCIDR. */
import { defineKind } from '../kind.ts'
import type { ServiceCIDR } from '../types/networking.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const serviceCidr = defineKind<ServiceCIDR>({
  kind: 'ServiceCIDR',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'servicecidrs',
  singular: 'servicecidr',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  tracksGeneration: false,
  subresources: { status: true },
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
