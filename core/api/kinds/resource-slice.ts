/** ResourceSlice. Upstream: pkg/registry/resource/resourceslice/strategy.go, pkg/apis/resource/validation/validation.go. */
import { type FieldError, invalid, required } from '../field-error.ts'
import { timestamp } from '../meta.ts'
import { defineKind } from '../kind.ts'
import { dns1123Subdomain } from '../names.ts'
import type { ResourceSlice, ResourceSliceSpec } from '../types/resource.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { validateDriverName, validateList, validatePoolName } from './devices/claim-names.ts'
import { counterName, validateCounters, validateDevice } from './devices/device.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateNodeSelector } from './pod-spec/validate-scheduling.ts'

export const resourceSlice = defineKind<ResourceSlice>({
  kind: 'ResourceSlice',
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceslices',
  singular: 'resourceslice',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.resource.v1.ResourceSlice',
  tracksGeneration: true,
  subresources: {},
  prepareForCreate: (draft, { now }) => prepare(draft, now),
  prepareForUpdate: (draft, _old, { now }) => prepare(draft, now),
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, { spec: old }) => [
    ...immutable('spec.pool.name', spec.pool.name, old.pool.name),
    ...immutable('spec.driver', spec.driver, old.driver),
    ...immutable('spec.nodeName', spec.nodeName, old.nodeName),
  ],
  columns: [
    nameColumn,
    { name: 'Node', type: 'string', cell: ({ spec }) => spec?.nodeName ?? '' },
    { name: 'Driver', type: 'string', cell: ({ spec }) => spec?.driver ?? '' },
    { name: 'Pool', type: 'string', cell: ({ spec }) => spec?.pool?.name ?? '' },
    ageColumn,
  ],
  selectableFields: { 'spec.nodeName': ({ spec }) => spec?.nodeName ?? '', 'spec.driver': ({ spec }) => spec?.driver ?? '' },
  refs: ({ metadata }) => ownerRefs(metadata),
})

/** A taint says since when; node resources by devices are upstream's alpha, and dropped. */
function prepare({ spec }: ResourceSlice, now: number): void {
  for (const device of spec?.devices ?? []) {
    delete device.nodeAllocatableResourceMappings
    for (const taint of device.taints ?? []) taint.timeAdded ??= timestamp(now)
  }
}

const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const
const placesSay = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const devicesAtMost = 128
const advancedAtMost = 64
const counterSetsAtMost = 8

function validateSpec(spec: ResourceSliceSpec): FieldError[] {
  const errors = [...validateDriverName(spec.driver, 'spec.driver'), ...validatePoolName(spec.pool?.name, 'spec.pool.name')]
  if ((spec.pool?.resourceSliceCount ?? 0) <= 0) errors.push(invalid('spec.pool.resourceSliceCount', spec.pool?.resourceSliceCount ?? 0, 'must be greater than zero'))
  if ((spec.pool?.generation ?? 0) < 0) errors.push(invalid('spec.pool.generation', spec.pool.generation, 'must be greater than or equal to zero'))
  if (spec.nodeName === '') errors.push(invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string'))
  else for (const sentence of spec.nodeName === undefined ? [] : dns1123Subdomain(spec.nodeName)) errors.push(invalid('spec.nodeName', spec.nodeName, sentence))
  if (spec.nodeSelector && spec.nodeSelector.nodeSelectorTerms.length !== 1) errors.push(invalid('spec.nodeSelector.nodeSelectorTerms', spec.nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term'))
  if (spec.nodeSelector) validateNodeSelector(spec.nodeSelector, 'spec.nodeSelector', errors)
  for (const flag of ['allNodes', 'perDeviceNodeSelection'] as const) if (spec[flag] === false) errors.push(invalid(`spec.${flag}`, false, 'must be either unset or set to true'))
  const set = places.filter((place) => spec[place])
  if (set.length === 0) errors.push(required('spec', placesSay))
  else if (set.length > 1) errors.push(invalid('spec', `{${set.map((place) => `\`${place}\``).join(', ')}}`, `${placesSay}, but multiple fields are set`))
  if (spec.sharedCounters && spec.devices) errors.push(invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'))
  const advanced = (spec.devices ?? []).some(({ taints, consumesCounters, attributes = {} }) => (taints?.length ?? 0) + (consumesCounters?.length ?? 0) > 0 || Object.values(attributes).some(({ bools, ints, strings, versions }) => bools ?? ints ?? strings ?? versions))
  errors.push(...validateList(spec.devices, 'spec.devices', advanced ? advancedAtMost : devicesAtMost, (device, at) => validateDevice(device, at, spec.perDeviceNodeSelection === true), ({ name }) => name))
  errors.push(...validateList(spec.sharedCounters, 'spec.sharedCounters', counterSetsAtMost, ({ name, counters }, at) => [...counterName(name, `${at}.name`), ...validateCounters(counters, `${at}.counters`)], ({ name }) => name))
  return errors
}
