/**
 * Admin access to devices, which lets one use what others hold, only in namespaces that are labelled for it (upstream:
 * pkg/registry/resource/utils.go, AuthorizedForAdmin; there part of the kinds' validation).
 */
import { forbidden } from '../../api/field-error.ts'
import type { DeviceRequest, DeviceRequestAllocationResult, ResourceClaim, ResourceClaimTemplate } from '../../api/types/resource.ts'
import { objectInvalid } from '../errors.ts'
import type { Lookup } from '../registry/lookup.ts'
import type { Admission } from './admission.ts'

const label = 'resource.kubernetes.io/admin-access'

const inRequests = (requests: readonly DeviceRequest[] | undefined): string | undefined => {
  const at = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess === true)
  return at < 0 ? undefined : `spec.devices.requests[${at}].adminAccess`
}

const inResults = (results: readonly DeviceRequestAllocationResult[] | undefined): string | undefined => {
  const at = (results ?? []).findIndex(({ adminAccess }) => adminAccess === true)
  return at < 0 ? undefined : `status.allocation.devices.results[${at}].adminAccess`
}

export const deviceAdminAccess = (lookup: Lookup): Admission => ({
  name: 'DeviceAdminAccess',
  kinds: ['ResourceClaim', 'ResourceClaimTemplate'],
  validate({ operation, subresource, draft, old, face, namespace, name }) {
    let field: string | undefined
    if (operation === 'create' && subresource === undefined) {
      const { spec } = draft as unknown as ResourceClaim | ResourceClaimTemplate
      field = inRequests('spec' in spec ? spec.spec.devices?.requests : spec.devices?.requests)
    } else if (operation === 'update' && subresource === 'status' && inResults((old as ResourceClaim).status?.allocation?.devices?.results) === undefined) {
      field = inResults((draft as unknown as ResourceClaim).status?.allocation?.devices?.results)
    }
    if (field === undefined || lookup.get('Namespace', undefined, namespace ?? '')?.metadata.labels?.[label] === 'true') return
    throw objectInvalid({ group: face.group, kind: face.definition.kind }, name, [forbidden(field, `admin access to devices requires the \`${label}: true\` label on the containing namespace`)])
  },
})
