/**
 * What devices there are for a node, and which are taken (upstream: dynamic-resource-allocation/structured). Only the newest
 * generation of a pool counts, and only once all its slices are there.
 */
import type { NodeSelector } from '../../api/types/core.ts'
import type { Device, DeviceTaint, ResourceClaim, ResourceSlice } from '../../api/types/resource.ts'
import type { NodeInfo } from '../node-info.ts'
import { matchesTerm } from '../selectors.ts'

export interface OfferedDevice {
  readonly key: string
  readonly driver: string
  readonly pool: string
  readonly device: Device
  /** Where it can be reached from; undefined: everywhere. */
  readonly nodeName?: string
  readonly nodeSelector?: NodeSelector
}

interface Pool {
  readonly key: string
  readonly complete: boolean
  readonly slices: readonly ResourceSlice[]
  readonly counters: ReadonlyMap<string, string>
}

const deviceKey = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`

const matches = (selector: NodeSelector, node: NodeInfo): boolean => selector.nodeSelectorTerms.some((term) => matchesTerm(term, node))

export class Inventory {
  readonly #pools: readonly Pool[]
  readonly #byKey = new Map<string, { device: Device; pool: Pool }>()
  /** Keys of devices that a claim holds; those held with admin access stay free for others. */
  readonly taken = new Set<string>()

  constructor(slices: readonly ResourceSlice[], claims: readonly ResourceClaim[]) {
    const byPool = new Map<string, ResourceSlice[]>()
    for (const slice of slices) {
      const key = `${slice.spec.driver}/${slice.spec.pool.name}`
      const known = byPool.get(key)
      if (known) known.push(slice)
      else byPool.set(key, [slice])
    }
    this.#pools = [...byPool].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, all]) => {
      const newest = Math.max(...all.map(({ spec }) => spec.pool.generation))
      const current = all.filter(({ spec }) => spec.pool.generation === newest).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      const counters = new Map(current.flatMap(({ spec }) => spec.sharedCounters ?? []).flatMap(({ name, counters: set }) => Object.entries(set).map(([counter, { value }]) => [`${name}/${counter}`, value] as const)))
      const pool = { key, complete: current.length === current[0]!.spec.pool.resourceSliceCount, slices: current, counters }
      for (const { spec } of current) for (const device of spec.devices ?? []) this.#byKey.set(deviceKey(spec.driver, spec.pool.name, device.name), { device, pool })
      return pool
    })
    for (const { status } of claims) for (const { adminAccess, driver, pool, device } of status?.allocation?.devices?.results ?? []) if (!adminAccess) this.taken.add(deviceKey(driver, pool, device))
  }

  /** Devices that the node can reach. `whole`: false where a pool of theirs is being updated. */
  on(node: NodeInfo): { devices: OfferedDevice[]; whole: boolean } {
    const devices: OfferedDevice[] = []
    let whole = true
    for (const pool of this.#pools) {
      for (const { spec } of pool.slices) {
        const { driver, nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec
        if (!perDeviceNodeSelection && !reaches({ nodeName, nodeSelector, allNodes }, node)) continue
        if (!pool.complete) {
          whole = false
          continue
        }
        for (const device of spec.devices ?? []) {
          if (perDeviceNodeSelection && !reaches(device, node)) continue
          // Shared by capacity, or bound step by step: not offered here.
          if (device.allowMultipleAllocations || (device.bindingConditions?.length ?? 0) > 0) continue
          const from = perDeviceNodeSelection ? device : spec
          devices.push({
            key: deviceKey(driver, spec.pool.name, device.name), driver, pool: spec.pool.name, device,
            ...(from.nodeName ? { nodeName: from.nodeName } : {}), ...(from.nodeSelector ? { nodeSelector: from.nodeSelector } : {}),
          })
        }
      }
    }
    return { devices, whole }
  }

  /** What is left of the counters that the device draws on, all of `held` being taken; true where there is enough. */
  hasCounters(key: string, held: Iterable<string>, parse: (text: string) => bigint): boolean {
    const own = this.#byKey.get(key)
    if (!own?.device.consumesCounters?.length) return true
    const left = new Map([...own.pool.counters].map(([name, value]) => [name, parse(value)]))
    for (const other of [...held, key]) {
      const found = this.#byKey.get(other)
      if (found?.pool !== own.pool) continue
      for (const { counterSet, counters } of found.device.consumesCounters ?? []) for (const [name, { value }] of Object.entries(counters)) left.set(`${counterSet}/${name}`, (left.get(`${counterSet}/${name}`) ?? 0n) - parse(value))
    }
    return [...left.values()].every((value) => value >= 0n)
  }
}

const reaches = ({ nodeName, nodeSelector, allNodes }: { nodeName?: string | undefined; nodeSelector?: NodeSelector | undefined; allNodes?: boolean | undefined }, node: NodeInfo): boolean =>
  nodeName ? nodeName === node.name : nodeSelector ? matches(nodeSelector, node) : allNodes === true

export const keepsAway = (taint: DeviceTaint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute'
export const selectorMatches = matches
