/**
 * Hints by share of CPU (annotation service.kubernetes.io/topology-mode: Auto): each zone gets as much of a Service's
 * endpoints as it has of the cluster's CPU, none more than a fifth overloaded; else no hints at all, and an Event says why.
 * Mirrors staging/src/k8s.io/endpointslice/topologycache, its arithmetic and its words. Upstream remembers in memory which
 * Services have hints; here the slices say so in an annotation, so that each Event comes once and a plan stays a function
 * of the snapshot. Where upstream leaves it to the order of a Go map which zone is served first, names decide.
 */
import type { Node, Service } from '../../../api/types/core.ts'
import type { Endpoint } from '../../../api/types/discovery.ts'
import { quantityMilli } from '../../../api/quantity.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'

export type AddressType = 'IPv4' | 'IPv6'

export const zoneLabel = 'topology.kubernetes.io/zone'
/** On slices: what was last said of their hints, `on` or why there are none. */
export const hintsAnnotation = 'orrery.dev/topology-hints'
export const hintsOn = 'on'

const modeAnnotation = 'service.kubernetes.io/topology-mode'
const olderModeAnnotation = 'service.kubernetes.io/topology-aware-hints'
const excludedLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'] as const
const overloadAtMost = 0.2

export const byShareOfCpu = ({ metadata: { annotations = {} } }: Service): boolean => /^[Aa]uto$/.test(annotations[olderModeAnnotation] ?? annotations[modeAnnotation] ?? '')

const isNodeReady = ({ status }: Node): boolean => status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
const isExcluded = ({ metadata: { labels = {} } }: Node): boolean => excludedLabels.some((label) => label in labels)
/** All that shares depend on. */
export const nodeShare = (node: Node): string => (isExcluded(node) || !isNodeReady(node) ? '' : `${node.metadata.labels?.[zoneLabel] ?? ''} ${node.status?.allocatable?.['cpu'] ?? ''}`)

/** By zone, its part of the CPU; undefined where a node does not say, or all are in one zone. */
export function sharesOf(snapshot: Snapshot): ReadonlyMap<string, number> | undefined {
  const cpus = new Map<string, number>()
  let total = 0
  for (const node of snapshot.list<Node>('Node')) {
    if (isExcluded(node) || !isNodeReady(node)) continue
    const zone = node.metadata.labels?.[zoneLabel]
    const milli = quantityMilli(node.status?.allocatable?.['cpu'] ?? '0')
    if (!zone || milli === 0) return undefined
    cpus.set(zone, (cpus.get(zone) ?? 0) + milli)
    total += milli
  }
  return cpus.size < 2 ? undefined : new Map([...cpus].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, milli]) => [zone, milli / total]))
}

/** A slice as it is to be, but for its hints; `settled` ones keep what hints they have where these do. */
export interface Laid {
  endpoints: readonly Endpoint[]
  readonly settled: boolean
}

interface Allocation {
  readonly minimum: number
  readonly desired: number
}

/** Sets the hints of all slices of one address type; answers `on`, or why none are given. */
export function hint(slices: readonly Laid[], shares: ReadonlyMap<string, number> | undefined, addressType: AddressType): string {
  const off = (why: string): string => {
    for (const slice of slices) slice.endpoints = slice.endpoints.map(bare)
    return `${why}, addressType: ${addressType}`
  }
  if (!shares) return off('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes')
  const total = slices.reduce((sum, { endpoints }) => sum + endpoints.filter(isReady).length, 0)
  const amounts = `(${total} endpoints, ${shares.size} zones)`
  if (shares.size > total) return off(`Insufficient number of endpoints ${amounts}`)
  const allocations = allocate(shares, total)
  const spare = total - [...allocations.values()].reduce((sum, { minimum }) => sum + minimum, 0)
  if (spare < 0) return off(`Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${amounts}`)

  const given = new Map<string, number>()
  const open = slices.filter((slice) => !slice.settled)
  for (const slice of slices) if (slice.settled && !keeps(slice, given, allocations, spare)) open.push(slice)
  for (const slice of open) {
    if (slice.endpoints.some((endpoint) => isReady(endpoint) && !endpoint.zone)) return off('One or more endpoints do not have a zone specified')
    slice.endpoints = slice.endpoints.map((endpoint) => (isReady(endpoint) ? towards(endpoint, endpoint.zone!, given) : bare(endpoint)))
  }
  redistribute(open, allocations, given)
  return hintsOn
}

export const bare = ({ hints: _hints, ...endpoint }: Endpoint): Endpoint => endpoint
const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true

function towards(endpoint: Endpoint, zone: string, given: Map<string, number>): Endpoint {
  given.set(zone, (given.get(zone) ?? 0) + 1)
  return { ...bare(endpoint), hints: { forZones: [{ name: zone }] } }
}

function allocate(shares: ReadonlyMap<string, number>, total: number): Map<string, Allocation> {
  return new Map([...shares].map(([zone, share]) => {
    const minimum = Math.ceil(share * total * (1 / (1 + overloadAtMost)))
    return [zone, { minimum, desired: Math.max(share * total, minimum) }]
  }))
}

/** Whether the hints of a slice that need not change fit beside those counted so far; then they count as well. */
function keeps({ endpoints }: Laid, given: Map<string, number>, allocations: ReadonlyMap<string, Allocation>, spare: number): boolean {
  const own = new Map<string, number>()
  for (const { hints } of endpoints.filter(isReady)) {
    // Those of another mode (trafficDistribution) go, which upstream leaves where they fit.
    if (!hints?.forZones?.length || hints.forNodes?.length) return false
    for (const { name } of hints.forZones) own.set(name, (own.get(name) ?? 0) + 1)
  }
  for (const [zone, count] of own) {
    const allocation = allocations.get(zone)
    if (!allocation || count + (given.get(zone) ?? 0) > allocation.minimum + spare) return false
  }
  for (const [zone, count] of own) given.set(zone, (given.get(zone) ?? 0) + count)
  return true
}

/** Endpoints of zones that have too many work for those that have too few. */
function redistribute(slices: readonly Laid[], allocations: ReadonlyMap<string, Allocation>, given: ReadonlyMap<string, number>): void {
  const [giving, receiving] = imbalance(allocations, given)
  for (const slice of slices) {
    slice.endpoints = slice.endpoints.map((endpoint) => {
      const gives = giving.get(endpoint.zone ?? '') ?? 0
      const to = [...receiving].find(([, count]) => count > 0)
      if (!isReady(endpoint) || gives === 0 || !to) return endpoint
      giving.set(endpoint.zone!, gives - 1)
      receiving.set(to[0], to[1] - 1)
      return { ...endpoint, hints: { forZones: [{ name: to[0] }] } }
    })
  }
}

/** How many endpoints each zone gives away or takes on; a change of less than half of one is none. */
function imbalance(allocations: ReadonlyMap<string, Allocation>, given: ReadonlyMap<string, number>): [Map<string, number>, Map<string, number>] {
  const more = new Map<string, number>()
  const less = new Map<string, number>()
  for (const [zone, { desired }] of allocations) {
    const over = (given.get(zone) ?? 0) - desired
    if (over > 0) more.set(zone, over)
    else if (over < 0) less.set(zone, -over)
  }
  const [giving, receiving] = [new Map<string, number>(), new Map<string, number>()]
  for (;;) {
    const [from, surplus] = most(more)
    const [to, need] = most(less)
    if (from === '' || to === '' || (surplus < 1 && need < 1) || surplus < 0.5 || need < 0.5) return [giving, receiving]
    giving.set(from, (giving.get(from) ?? 0) + 1)
    more.set(from, surplus - 1)
    receiving.set(to, (receiving.get(to) ?? 0) + 1)
    less.set(to, need - 1)
  }
}

function most(zones: ReadonlyMap<string, number>): [string, number] {
  let best: [string, number] = ['', 0]
  for (const one of zones) if (one[1] > best[1]) best = one
  return best
}
