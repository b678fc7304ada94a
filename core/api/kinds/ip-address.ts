/** IPAddress. */
import { defineKind } from '../kind.ts'
import type { IPAddress } from '../types/networking.ts'
import { ageColumn, nameColumn } from './columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const ipAddress = defineKind<IPAddress>({
  kind: 'IPAddress',
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.networking.v1.IPAddress',
  tracksGeneration: false,
  subresources: {},
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
