/** Ranges of addresses in CIDR notation, of either family, as numbers that can be compared. */
import { isIpv4, isIpv6 } from './ip.ts'

export interface IpRange {
  readonly family: 'IPv4' | 'IPv6'
  readonly base: bigint
  /** How many leading bits all its addresses share. */
  readonly length: number
  /** Bits of the written address beyond those. */
  readonly strays: boolean
}

const widthOf = { IPv4: 32, IPv6: 128 } as const

/** Undefined where the text is no address. */
function addressNumber(text: string): bigint | undefined {
  if (isIpv4(text)) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  if (!isIpv6(text)) return undefined
  const tail = text.slice(text.lastIndexOf(':') + 1)
  const plain = isIpv4(tail) ? `${text.slice(0, -tail.length)}${hexPair(tail)}` : text
  const [head = '', rest] = plain.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [front, back] = [groups(head), groups(rest ?? '')]
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}

function hexPair(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/** Undefined where the text is no range. */
export function ipRange(text: string): IpRange | undefined {
  const [address = '', bits = '', more] = text.split('/')
  if (more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined
  const number = addressNumber(address)
  if (number === undefined) return undefined
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  const length = Number(bits)
  if (length > widthOf[family]) return undefined
  const base = start(number, family, length)
  return { family, base, length, strays: base !== number }
}

const start = (number: bigint, family: IpRange['family'], length: number): bigint => {
  const free = BigInt(widthOf[family] - length)
  return (number >> free) << free
}

export function rangeHolds(range: IpRange, address: string): boolean {
  const number = addressNumber(address)
  return number !== undefined && address.includes(':') === (range.family === 'IPv6') && start(number, range.family, range.length) === range.base
}

export const rangeCovers = (outer: IpRange, inner: IpRange): boolean =>
  outer.family === inner.family && outer.length <= inner.length && start(inner.base, outer.family, outer.length) === outer.base

/** The one form in which an address is written (RFC 5952 for IPv6). */
export function canonicalAddress(text: string): string | undefined {
  const number = addressNumber(text)
  if (number === undefined || !text.includes(':')) return number === undefined ? undefined : text
  const groups = Array.from({ length: 8 }, (_, i) => ((number >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  const [at, length] = longestZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + length).join(':')}`
}

function longestZeros(groups: readonly string[]): [at: number, length: number] {
  let best: [number, number] = [0, 0]
  for (let i = 0; i < groups.length; i++) {
    let length = 0
    while (groups[i + length] === '0') length++
    if (length > best[1]) best = [i, length]
  }
  return best
}
