/**
 * What devices there are for a node, and which are taken (upstream: dynamic-resource-allocation/structured,
 * pools_incubating.go). Only the newest generation of a pool counts, and only once all its slices are there.
 */
import { parseQuantity } from '../../api/quantity.ts'
import type { NodeSelector } from '../../api/types/core.ts'
import type { Device, DeviceTaint, ResourceClaim, ResourceSlice } from '../../api/types/resource.ts'
import type { NodeInfo } from '../node-info.ts'
import { matchesTerm } from '../selectors.ts'

export interface OfferedDevice {
  readonly key: string
  readonly driver: string
  readonly pool: PoolOnNode
  readonly device: Device
  /** Only from this node; it may come with the allocation (bindsToNode). */
  readonly isLocal: boolean
  /** Where it can be reached from; undefined: everywhere. */
  readonly nodeSelector?: NodeSelector
}

/** `set/counter`. */
export type Counters = ReadonlyMap<string, bigint>

export interface PoolOnNode {
  readonly driver: string
  readonly name: string
  /** Why none of its devices can be had. */
  readonly trouble?: 'updated' | 'invalid'
  readonly devices: readonly OfferedDevice[]
  /** What is left of its counters. */
  readonly counters: Counters
}

interface Pool {
  readonly driver: string
  readonly name: string
  readonly complete: boolean
  readonly slices: readonly ResourceSlice[]
}

const deviceKey = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`

const matches = (selector: NodeSelector, node: NodeInfo): boolean => selector.nodeSelectorTerms.some((term) => matchesTerm(term, node))
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What the device draws, as `set/counter` and how much. */
export const drawn = ({ consumesCounters = [] }: Device): [string, bigint][] =>
  consumesCounters.flatMap(({ counterSet, counters }) => Object.entries(counters).map(([name, { value }]): [string, bigint] => [`${counterSet}/${name}`, parseQuantity(value).nano]))

export class Inventory {
  readonly #pools: readonly Pool[]
  readonly #left = new Map<Pool, Counters>()
  /** Keys of devices that a claim holds alone; those held with admin access stay free for others. */
  readonly taken = new Set<string>()
  /** Of devices that claims share: what they use together, by capacity. */
  readonly shared = new Map<string, Map<string, bigint>>()

  constructor(slices: readonly ResourceSlice[], claims: readonly ResourceClaim[]) {
    const byPool = new Map<string, ResourceSlice[]>()
    for (const slice of slices) {
      const key = `${slice.spec.driver}/${slice.spec.pool.name}`
      const known = byPool.get(key)
      if (known) known.push(slice)
      else byPool.set(key, [slice])
    }
    this.#pools = [...byPool.values()].map((all): Pool => {
      const newest = Math.max(...all.map(({ spec }) => spec.pool.generation))
      const current = all.filter(({ spec }) => spec.pool.generation === newest).sort((a, b) => byText(a.metadata.name, b.metadata.name))
      const { driver, pool } = current[0]!.spec
      return { driver, name: pool.name, complete: current.length === pool.resourceSliceCount, slices: current }
    }).sort((a, b) => byText(a.driver, b.driver) || byText(a.name, b.name))
    for (const { status } of claims) {
      for (const { adminAccess, driver, pool, device, shareID, consumedCapacity } of status?.allocation?.devices?.results ?? []) {
        if (adminAccess) continue
        const key = deviceKey(driver, pool, device)
        if (shareID === undefined) this.taken.add(key)
        else add(this.shared, key, Object.entries(consumedCapacity ?? {}).map(([name, value]) => [name, parseQuantity(value).nano]))
      }
    }
  }

  /** Pools with something for the node, those whose devices are bound step by step last. */
  on(node: NodeInfo): PoolOnNode[] {
    const slow = new Set<string>()
    const pools = this.#pools.flatMap((pool): PoolOnNode[] => {
      const here = pool.slices.filter(({ spec }) => concerns(spec, node))
      if (here.length === 0) return []
      if (here.some(({ spec }) => spec.devices?.some(({ bindingConditions }) => bindingConditions !== undefined))) slow.add(`${pool.driver}/${pool.name}`)
      const found = { driver: pool.driver, name: pool.name, devices: [] as OfferedDevice[], counters: new Map() as Counters }
      if (!pool.complete) return [{ ...found, trouble: 'updated' }]
      const offering = here.filter(({ spec }) => !spec.sharedCounters?.length)
      if (!isValid(pool, offering)) return [{ ...found, trouble: 'invalid' }]
      found.counters = this.#countersLeft(pool)
      for (const { spec } of offering) {
        for (const device of spec.devices ?? []) {
          if (spec.perDeviceNodeSelection && !reaches(device, node)) continue
          const { nodeName, nodeSelector } = spec.perDeviceNodeSelection ? device : spec
          found.devices.push({
            key: deviceKey(spec.driver, spec.pool.name, device.name), driver: spec.driver, pool: found, device,
            isLocal: nodeName !== undefined || device.bindsToNode === true, ...(nodeSelector ? { nodeSelector } : {}),
          })
        }
      }
      return [found]
    })
    const isSlow = ({ driver, name, trouble }: PoolOnNode): boolean => trouble === undefined && slow.has(`${driver}/${name}`)
    return [...pools.filter((pool) => !isSlow(pool)), ...pools.filter(isSlow)]
  }

  #countersLeft(pool: Pool): Counters {
    const known = this.#left.get(pool)
    if (known) return known
    const left = new Map<string, bigint>()
    for (const { name, counters } of pool.slices.flatMap(({ spec }) => spec.sharedCounters ?? [])) for (const [counter, { value }] of Object.entries(counters)) left.set(`${name}/${counter}`, parseQuantity(value).nano)
    for (const { spec } of pool.slices) {
      for (const device of spec.devices ?? []) {
        const key = deviceKey(spec.driver, spec.pool.name, device.name)
        if (!this.taken.has(key) && !this.shared.has(key)) continue
        for (const [counter, amount] of drawn(device)) left.set(counter, (left.get(counter) ?? 0n) - amount)
      }
    }
    this.#left.set(pool, left)
    return left
  }
}

/** Adds amounts up under a key. */
export function add(sums: Map<string, Map<string, bigint>>, key: string, amounts: Iterable<readonly [string, bigint]>): void {
  let sum = sums.get(key)
  if (!sum) sums.set(key, (sum = new Map()))
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0n) + amount)
}

function concerns(spec: ResourceSlice['spec'], node: NodeInfo): boolean {
  if (spec.sharedCounters?.length) return true
  return spec.perDeviceNodeSelection ? (spec.devices ?? []).some((device) => reaches(device, node)) : reaches(spec, node)
}

/** A pool that contradicts itself: names given twice, counters that it does not have. */
function isValid({ slices }: Pool, offering: readonly ResourceSlice[]): boolean {
  const names = offering.flatMap(({ spec }) => (spec.devices ?? []).map(({ name }) => name))
  const sets = slices.flatMap(({ spec }) => spec.sharedCounters ?? [])
  if (new Set(names).size < names.length || new Set(sets.map(({ name }) => name)).size < sets.length) return false
  const counters = new Set(sets.flatMap(({ name, counters: set }) => Object.keys(set).map((counter) => `${name}/${counter}`)))
  return slices.flatMap(({ spec }) => spec.devices ?? []).every((device) => drawn(device).every(([counter]) => counters.has(counter)))
}

const reaches = ({ nodeName, nodeSelector, allNodes }: { nodeName?: string | undefined; nodeSelector?: NodeSelector | undefined; allNodes?: boolean | undefined }, node: NodeInfo): boolean =>
  nodeName ? nodeName === node.name : nodeSelector ? matches(nodeSelector, node) : allNodes === true

export const keepsAway = (taint: DeviceTaint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute'
export const selectorMatches = matches
