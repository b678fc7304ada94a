/** A claim's allocation as it is written down, from the devices chosen (upstream: allocator_incubating.go, Allocate). */
import { formatQuantity } from '../../api/quantity.ts'
import type { NodeSelector, NodeSelectorTerm } from '../../api/types/core.ts'
import type { AllocationResult, DeviceAllocationConfiguration, DeviceRequestAllocationResult, ResourceClaim } from '../../api/types/resource.ts'
import { equal } from '../../base/json.ts'
import type { Amounts } from './capacity.ts'
import type { OfferedDevice } from './inventory.ts'
import type { Option } from './requests.ts'

export interface Chosen {
  readonly option: Option
  readonly offered: OfferedDevice
  /** Only of a device that is shared. */
  readonly consumed?: Amounts
}

/** `selected`: the way each request was met, in their order. */
export function resultOf(claim: ResourceClaim, selected: readonly Option[], chosen: readonly Chosen[], node: string): AllocationResult {
  const results = chosen.map(({ option, offered: { driver, pool, device }, consumed }, i): DeviceRequestAllocationResult => ({
    request: option.name, driver, pool: pool.name, device: device.name,
    ...(option.adminAccess ? { adminAccess: true } : {}),
    ...(option.tolerations.length > 0 ? { tolerations: [...option.tolerations] } : {}),
    ...(device.bindingConditions ? { bindingConditions: [...device.bindingConditions] } : {}),
    ...(device.bindingFailureConditions ? { bindingFailureConditions: [...device.bindingFailureConditions] } : {}),
    ...(consumed ? { shareID: shareId(`${claim.metadata.uid}/${driver}/${pool.name}/${device.name}/${i}`) } : {}),
    ...(consumed && consumed.size > 0 ? { consumedCapacity: Object.fromEntries([...consumed].map(([name, amount]) => [name, formatQuantity(amount)])) } : {}),
  }))
  const config: DeviceAllocationConfiguration[] = []
  const classes = new Map<string, DeviceAllocationConfiguration[]>()
  for (const { name, deviceClass } of selected) {
    const known = classes.get(deviceClass.metadata.name)
    if (known) for (const one of known) one.requests!.push(name)
    else {
      const own = (deviceClass.spec.config ?? []).map((one): DeviceAllocationConfiguration => ({ source: 'FromClass', requests: [name], ...one }))
      classes.set(deviceClass.metadata.name, own)
      config.push(...own)
    }
  }
  for (const one of claim.spec.devices?.config ?? []) {
    const about = one.requests ?? []
    // Upstream gives it as often as a request is meant by it.
    const times = about.length === 0 ? 1 : selected.filter(({ name, request }) => about.includes(request) || about.includes(name)).length
    for (let i = 0; i < times; i++) config.push({ source: 'FromClaim', ...one })
  }
  const nodeSelector = reachableFrom(chosen, node)
  return { devices: { results, ...(config.length > 0 ? { config } : {}) }, ...(nodeSelector ? { nodeSelector } : {}) }
}

/** Where all the devices can be used; undefined: everywhere. */
function reachableFrom(chosen: readonly Chosen[], node: string): NodeSelector | undefined {
  if (chosen.some(({ offered }) => offered.isLocal)) return { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] }
  const terms = chosen.map(({ offered }) => offered.nodeSelector?.nodeSelectorTerms[0]).filter((term) => term !== undefined)
  const unique = <T>(all: readonly T[]): T[] => all.filter((one, i) => all.findIndex((other) => equal(one, other)) === i)
  const expressions = unique(terms.flatMap(({ matchExpressions }) => matchExpressions ?? []))
  const fields = unique(terms.flatMap(({ matchFields }) => matchFields ?? []))
  if (expressions.length + fields.length === 0) return undefined
  const merged: NodeSelectorTerm = { ...(expressions.length > 0 ? { matchExpressions: expressions } : {}), ...(fields.length > 0 ? { matchFields: fields } : {}) }
  return { nodeSelectorTerms: [merged] }
}

/** Upstream draws one at random; a plan is to be the same each time, and no other claim has these words. */
function shareId(text: string): string {
  const words = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b].map((seed) => {
    let value = seed
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
    value ^= value >>> 15
    value = Math.imul(value, 0x2c1b3c6d)
    return ((value ^ (value >>> 12)) >>> 0).toString(16).padStart(8, '0')
  })
  const hex = words.join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
