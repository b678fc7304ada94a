/**
 * Devices that become usable only some time after they were allocated: a driver says by conditions in the claim's status when,
 * or that it never will (upstream: plugins/dynamicresources, isClaimReadyForBinding, isClaimTimeout).
 */
import type { DeviceRequestAllocationResult, ResourceClaim } from '../../api/types/resource.ts'

/** Upstream's DynamicResourcesBindingTimeoutDefault. */
export const bindingTimeoutMs = 600_000

const results = ({ status }: ResourceClaim): readonly DeviceRequestAllocationResult[] => status?.allocation?.devices?.results ?? []

export const hasBindingConditions = (claim: ResourceClaim): boolean => results(claim).some(({ bindingConditions = [] }) => bindingConditions.length > 0)

/** `ready`, what is missing, or why it will never be. */
export function bindingOf(claim: ResourceClaim): 'ready' | { readonly waits: string } | { readonly failed: string } {
  if (!claim.status?.allocation) return { waits: `waits until devices are allocated to ${claim.metadata.name}` }
  for (const { driver, pool, device, shareID, bindingConditions = [], bindingFailureConditions = [] } of results(claim)) {
    if (bindingConditions.length === 0) continue
    const told = claim.status.devices?.find((one) => one.driver === driver && one.pool === pool && one.device === device && one.shareID === shareID)?.conditions ?? []
    const isTrue = (type: string) => told.some((condition) => condition.type === type && condition.status === 'True')
    const failure = told.find(({ type, status }) => status === 'True' && bindingFailureConditions.includes(type))
    if (failure) return { failed: `device binding failed: claim=${claim.metadata.name}, reason=${failure.reason}, message=${JSON.stringify(failure.message)}` }
    const missing = bindingConditions.filter((type) => !isTrue(type))
    if (missing.length > 0) return { waits: `waits for device ${device} of ${claim.metadata.name} to be ${missing.join(' and ')}` }
  }
  return 'ready'
}

/** Whether the devices will not come any more, so that others should be looked for. */
export function isGivenUp(claim: ResourceClaim, nowMs: number): boolean {
  if (!claim.status?.allocation) return false
  const binding = bindingOf(claim)
  if (binding === 'ready') return false
  if ('failed' in binding) return true
  const { allocationTimestamp } = claim.status.allocation
  return allocationTimestamp !== undefined && hasBindingConditions(claim) && Date.parse(allocationTimestamp) + bindingTimeoutMs < nowMs
}
