/** DeviceClass. Upstream: pkg/registry/resource/deviceclass/strategy.go. */
import { defineKind } from '../kind.ts'
import type { DeviceClass } from '../types/resource.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { validateList, validateOpaque, validateSelectors } from './devices/claim-spec.ts'
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
  ],
  columns: [nameColumn, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
