/**
 * Device selectors in CEL, over what a driver publishes of a device (upstream: dynamic-resource-allocation/cel). Quantities
 * and versions are types of their own; a domain that the device does not have is an empty map.
 */
import { Environment } from '@marcbachmann/cel-js'
import { parseQuantity } from '../../api/quantity.ts'
import type { Device, DeviceAttribute } from '../../api/types/resource.ts'

export class Quantity {
  readonly nano: bigint

  constructor(text: string) {
    this.nano = parseQuantity(text).nano
  }
}

export class Version {
  readonly parts: readonly number[]
  readonly prerelease: string

  constructor(text: string) {
    const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(text)
    if (!match) throw new RangeError(`${text} is no semantic version`)
    this.parts = [Number(match[1]), Number(match[2]), Number(match[3])]
    this.prerelease = match[4] ?? ''
  }

  compare(other: Version): number {
    for (let i = 0; i < 3; i++) if (this.parts[i] !== other.parts[i]) return this.parts[i]! < other.parts[i]! ? -1 : 1
    if (this.prerelease === other.prerelease) return 0
    if (this.prerelease === '' || other.prerelease === '') return this.prerelease === '' ? 1 : -1
    return this.prerelease < other.prerelease ? -1 : 1
  }
}

type Value = bigint | string | boolean | Quantity | Version | readonly (bigint | string | boolean | Version)[]
type Domains = Record<string, Record<string, Value>>

const environment = (): Environment =>
  new Environment({ homogeneousAggregateLiterals: false })
    .registerVariable('device', 'dyn')
    .registerType('Quantity', Quantity)
    .registerType('Semver', Version)
    .registerFunction('quantity(string): Quantity', (text: string) => new Quantity(text))
    .registerFunction('isQuantity(string): bool', (text: string) => /^[+-]?[\d.]+([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.test(text))
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) => (a.nano < b.nano ? -1n : a.nano > b.nano ? 1n : 0n))
    .registerFunction('Quantity.isGreaterThan(Quantity): bool', (a: Quantity, b: Quantity) => a.nano > b.nano)
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.nano < b.nano)
    .registerFunction('semver(string): Semver', (text: string) => new Version(text))
    .registerFunction('Semver.compareTo(Semver): int', (a: Version, b: Version) => BigInt(a.compare(b)))
    .registerFunction('Semver.isGreaterThan(Semver): bool', (a: Version, b: Version) => a.compare(b) > 0)
    .registerFunction('Semver.isLessThan(Semver): bool', (a: Version, b: Version) => a.compare(b) < 0)
    .registerFunction('Semver.major(): int', (version: Version) => BigInt(version.parts[0]!))
    .registerFunction('Semver.minor(): int', (version: Version) => BigInt(version.parts[1]!))
    .registerFunction('Semver.patch(): int', (version: Version) => BigInt(version.parts[2]!))

function valueOf(attribute: DeviceAttribute): Value {
  if (attribute.int !== undefined) return BigInt(attribute.int)
  if (attribute.bool !== undefined) return attribute.bool
  if (attribute.version !== undefined) return new Version(attribute.version)
  if (attribute.ints) return attribute.ints.map(BigInt)
  if (attribute.bools) return attribute.bools
  if (attribute.strings) return attribute.strings
  if (attribute.versions) return attribute.versions.map((text) => new Version(text))
  return attribute.string ?? ''
}

/** `domain/name`; a name without a domain is in the driver's own. */
export const qualified = (name: string, driver: string): readonly [string, string] => {
  const slash = name.indexOf('/')
  return slash < 0 ? [driver, name] : [name.slice(0, slash), name.slice(slash + 1)]
}

function inDomains<T>(all: Readonly<Record<string, T>> | undefined, driver: string, mentioned: readonly string[], read: (one: T) => Value): Domains {
  const out: Domains = {}
  for (const domain of mentioned) out[domain] = {}
  for (const [name, one] of Object.entries(all ?? {})) {
    const [domain, id] = qualified(name, driver)
    ;(out[domain] ??= {})[id] = read(one)
  }
  return out
}

/** A device passes where the expression is true; one that it cannot judge is an error, as upstream has it. */
export type DeviceTest = (device: Device, driver: string) => boolean

export class Selectors {
  readonly #environment = environment()
  readonly #tests = new Map<string, DeviceTest>()

  /** Throws with CEL's words where the expression is no CEL. */
  test(expression: string): DeviceTest {
    let test = this.#tests.get(expression)
    if (test) return test
    const run = this.#environment.parse(expression)
    const mentioned = [...expression.matchAll(/\[\s*(?:"([^"]+)"|'([^']+)')\s*\]/g)].map((match) => match[1] ?? match[2]!)
    test = (device, driver) => run({
      device: {
        driver,
        allowMultipleAllocations: device.allowMultipleAllocations ?? false,
        attributes: inDomains(device.attributes, driver, mentioned, valueOf),
        capacity: inDomains(device.capacity, driver, mentioned, ({ value }) => new Quantity(value)),
      },
    }) === true
    this.#tests.set(expression, test)
    return test
  }
}
