/** IPv4 arithmetic on unsigned 32-bit numbers. */
export interface Range {
  /** First address. */
  readonly base: number
  readonly bits: number
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const toAddress = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')

export const sizeOf = (range: Range): number => 2 ** (32 - range.bits)

/** `10.0.0.0/8`; an address alone is a range of one. Undefined where the text is not IPv4. */
export function parseRange(text: string): Range | undefined {
  const match = /^(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?$/.exec(text.trim())
  if (!match) return undefined
  const bits = match[2] === undefined ? 32 : Number(match[2])
  const address = toNumber(match[1]!)
  if (bits > 32 || match[1]!.split('.').some((part) => Number(part) > 255)) return undefined
  return { base: address - (address % 2 ** (32 - bits)), bits }
}

export const printRange = (range: Range): string => `${toAddress(range.base)}/${range.bits}`
export const overlap = (a: Range, b: Range): boolean => a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a)
export const contains = (range: Range, address: string): boolean => {
  const value = toNumber(address)
  return value >= range.base && value < range.base + sizeOf(range)
}
/** The nth address of the range; 0 is the network's own. */
export const nth = (range: Range, n: number): string => toAddress(range.base + n)
