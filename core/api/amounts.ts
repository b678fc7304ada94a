/** Lists of resource amounts (`{ cpu, memory, pods … }`) as exact numbers. Upstream: apiserver/pkg/quota/v1/resources.go. */
import { formatQuantity, parseQuantity, type Quantity } from './quantity.ts'

/** By resource name. */
export type Amounts = Readonly<Record<string, Quantity>>

export const zero: Quantity = { nano: 0n, format: 'DecimalSI' }
export const whole = (n: number): Quantity => ({ nano: BigInt(n) * 1_000_000_000n, format: 'DecimalSI' })
export const one: Quantity = whole(1)

/** The sum keeps the first one's format, unless that is zero. */
export const plus = (a: Quantity, b: Quantity): Quantity => ({ nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format })
export const minus = (a: Quantity, b: Quantity): Quantity => ({ nano: a.nano - b.nano, format: a.format })

export function parseAmounts(list: Readonly<Record<string, string>> | undefined): Record<string, Quantity> {
  const amounts: Record<string, Quantity> = {}
  for (const name in list) amounts[name] = parseQuantity(list[name]!)
  return amounts
}

export function formatAmounts(amounts: Amounts): Record<string, string> {
  const list: Record<string, string> = {}
  for (const name in amounts) list[name] = formatQuantity(amounts[name]!)
  return list
}

export function addTo(into: Record<string, Quantity>, more: Amounts): void {
  for (const name in more) into[name] = plus(into[name] ?? zero, more[name]!)
}

export function takeFrom(into: Record<string, Quantity>, less: Amounts): void {
  for (const name in less) into[name] = minus(into[name] ?? { ...less[name]!, nano: 0n }, less[name]!)
}

/** The larger of each. */
export function raiseTo(into: Record<string, Quantity>, other: Amounts): void {
  for (const name in other) if (into[name] === undefined || other[name]!.nano > into[name].nano) into[name] = other[name]!
}

/** `cpu=1,pods=2`, by name: how messages show them. */
export const showAmounts = (amounts: Amounts): string =>
  Object.keys(amounts)
    .sort()
    .map((name) => `${name}=${formatQuantity(amounts[name]!)}`)
    .join(',')
