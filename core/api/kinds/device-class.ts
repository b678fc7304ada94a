/** DeviceClass. Upstream: pkg/registry/resource/deviceclass/strategy.go. */
import { defineKind } from '../kind.ts'
import type { DeviceClass } from '../types/resource.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { type FieldError, invalid } from '../field-error.ts'
import { labelKey } from '../names.ts'
import { validateList } from './devices/claim-names.ts'
import { validateOpaque, validateSelectors } from './devices/claim-spec.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const deviceClass = defineKind<DeviceClass>({
  kind: 'DeviceClass',
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'deviceclasses',
  singular: 'deviceclass',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.resource.v1.DeviceClass',
  tracksGeneration: true,
  subresources: {},
  validate: ({ spec }) => [
    ...validateSelectors(spec?.selectors, 'spec.selectors'),
    ...validateList(spec?.config, 'spec.config', 32, ({ opaque }, at) => validateOpaque(opaque, `${at}.opaque`)),
    ...extendedName(spec?.extendedResourceName),
  ],
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

/** A resource by the name of a domain that is not Kubernetes' own. */
function extendedName(name: string | undefined): FieldError[] {
  if (name === undefined) return []
  const own = !name.includes('/') || /(^|\.)kubernetes\.io\//.test(name) || name.startsWith('requests.') || labelKey(`requests.${name}`).length > 0
  return own ? [invalid('spec.extendedResourceName', name, 'must be a valid extended resource name')] : []
}
