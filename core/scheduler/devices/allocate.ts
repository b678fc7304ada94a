/**
 * Devices for all of a Pod's claims on one node, by trying in order and going back where it does not work out
 * (upstream: dynamic-resource-allocation/structured/internal/stable). Pure.
 */
import { parseQuantity } from '../../api/quantity.ts'
import type { NodeSelector, NodeSelectorTerm } from '../../api/types/core.ts'
import type {
  AllocationResult, DeviceAllocationConfiguration, DeviceClass, DeviceConstraint, DeviceRequest, DeviceRequestAllocationResult, DeviceSelector, DeviceToleration, ResourceClaim,
} from '../../api/types/resource.ts'
import { equal } from '../../base/json.ts'
import type { NodeInfo } from '../node-info.ts'
import { keepsAway, type Inventory, type OfferedDevice } from './inventory.ts'
import { qualified, type Selectors } from './selector.ts'

const devicesAtMost = 32

/** One way to meet a request. */
interface Option {
  readonly name: string
  readonly deviceClass: DeviceClass
  readonly selectors: readonly DeviceSelector[]
  readonly count: number | 'all'
  readonly adminAccess: boolean
  readonly tolerations: readonly DeviceToleration[]
}

interface Chosen {
  readonly option: Option
  readonly request: string
  readonly offered: OfferedDevice
}

export type Classes = (name: string) => DeviceClass | undefined

/** The ways to meet a request, best first; a class that does not exist is said by name. */
function optionsOf(request: DeviceRequest, classes: Classes): Option[] | { missing: string } {
  const asked = request.exactly ? [{ ...request.exactly, name: request.name }] : (request.firstAvailable ?? []).map((sub) => ({ ...sub, name: `${request.name}/${sub.name}` }))
  const options: Option[] = []
  for (const one of asked) {
    const deviceClass = classes(one.deviceClassName)
    if (!deviceClass) return { missing: one.deviceClassName }
    options.push({
      name: one.name, deviceClass, selectors: [...(deviceClass.spec.selectors ?? []), ...(one.selectors ?? [])], count: one.allocationMode === 'All' ? 'all' : (one.count ?? 1),
      adminAccess: 'adminAccess' in one && one.adminAccess === true, tolerations: one.tolerations ?? [],
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

const tolerated = (offered: OfferedDevice, tolerations: readonly DeviceToleration[]): boolean =>
  (offered.device.taints ?? []).filter(keepsAway).every((taint) =>
    tolerations.some(({ key, operator, value, effect }) => (!effect || effect === taint.effect) && (!key || key === taint.key) && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''))))

function attribute({ device, driver }: OfferedDevice, name: string): unknown {
  const [domain, id] = qualified(name, driver)
  return device.attributes?.[`${domain}/${id}`] ?? (domain === driver ? device.attributes?.[id] : undefined)
}

const speaksOf = ({ requests = [] }: DeviceConstraint, { name }: Option, request: string): boolean => requests.length === 0 || requests.includes(request) || requests.includes(name)

function holds(constraints: readonly DeviceConstraint[], chosen: readonly Chosen[], next: Chosen): boolean {
  return constraints.every((constraint) => {
    const key = constraint.matchAttribute ?? constraint.distinctAttribute
    if (key === undefined || !speaksOf(constraint, next.option, next.request)) return true
    const value = attribute(next.offered, key)
    if (value === undefined) return false
    const others = chosen.filter(({ option, request }) => speaksOf(constraint, option, request)).map(({ offered }) => attribute(offered, key))
    return constraint.matchAttribute !== undefined ? others.every((other) => equal(other, value)) : !others.some((other) => equal(other, value))
  })
}

/** Allocations in the order of the claims; undefined where the node cannot serve them all. Throws where a selector cannot be judged. */
export function allocate(claims: readonly ResourceClaim[], node: NodeInfo, inventory: Inventory, classes: Classes, selectors: Selectors): AllocationResult[] | undefined {
  const { devices, whole } = inventory.on(node)
  const held = new Set(inventory.taken)
  const chosen: Chosen[][] = claims.map(() => [])
  const passes = (offered: OfferedDevice, option: Option): boolean =>
    tolerated(offered, option.tolerations) && option.selectors.every(({ cel }) => cel !== undefined && selectors.test(cel.expression)(offered.device, offered.driver))

  const claimAt = (at: number): boolean => at === claims.length || requestAt(at, 0)
  const requestAt = (at: number, index: number): boolean => {
    const request = claims[at]!.spec.devices?.requests?.[index]
    if (!request) return claimAt(at + 1)
    const options = optionsOf(request, classes)
    if ('missing' in options) return false
    for (const option of options) {
      const able = devices.filter((offered) => passes(offered, option))
      if (option.count === 'all' && (!whole || able.length === 0)) continue
      if (deviceAt(at, index, request.name, option, able, 0, option.count === 'all' ? able.length : option.count)) return true
    }
    return false
  }
  const deviceAt = (at: number, index: number, request: string, option: Option, able: readonly OfferedDevice[], from: number, left: number): boolean => {
    if (left === 0) return requestAt(at, index + 1)
    const own = chosen[at]!
    if (own.length >= devicesAtMost) return false
    for (let i = from; i < able.length; i++) {
      const next: Chosen = { option, request, offered: able[i]! }
      const { key } = next.offered
      const free = option.adminAccess || (!held.has(key) && inventory.hasCounters(key, held, (text) => parseQuantity(text).nano))
      if (free && holds(claims[at]!.spec.devices?.constraints ?? [], own, next)) {
        own.push(next)
        if (!option.adminAccess) held.add(key)
        if (deviceAt(at, index, request, option, able, i + 1, left - 1)) return true
        own.pop()
        if (!option.adminAccess) held.delete(key)
      }
      // All means each of them.
      if (option.count === 'all') return false
    }
    return false
  }
  return claimAt(0) ? claims.map((claim, at) => resultOf(claim, chosen[at]!)) : undefined
}

function resultOf(claim: ResourceClaim, chosen: readonly Chosen[]): AllocationResult {
  const results = chosen.map(({ option, offered }): DeviceRequestAllocationResult => ({
    request: option.name, driver: offered.driver, pool: offered.pool, device: offered.device.name,
    ...(option.adminAccess ? { adminAccess: true } : {}), ...(option.tolerations.length > 0 ? { tolerations: [...option.tolerations] } : {}),
  }))
  const config: DeviceAllocationConfiguration[] = []
  for (const option of new Set(chosen.map((one) => one.option))) for (const one of option.deviceClass.spec.config ?? []) config.push({ source: 'FromClass', requests: [option.name], ...one })
  for (const one of claim.spec.devices?.config ?? []) {
    const about = one.requests ?? []
    if (about.length === 0 || chosen.some(({ option, request }) => about.includes(option.name) || about.includes(request))) config.push({ source: 'FromClaim', ...one })
  }
  const nodeSelector = reachableFrom(chosen)
  return { devices: { results, ...(config.length > 0 ? { config } : {}) }, ...(nodeSelector ? { nodeSelector } : {}) }
}

/** Where all the devices can be used; undefined: everywhere. */
function reachableFrom(chosen: readonly Chosen[]): NodeSelector | undefined {
  const local = chosen.find(({ offered }) => offered.nodeName !== undefined)
  if (local) return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [local.offered.nodeName!] }] }] }
  const terms = chosen.map(({ offered }) => offered.nodeSelector?.nodeSelectorTerms[0]).filter((term) => term !== undefined)
  if (terms.length === 0) return undefined
  const unique = <T>(all: readonly T[]): T[] => all.filter((one, i) => all.findIndex((other) => equal(one, other)) === i)
  const expressions = unique(terms.flatMap(({ matchExpressions }) => matchExpressions ?? []))
  const fields = unique(terms.flatMap(({ matchFields }) => matchFields ?? []))
  const merged: NodeSelectorTerm = { ...(expressions.length > 0 ? { matchExpressions: expressions } : {}), ...(fields.length > 0 ? { matchFields: fields } : {}) }
  return { nodeSelectorTerms: [merged] }
}
