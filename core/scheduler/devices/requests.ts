/** What a claim asks for: of each request the ways to meet it, best first. */
import type { CapacityRequirements, DeviceClass, DeviceRequest, DeviceSelector, DeviceToleration, ResourceClaim } from '../../api/types/resource.ts'

/** One way to meet a request. */
export interface Option {
  /** `request`, or `request/alternative`. */
  readonly name: string
  readonly request: string
  readonly deviceClass: DeviceClass
  readonly selectors: readonly DeviceSelector[]
  readonly count: number | 'all'
  readonly adminAccess: boolean
  readonly tolerations: readonly DeviceToleration[]
  readonly capacity: CapacityRequirements | undefined
}

export type Classes = (name: string) => DeviceClass | undefined

/** A class that does not exist is said by name. */
export function optionsOf(request: DeviceRequest, classes: Classes): Option[] | { missing: string } {
  const asked = request.exactly ? [{ ...request.exactly, name: request.name }] : (request.firstAvailable ?? []).map((sub) => ({ ...sub, name: `${request.name}/${sub.name}` }))
  const options: Option[] = []
  for (const one of asked) {
    const deviceClass = classes(one.deviceClassName)
    if (!deviceClass) return { missing: one.deviceClassName }
    options.push({
      name: one.name, request: request.name, deviceClass, selectors: [...(deviceClass.spec.selectors ?? []), ...(one.selectors ?? [])],
      count: one.allocationMode === 'All' ? 'all' : (one.count ?? 1), adminAccess: 'adminAccess' in one && one.adminAccess === true, tolerations: one.tolerations ?? [], capacity: one.capacity,
    })
  }
  return options
}

export function missingClass(claim: ResourceClaim, classes: Classes): { request: string; name: string } | undefined {
  for (const request of claim.spec.devices?.requests ?? []) {
    const options = optionsOf(request, classes)
    if ('missing' in options) return { request: request.name, name: options.missing }
  }
  return undefined
}
