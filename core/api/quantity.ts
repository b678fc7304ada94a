/**
 * Resource quantities: `100m`, `1.5Gi`, `1e3`. Exact: kept as whole nano-units, rounded up like upstream
 * (apimachinery/pkg/api/resource/quantity.go). Stored objects hold the canonical text that `canonicalQuantity` gives.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  readonly nano: bigint
  readonly format: QuantityFormat
}

const quantitySyntax = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const decimalSuffixes: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const decimalNames = new Map(Object.entries(decimalSuffixes).map(([name, exponent]) => [exponent, name]))
const binaryNames = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const billion = 1_000_000_000n
const largest = (2n ** 63n - 1n) * billion

const divideUp = (value: bigint, by: bigint) => {
  const whole = value / by
  return value % by === 0n ? whole : value > 0n ? whole + 1n : whole - 1n
}

const powersOfTen: readonly bigint[] = Array.from({ length: 28 }, (_, power) => 10n ** BigInt(power))
/** Looked up where it is of use: quantities are read for every Pod of a cluster. */
const tenTo = (power: number): bigint => powersOfTen[power] ?? 10n ** BigInt(power)

/** Throws a RangeError with upstream's sentence when the text is no quantity. */
export function parseQuantity(text: string): Quantity {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/.exec(text)
  if (!match || (match[2] === '' && (match[3] ?? '') === '')) throw new RangeError(quantitySyntax)
  const [, sign, whole = '', fraction = '', suffix = ''] = match
  let numerator = BigInt(whole + fraction)
  let power = 9 - fraction.length
  let format: QuantityFormat = 'DecimalSI'
  const binary = suffix.length === 2 && suffix[1] === 'i' ? binaryNames.indexOf(suffix) : -1
  if (binary > 0) {
    numerator <<= BigInt(10 * binary)
    format = 'BinarySI'
  } else if (suffix in decimalSuffixes) {
    power += decimalSuffixes[suffix]!
  } else {
    power += Number(suffix.slice(1))
    format = 'DecimalExponent'
  }
  if (Math.abs(power) > 1000) throw new RangeError(quantitySyntax)
  let nano = power >= 0 ? numerator * tenTo(power) : divideUp(numerator, tenTo(-power))
  if (format === 'BinarySI' && nano > largest) nano = largest
  return { nano: sign === '-' ? -nano : nano, format }
}

export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  if (format === 'BinarySI' && nano % billion === 0n && (nano >= 1024n * billion || nano <= -1024n * billion)) {
    let value = nano / billion
    let power = 0
    while (power < 6 && value % 1024n === 0n) {
      value /= 1024n
      power++
    }
    return `${value}${binaryNames[power]}`
  }
  let value = nano
  let exponent = -9
  while (exponent < 18 && value % 1000n === 0n) {
    value /= 1000n
    exponent += 3
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${value}` : `${value}e${exponent}`
  return `${value}${decimalNames.get(exponent)}`
}

/** Numbers below a thousand with a suffix are canonical as they stand, and nearly all quantities are such. */
const surelyCanonical = /^[1-9]\d{0,2}(?:[mkMGT]|[KMGT]i)?$/

/** What the server stores for a value that a client sent. */
export function canonicalQuantity(value: string | number): string {
  if (typeof value === 'string' && surelyCanonical.test(value)) return value
  const text = String(value)
  const quantity = parseQuantity(text)
  return staysAsWritten(text) ? text : formatQuantity(quantity)
}

/** Upstream keeps the client's text of a decimal number whose digits already stand at a step of a thousand. */
function staysAsWritten(text: string): boolean {
  const [, whole = '', fraction = '', suffix = ''] = /^[+-]?0*(\d*)\.?(\d*)(.*)$/.exec(text) ?? []
  const digits = whole + fraction
  if (digits === '' || digits.length > 18 || digits.startsWith('0') || digits.endsWith('000') || suffix.endsWith('i')) return false
  const exponent = decimalSuffixes[suffix] ?? Number(suffix.slice(1))
  return (exponent - fraction.length) % 3 === 0
}

export const compareQuantities = (a: string, b: string): number => {
  const left = parseQuantity(a).nano
  const right = parseQuantity(b).nano
  return left < right ? -1 : left > right ? 1 : 0
}

/** In whole units (bytes, Pods), rounded up. */
export const quantityValue = (text: string): number => Number(divideUp(parseQuantity(text).nano, billion))

/** In thousandths (milli-CPU), rounded up. */
export const quantityMilli = (text: string): number => Number(divideUp(parseQuantity(text).nano, 1_000_000n))
