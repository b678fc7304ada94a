/**
 * Devices for all of a Pod's claims on one node, by trying in order and going back where it does not work out
 * (upstream: dynamic-resource-allocation/structured/internal/incubating). Pure.
 */
import type { AllocationResult, DeviceConstraint, DeviceToleration, ResourceClaim } from '../../api/types/resource.ts'
import { equal } from '../../base/json.ts'
import type { NodeInfo } from '../node-info.ts'
import { fits, taken, type Amounts } from './capacity.ts'
import { add, drawn, keepsAway, type Inventory, type OfferedDevice, type PoolOnNode } from './inventory.ts'
import { optionsOf, type Classes, type Option } from './requests.ts'
import { resultOf, type Chosen } from './result.ts'
import type { Selectors } from './selector.ts'

const devicesAtMost = 32

/** `exceeded`: not with so many devices in one claim; nothing that comes after can mend it but another alternative. */
type Found = boolean | 'exceeded'

/** An option with what it takes on this node. */
interface Way extends Option {
  /** Of all of them where all are wanted. */
  readonly able: readonly OfferedDevice[]
  readonly devices: number
}

const tolerated = ({ device }: OfferedDevice, tolerations: readonly DeviceToleration[]): boolean =>
  (device.taints ?? []).filter(keepsAway).every((taint) =>
    tolerations.some(({ key, operator, value, effect }) => (!effect || effect === taint.effect) && (!key || key === taint.key) && (operator === 'Exists' || (value ?? '') === (taint.value ?? ''))))

function attribute({ device, driver }: OfferedDevice, name: string): unknown {
  const slash = name.indexOf('/')
  return device.attributes?.[name] ?? (name.slice(0, slash) === driver ? device.attributes?.[name.slice(slash + 1)] : undefined)
}

const speaksOf = ({ requests = [] }: DeviceConstraint, { name, request }: Option): boolean => requests.length === 0 || requests.includes(request) || requests.includes(name)

function holds(constraints: readonly DeviceConstraint[], chosen: readonly Chosen[], option: Option, offered: OfferedDevice): boolean {
  return constraints.every((constraint) => {
    const key = constraint.matchAttribute ?? constraint.distinctAttribute
    if (key === undefined || !speaksOf(constraint, option)) return true
    const value = attribute(offered, key)
    if (value === undefined) return false
    const others = chosen.filter((one) => speaksOf(constraint, one.option)).map((one) => attribute(one.offered, key))
    return constraint.matchAttribute !== undefined ? others.every((other) => equal(other, value)) : !others.some((other) => equal(other, value))
  })
}

/** Allocations in the order of the claims; undefined where the node cannot serve them all. Throws where a claim cannot be judged. */
export function allocate(claims: readonly ResourceClaim[], node: NodeInfo, inventory: Inventory, classes: Classes, selectors: Selectors): AllocationResult[] | undefined {
  const pools = inventory.on(node)
  const search = new Search(claims, pools, inventory, classes, selectors)
  if (search.run()) return claims.map((claim, at) => resultOf(claim, search.selected[at]!, search.chosen[at]!, node.name))
  if (pools.some(({ trouble }) => trouble === 'invalid')) throw new Error('invalid resource pools were encountered')
  return undefined
}

class Search {
  readonly chosen: Chosen[][]
  /** By claim and request, the way it is being met. */
  readonly selected: Option[][]
  readonly #claims: readonly ResourceClaim[]
  readonly #inventory: Inventory
  readonly #selectors: Selectors
  readonly #devices: readonly OfferedDevice[]
  readonly #ways: readonly (readonly (readonly Way[])[])[]
  /** Which claims hold a device that is not shared, in this attempt. */
  readonly #held = new Map<string, Set<number>>()
  readonly #sharing = new Map<string, Map<string, bigint>>()
  readonly #drawn = new Map<PoolOnNode, Map<string, bigint>>()
  readonly #passes = new Map<Option, Map<OfferedDevice, boolean>>()

  constructor(claims: readonly ResourceClaim[], pools: readonly PoolOnNode[], inventory: Inventory, classes: Classes, selectors: Selectors) {
    this.#claims = claims
    this.#inventory = inventory
    this.#selectors = selectors
    this.#devices = pools.flatMap(({ devices }) => devices)
    this.chosen = claims.map(() => [])
    this.selected = claims.map(() => [])
    this.#ways = claims.map((claim) => {
      const ways = (claim.spec.devices?.requests ?? []).map((request) => {
        const options = optionsOf(request, classes)
        return 'missing' in options ? [] : options.map((option) => this.#wayOf(option, claim, pools))
      })
      const fewest = ways.reduce((sum, some) => sum + (some.length === 0 ? 0 : Math.min(...some.map(({ devices }) => devices))), 0)
      if (fewest > devicesAtMost) throw new Error(`claim ${nameOf(claim)}: number of requested devices ${fewest} exceeds the claim limit of ${devicesAtMost}`)
      return ways
    })
  }

  run(): boolean {
    const found = this.#request(0, 0)
    if (found === 'exceeded') throw new Error('allocation max size exceeded')
    return found
  }

  #wayOf(option: Option, claim: ResourceClaim, pools: readonly PoolOnNode[]): Way {
    if (option.count !== 'all') return { ...option, able: [], devices: option.count }
    const trouble = pools.find((pool) => pool.trouble !== undefined)
    if (trouble) throw new Error(`claim ${nameOf(claim)}, request ${lastOf(option)}: asks for all devices, but resource pool ${trouble.driver}/${trouble.name} is currently ${trouble.trouble === 'updated' ? 'being updated' : 'invalid'}`)
    const able = this.#devices.filter((offered) => this.#isSelectable(option, offered, claim) && this.#amounts(option, offered) !== undefined)
    return { ...option, able, devices: able.length }
  }

  #isSelectable(option: Option, offered: OfferedDevice, claim: ResourceClaim): boolean {
    let known = this.#passes.get(option)
    if (!known) this.#passes.set(option, (known = new Map()))
    let passes = known.get(offered)
    if (passes === undefined) known.set(offered, (passes = this.#judge(option, offered, claim)))
    return passes
  }

  #judge({ selectors, deviceClass }: Option, { device, driver }: OfferedDevice, claim: ResourceClaim): boolean {
    const ofClass = deviceClass.spec.selectors?.length ?? 0
    return selectors.every(({ cel }, i) => {
      try {
        return cel !== undefined && this.#selectors.test(cel.expression)(device, driver)
      } catch (error) {
        const where = i < ofClass ? `class ${deviceClass.metadata.name}: selector #${i}` : `claim ${nameOf(claim)}: selector #${i - ofClass}`
        throw new Error(`${where}: CEL runtime error: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
      }
    })
  }

  /** What the device would give, where it still has that. */
  #amounts({ capacity }: Option, { device, key }: OfferedDevice): Amounts | undefined {
    const amounts = taken(device, capacity)
    if (!amounts) return undefined
    const inUse = new Map(this.#inventory.shared.get(key))
    for (const [name, amount] of this.#sharing.get(key) ?? []) inUse.set(name, (inUse.get(name) ?? 0n) + amount)
    return fits(device, amounts, inUse) ? amounts : undefined
  }

  #request(at: number, index: number): Found {
    const ways = this.#ways[at]?.[index]
    if (!ways) return at + 1 >= this.#claims.length || this.#request(at + 1, 0) === true
    let all: Found = ways.length === 0 ? false : 'exceeded'
    for (const way of ways) {
      this.selected[at]![index] = way
      const found = this.#device(at, index, way, 0, 0)
      if (found === true) return true
      if (found === false) all = false
    }
    return all
  }

  /** The `nth` device of the request, from the given place on. */
  #device(at: number, index: number, way: Way, nth: number, from: number): Found {
    if (way.count === 'all' && way.able.length === 0) return false
    if (nth >= way.devices) return this.#request(at, index + 1)
    const own = this.chosen[at]!
    if (own.length + way.devices - nth > devicesAtMost) return 'exceeded'
    if (way.count === 'all') {
      const undo = this.#take(at, way, way.able[nth]!)
      if (!undo) return false
      const found = this.#device(at, index, way, nth + 1, 0)
      if (found !== true) undo()
      return found
    }
    for (let i = from; i < this.#devices.length; i++) {
      const offered = this.#devices[i]!
      if (this.#isInUse(at, way, offered) || !this.#isSelectable(way, offered, this.#claims[at]!)) continue
      const undo = this.#take(at, way, offered)
      if (!undo) continue
      const found = this.#device(at, index, way, nth + 1, i + 1)
      if (found === true) return true
      undo()
      if (found === 'exceeded') return found
    }
    return false
  }

  #isInUse(at: number, { adminAccess }: Option, { key }: OfferedDevice): boolean {
    const held = this.#held.get(key)
    return adminAccess ? held?.has(at) === true : this.#inventory.taken.has(key) || (held?.size ?? 0) > 0
  }

  /** Takes the device and answers how to give it back; undefined where it cannot be had. */
  #take(at: number, way: Way, offered: OfferedDevice): (() => void) | undefined {
    const { key, device, pool } = offered
    const claim = this.#claims[at]!
    const isShared = device.allowMultipleAllocations === true
    if (this.#isInUse(at, way, offered) || !tolerated(offered, way.tolerations)) return undefined
    const draws = isShared && (this.#inventory.shared.has(key) || this.#sharing.has(key)) ? [] : drawn(device)
    if (!this.#hasCounters(pool, draws)) return undefined
    if (!holds(claim.spec.devices?.constraints ?? [], this.chosen[at]!, way, offered)) {
      if (way.count !== 'all') return undefined
      throw new Error(`claim ${nameOf(claim)}, request ${lastOf(way)}: cannot add device ${key} because a claim constraint would not be satisfied`)
    }
    const amounts = this.#amounts(way, offered)
    if (!amounts) return undefined

    const before = this.#sharing.get(key)
    const [sharing, counters] = [before && new Map(before), this.#drawn.get(pool)]
    this.chosen[at]!.push({ option: way, offered, ...(isShared ? { consumed: amounts } : {}) })
    if (isShared) add(this.#sharing, key, [...amounts].map(([name, { nano }]) => [name, nano]))
    else this.#held.set(key, new Set([...(this.#held.get(key) ?? []), at]))
    if (draws.length > 0) {
      const sums = new Map(counters)
      for (const [name, amount] of draws) sums.set(name, (sums.get(name) ?? 0n) + amount)
      this.#drawn.set(pool, sums)
    }
    return () => {
      this.chosen[at]!.pop()
      if (!isShared) this.#held.get(key)!.delete(at)
      else if (sharing) this.#sharing.set(key, sharing)
      else this.#sharing.delete(key)
      if (draws.length > 0) this.#drawn.set(pool, counters ?? new Map())
    }
  }

  #hasCounters(pool: PoolOnNode, draws: readonly (readonly [string, bigint])[]): boolean {
    if (draws.length === 0) return true
    const sums = new Map(this.#drawn.get(pool))
    for (const [name, amount] of draws) sums.set(name, (sums.get(name) ?? 0n) + amount)
    return [...pool.counters].every(([name, left]) => (sums.get(name) ?? 0n) <= left)
  }
}

const nameOf = ({ metadata }: ResourceClaim): string => `${metadata.namespace}/${metadata.name}`
const lastOf = ({ name }: Option): string => name.slice(name.lastIndexOf('/') + 1)
