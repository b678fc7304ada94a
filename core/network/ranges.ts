/**
 * Which addresses a cluster uses. Chosen once for a home and remembered by the caller: Pods and Services keep addresses
 * from them. Homes start to look at different places, so that they differ even where they cannot see each other.
 */
import { nth, overlap, parseRange, printRange, sizeOf, type Range } from './ipv4.ts'

export interface Ranges {
  /** All Pods of the cluster: the bridge network on its engine. Its first address is the gateway, this machine. */
  readonly pods: string
  readonly services: string
}

/** Names under which Services are found. */
export const clusterDomain = 'cluster.local'

/** Private space, in the order of preference; a VPN that routes all of one leads to the next. */
const spaces: readonly Range[] = ['10.64.0.0/10', '10.128.0.0/9', '172.16.0.0/12', '100.64.0.0/10', '192.168.0.0/16'].map((text) => parseRange(text)!)
/** A Linux bridge takes 1,023 ports: 4,094 Pod addresses are plenty, and small ranges collide less. */
const podBits = 20
const serviceBits = 20

/** `inUse`: networks of the machine, its engine and other clusters (CIDR; others than IPv4 are ignored). `seed`: the cluster's id. */
export function chooseRanges(seed: string, inUse: readonly string[]): Ranges {
  const taken = inUse.map(parseRange).filter((range) => range !== undefined && range.bits > 0) as Range[]
  const pods = choose(`${seed}/pods`, podBits, taken)
  const services = choose(`${seed}/services`, serviceBits, [...taken, pods])
  return { pods: printRange(pods), services: printRange(services) }
}

function choose(seed: string, bits: number, taken: readonly Range[]): Range {
  for (const space of spaces) {
    const slots = sizeOf(space) / 2 ** (32 - bits)
    const start = hash(seed) % slots
    for (let i = 0; i < slots; i++) {
      const range = { base: space.base + ((start + i) % slots) * 2 ** (32 - bits), bits }
      if (!taken.some((other) => overlap(other, range))) return range
    }
  }
  throw new Error('every private address range is in use on this machine')
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  // The low bits of FNV are weak for short, similar seeds.
  value ^= value >>> 15
  return Math.imul(value, 0x2c1b3c6d) >>> 0
}

const first = (range: string, n: number): string => nth(parseRange(range)!, n)

/** Service default/kubernetes. */
export const apiAddress = (ranges: Ranges): string => first(ranges.services, 1)
export const dnsAddress = (ranges: Ranges): string => first(ranges.services, 10)
/** The bridge's own address: this machine, as Pods see it. */
export const gatewayAddress = (ranges: Ranges): string => first(ranges.pods, 1)
