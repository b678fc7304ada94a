/**
 * How much of a device a request takes: what it asks for, brought up to what the device lets be asked for, or the device's
 * own default, or all of it. Upstream: dynamic-resource-allocation/structured/internal/incubating/consumable_capacity.go.
 */
import { parseQuantity, type Quantity } from '../../api/quantity.ts'
import type { CapacityRequestPolicy, CapacityRequirements, Device } from '../../api/types/resource.ts'

/** By name of the capacity. */
export type Amounts = ReadonlyMap<string, Quantity>

const billion = 1_000_000_000n
/** Upstream counts steps in whole units, fractions rounded up. */
const whole = ({ nano }: Quantity): bigint => (nano % billion === 0n || nano < 0n ? nano / billion : nano / billion + 1n)

/** What the request takes of each capacity; undefined where the device cannot give that at all. */
export function taken({ capacity = {} }: Device, requirements: CapacityRequirements | undefined): Amounts | undefined {
  const { requests = {} } = requirements ?? {}
  if (Object.keys(requests).some((name) => !(name in capacity))) return undefined
  const amounts = new Map<string, Quantity>()
  for (const [name, { value, requestPolicy }] of Object.entries(capacity)) {
    const asked = requests[name]
    const amount = asked === undefined ? parseQuantity(requestPolicy?.default ?? value) : brought(parseQuantity(asked), requestPolicy)
    if (requestPolicy && !mayBe(amount, requestPolicy)) return undefined
    amounts.set(name, amount)
  }
  return amounts
}

/** Whether these amounts fit beside what is in use. */
export function fits({ capacity = {} }: Device, amounts: Amounts, inUse: ReadonlyMap<string, bigint> | undefined): boolean {
  return [...amounts].every(([name, { nano }]) => nano + (inUse?.get(name) ?? 0n) <= parseQuantity(capacity[name]!.value).nano)
}

function brought(asked: Quantity, policy: CapacityRequestPolicy | undefined): Quantity {
  const { validRange, validValues } = policy ?? {}
  if (validRange) {
    const least = parseQuantity(validRange.min)
    if (asked.nano < least.nano) return least
    if (validRange.step === undefined) return asked
    const [from, step] = [whole(least), whole(parseQuantity(validRange.step))]
    const steps = (whole(asked) - from + step - 1n) / step
    return { nano: (from + steps * step) * billion, format: 'BinarySI' }
  }
  return (validValues ?? []).map(parseQuantity).find(({ nano }) => asked.nano <= nano) ?? asked
}

function mayBe(amount: Quantity, { validRange, validValues = [] }: CapacityRequestPolicy): boolean {
  if (validRange) {
    if (validRange.max !== undefined && amount.nano > parseQuantity(validRange.max).nano) return false
    return validRange.step === undefined || (whole(amount) - whole(parseQuantity(validRange.min))) % whole(parseQuantity(validRange.step)) === 0n
  }
  return validValues.length === 0 || validValues.some((value) => parseQuantity(value).nano === amount.nano)
}
