/** ResourceClaim. Upstream: pkg/registry/resource/resourceclaim/strategy.go, pkg/apis/resource/validation/validation.go. */
import { equal } from '../../base/json.ts'
import { type FieldError, forbidden, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { ResourceClaim, ResourceClaimStatus } from '../types/resource.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { validateDriverName, validateList, validatePoolName } from './devices/claim-names.ts'
import { defaultClaimSpec, requestNames, validateClaimSpec, validateRequestRef } from './devices/claim-spec.ts'
import { validateClaimDevices, validateResultExtras } from './devices/claim-status.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const consumersAtMost = 256
const resultsAtMost = 32

export const resourceClaim = defineKind<ResourceClaim>({
  kind: 'ResourceClaim',
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceclaims',
  singular: 'resourceclaim',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.resource.v1.ResourceClaim',
  tracksGeneration: false,
  subresources: { status: true },
  default: (draft) => defaultClaimSpec(draft.spec),
  prepareForCreate(draft) {
    draft.status = {}
  },
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
  validateUpdate: (object, old) => immutable('spec', object.spec, old.spec),
  validateStatusUpdate: (object, old) => validateStatus(object, old.status ?? {}),
  columns: [nameColumn, { name: 'State', type: 'string', cell: stateOf }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function stateOf({ metadata, status }: ResourceClaim): string {
  const deleted = metadata.deletionTimestamp !== undefined
  if (!status?.allocation) return deleted ? 'deleted' : 'pending'
  return [...(deleted ? ['deleted'] : []), 'allocated', ...((status.reservedFor?.length ?? 0) > 0 ? ['reserved'] : [])].join(',')
}

function validateStatus({ metadata, spec, status = {} }: ResourceClaim, old: ResourceClaimStatus): FieldError[] {
  const { allocation, reservedFor = [] } = status
  const errors = validateList(reservedFor, 'status.reservedFor', consumersAtMost, (one, at) => [
    ...(one.resource ? [] : [required(`${at}.resource`)]), ...(one.name ? [] : [required(`${at}.name`)]), ...(one.uid ? [] : [required(`${at}.uid`)]),
  ], ({ uid }) => uid)
  errors.push(...validateClaimDevices(status))
  if (reservedFor.length > 0 && !allocation) errors.push(forbidden('status.reservedFor', 'may not be specified when `allocated` is not set'))
  else if (metadata.deletionTimestamp !== undefined && reservedFor.some((one) => !(old.reservedFor ?? []).some((other) => equal(one, other)))) {
    errors.push(forbidden('status.reservedFor', 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'))
  }
  if (allocation && old.allocation) {
    errors.push(...immutable('status.allocation', allocation, old.allocation))
  } else if (allocation) {
    const known = requestNames(spec?.devices)
    errors.push(...validateList(allocation.devices?.results, 'status.allocation.devices.results', resultsAtMost, (result, at) => [
      ...validateRequestRef(result.request, `${at}.request`, known), ...validateDriverName(result.driver, `${at}.driver`), ...validatePoolName(result.pool, `${at}.pool`), ...validateResultExtras(result, at),
    ]))
  }
  return errors
}
