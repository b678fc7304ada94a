/**
 * Numbers given out from a range, each to one holder at a time: Service addresses and node ports. The low band is
 * left to those who ask for a number by name, until the rest is used up
 * (upstream: pkg/registry/core/service/ipallocator, portallocator).
 */
export class NumberPool {
  readonly #from: number
  readonly #size: number
  readonly #staticBand: number
  /** Shared by pools whose ranges overlap. */
  readonly #used: Set<number>
  readonly #random: () => number

  constructor(range: { from: number; size: number; staticBand: number }, random: () => number = Math.random, used = new Set<number>()) {
    this.#from = range.from
    this.#size = range.size
    this.#staticBand = Math.min(range.staticBand, range.size)
    this.#used = used
    this.#random = random
  }

  contains(number: number): boolean {
    return Number.isInteger(number) && number >= this.#from && number < this.#from + this.#size
  }

  /** False where somebody has it. */
  take(number: number): boolean {
    if (this.#used.has(number)) return false
    this.#used.add(number)
    return true
  }

  /** A free number, from the upper band while it has any; `may` refuses some. */
  next(may: (number: number) => boolean = () => true): number | undefined {
    const number = this.#search(this.#staticBand, this.#size, may) ?? this.#search(0, this.#staticBand, may)
    if (number !== undefined) this.#used.add(number)
    return number
  }

  give(number: number): void {
    this.#used.delete(number)
  }

  /** From a random place on, around the band. */
  #search(low: number, high: number, may: (number: number) => boolean): number | undefined {
    const size = high - low
    if (size <= 0) return undefined
    const start = Math.floor(this.#random() * size)
    for (let i = 0; i < size; i++) {
      const number = this.#from + low + ((start + i) % size)
      if (!this.#used.has(number) && may(number)) return number
    }
    return undefined
  }
}
