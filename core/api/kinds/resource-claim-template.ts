/** ResourceClaimTemplate. Upstream: pkg/registry/resource/resourceclaimtemplate/strategy.go. */
import { defineKind } from '../kind.ts'
import type { ResourceClaimTemplate } from '../types/resource.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { defaultClaimSpec, validateClaimSpec } from './devices/claim-spec.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const resourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  kind: 'ResourceClaimTemplate',
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceclaimtemplates',
  singular: 'resourceclaimtemplate',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.resource.v1.ResourceClaimTemplate',
  tracksGeneration: false,
  subresources: {},
  default: (draft) => defaultClaimSpec(draft.spec?.spec),
  validate: ({ spec }) => validateClaimSpec(spec?.spec, 'spec.spec'),
  validateUpdate: (object, old) => immutable('spec', object.spec, old.spec),
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
