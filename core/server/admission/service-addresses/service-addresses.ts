/**
 * Cluster addresses and node ports of Services. Kept in memory and built from the store at start; a claim is made while
 * the write is decided and settled with it. Further ServiceCIDRs widen what can be given out; an IPAddress that somebody
 * made for something else keeps its address from Services. Upstream: pkg/registry/core/service/storage/alloc.go, ipallocator.
 */
import type { FieldError } from '../../../api/field-error.ts'
import { invalid } from '../../../api/field-error.ts'
import { isIpv4 } from '../../../api/ip.ts'
import { ipRange } from '../../../api/ip-range.ts'
import type { Service, ServicePort } from '../../../api/types/core.ts'
import type { IPAddress, ServiceCIDR } from '../../../api/types/networking.ts'
import { ApiError } from '../../../api/status.ts'
import { objectInvalid } from '../../errors.ts'
import type { Lookup } from '../../registry/lookup.ts'
import type { Admission, AdmissionRequest, Claim } from '../admission.ts'
import { NumberPool } from './number-pool.ts'

export interface ServiceRanges {
  /** CIDR, e.g. `10.96.0.0/16`. */
  readonly addresses: string
  readonly nodePorts: { readonly from: number; readonly to: number }
}

export class ServiceAddresses implements Admission {
  readonly name = 'ServiceAddresses'
  readonly kinds = ['Service']
  readonly #ranges: ServiceRanges
  readonly #lookup: Lookup
  readonly #random: () => number
  /** In use, in whatever range. */
  readonly #taken = new Set<number>()
  /** By CIDR. */
  readonly #pools = new Map<string, NumberPool>()
  readonly #ports: NumberPool

  constructor(ranges: ServiceRanges, lookup: Lookup, random: () => number) {
    this.#ranges = ranges
    this.#lookup = lookup
    this.#random = random
    const ports = ranges.nodePorts.to - ranges.nodePorts.from + 1
    this.#ports = new NumberPool({ from: ranges.nodePorts.from, size: ports, staticBand: band(ports, 32, 16, 128) }, random)
  }

  /** Takes what a stored Service holds. */
  adopt(service: Service): void {
    for (const address of addressesOf(service)) if (isIpv4(address)) this.#taken.add(numberOf(address))
    for (const port of new Set(portsOf(service))) if (this.#ports.contains(port)) this.#ports.take(port)
  }

  claim({ operation, draft, old, subresource }: AdmissionRequest): Claim | undefined {
    if (subresource !== undefined) return undefined
    const before = old as unknown as Service | undefined
    if (operation === 'delete') return this.#settlement([], [], before === undefined ? [] : addressesOf(before), before === undefined ? [] : portsOf(before))
    const service = draft as unknown as Service
    const taken: { addresses: string[]; ports: number[] } = { addresses: [], ports: [] }
    try {
      this.#claimAddress(service, before, taken.addresses)
      this.#claimPorts(service, before, taken.ports)
    } catch (error) {
      this.#settlement(taken.addresses, taken.ports, [], []).release()
      throw error
    }
    const now = { addresses: new Set(addressesOf(service)), ports: new Set(portsOf(service)) }
    const leftAddresses = before === undefined ? [] : addressesOf(before).filter((address) => !now.addresses.has(address))
    const leftPorts = before === undefined ? [] : portsOf(before).filter((port) => !now.ports.has(port))
    return this.#settlement(taken.addresses, taken.ports, leftAddresses, leftPorts)
  }

  #settlement(takenAddresses: readonly string[], takenPorts: readonly number[], leftAddresses: readonly string[], leftPorts: readonly number[]): Claim {
    const give = (addresses: readonly string[], ports: readonly number[]) => {
      for (const address of addresses) this.#taken.delete(numberOf(address))
      for (const port of new Set(ports)) this.#ports.give(port)
    }
    return { settle: () => give(leftAddresses, leftPorts), release: () => give(takenAddresses, takenPorts) }
  }

  #claimAddress(service: Service, before: Service | undefined, taken: string[]): void {
    const { spec } = service
    if (spec.type === 'ExternalName' || spec.clusterIP === 'None') {
      if (spec.clusterIP === 'None') spec.clusterIPs ??= ['None']
      return
    }
    const held = before === undefined ? [] : addressesOf(before)
    const wanted = spec.clusterIP || spec.clusterIPs?.[0]
    if (wanted && held.includes(wanted)) return
    if (wanted) {
      const number = numberOf(wanted)
      const field = 'spec.clusterIPs'
      const refuse = (why: string) => invalidService(service, [invalid(field, [wanted], `failed to allocate IP ${wanted}: ${why}`)])
      const pool = this.#open().find((one) => one.contains(number))
      if (!pool) throw refuse('the provided network does not match the current range')
      if (this.#isForeign(number) || !pool.take(number)) throw refuse('provided IP is already allocated')
      taken.push(wanted)
      spec.clusterIP = wanted
      spec.clusterIPs ??= [wanted]
      return
    }
    const number = this.#next()
    if (number === undefined) {
      throw new ApiError('InternalError', `Internal error occurred: failed to allocate a serviceIP: range is full`)
    }
    const address = addressOf(number)
    taken.push(address)
    spec.clusterIP = address
    spec.clusterIPs = [address]
  }

  #next(): number | undefined {
    for (const pool of this.#open()) {
      const number = pool.next((one) => !this.#isForeign(one))
      if (number !== undefined) return number
    }
    return undefined
  }

  /** The cluster's own range, then those that were added and are ready; one on its way out gives out nothing. */
  #open(): NumberPool[] {
    const added = (this.#lookup.list('ServiceCIDR') as readonly ServiceCIDR[]).filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    return [...new Set([this.#ranges.addresses, ...added.flatMap(({ spec }) => spec.cidrs ?? [])])].flatMap((cidr) => this.#pool(cidr) ?? [])
  }

  /** Undefined for IPv6, which this cluster's network does not carry. */
  #pool(cidr: string): NumberPool | undefined {
    const known = this.#pools.get(cidr)
    if (known !== undefined) return known
    const range = ipRange(cidr)
    if (range?.family !== 'IPv4') return undefined
    const size = 2 ** (32 - range.length)
    // The network's own and its broadcast address are nobody's.
    const pool = new NumberPool({ from: Number(range.base) + 1, size: Math.max(0, size - 2), staticBand: band(size, 16, 16, 256) }, this.#random, this.#taken)
    this.#pools.set(cidr, pool)
    return pool
  }

  /** Whether someone's own IPAddress names it. Those made for Services only say what is known here. */
  #isForeign(number: number): boolean {
    const address = this.#lookup.get('IPAddress', undefined, addressOf(number)) as IPAddress | undefined
    return address !== undefined && address.metadata.labels?.['ipaddress.kubernetes.io/managed-by'] !== 'ipallocator.k8s.io'
  }

  #claimPorts(service: Service, before: Service | undefined, taken: number[]): void {
    const { spec } = service
    const wants = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
    const held = new Set(before === undefined ? [] : portsOf(before))
    const mine = new Map<number, Set<string>>()
    const ports = spec.ports ?? []
    ports.forEach((port, at) => {
      if (!port.nodePort || (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer')) return
      const protocol = port.protocol ?? 'TCP'
      const users = mine.get(port.nodePort)
      if (users !== undefined && !users.has(protocol)) users.add(protocol)
      else if (held.has(port.nodePort) && users === undefined) mine.set(port.nodePort, new Set([protocol]))
      else {
        this.#takePort(service, port, at)
        taken.push(port.nodePort)
        mine.set(port.nodePort, new Set([protocol]))
      }
    })
    if (wants) for (const port of ports) if (!port.nodePort) port.nodePort = this.#nextPort(port, ports, mine, taken)
    if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' && !spec.healthCheckNodePort) {
      spec.healthCheckNodePort = this.#anyPort()
      taken.push(spec.healthCheckNodePort)
    }
  }

  #takePort(service: Service, port: ServicePort, at: number): void {
    const refuse = (why: string) => invalidService(service, [invalid(`spec.ports[${at}].nodePort`, port.nodePort, why)])
    const { from, to } = this.#ranges.nodePorts
    if (!this.#ports.contains(port.nodePort!)) throw refuse(`provided port is not in the valid range. The range of valid ports is ${from}-${to}`)
    if (!this.#ports.take(port.nodePort!)) throw refuse('provided port is already allocated')
  }

  /** The same port number under another protocol gets the same node port (DNS over TCP and UDP). */
  #nextPort(port: ServicePort, ports: readonly ServicePort[], mine: Map<number, Set<string>>, taken: number[]): number {
    const protocol = port.protocol ?? 'TCP'
    const twin = ports.find((other) => other !== port && other.port === port.port && other.nodePort && other.protocol !== port.protocol)
    if (twin?.nodePort && !mine.get(twin.nodePort)?.has(protocol)) {
      mine.get(twin.nodePort)?.add(protocol)
      return twin.nodePort
    }
    const number = this.#anyPort()
    taken.push(number)
    mine.set(number, new Set([protocol]))
    return number
  }

  #anyPort(): number {
    const number = this.#ports.next()
    if (number === undefined) throw new ApiError('InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full')
    return number
  }
}

const band = (size: number, share: number, least: number, most: number) => (size <= least ? 0 : Math.min(Math.max(least, Math.floor(size / share)), most))

const invalidService = (service: Service, errors: readonly FieldError[]) => objectInvalid({ group: '', kind: 'Service' }, service.metadata.name ?? '', errors)

const addressesOf = ({ spec }: Service): string[] =>
  spec.type === 'ExternalName' ? [] : (spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : [])).filter((address) => address !== 'None' && address !== '')

const portsOf = ({ spec }: Service): number[] => [
  ...(spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : [])),
  ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : []),
]

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const addressOf = (number: number): string => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
