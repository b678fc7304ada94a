/**
 * Numbers given out from a range, each to one holder at a time: Service addresses and node ports. The low band is
 * left to those who ask for a number by name, until the rest is used up
 * (upstream: pkg/registry/core/service/ipallocator, portallocator).
 */
export class NumberPool {
  readonly #from: number
  readonly #size: number
  readonly #staticBand: number
  readonly #used: Uint8Array
  readonly #random: () => number
  #free: number

  constructor(range: { from: number; size: number; staticBand: number }, random: () => number = Math.random) {
    this.#from = range.from
    this.#size = range.size
    this.#staticBand = Math.min(range.staticBand, range.size)
    this.#used = new Uint8Array(range.size)
    this.#random = random
    this.#free = range.size
  }

  get free(): number {
    return this.#free
  }

  contains(number: number): boolean {
    return Number.isInteger(number) && number >= this.#from && number < this.#from + this.#size
  }

  /** False where somebody has it. */
  take(number: number): boolean {
    const at = number - this.#from
    if (this.#used[at] !== 0) return false
    this.#used[at] = 1
    this.#free--
    return true
  }

  /** A free number, from the upper band while it has any. */
  next(): number | undefined {
    const at = this.#search(this.#staticBand, this.#size) ?? this.#search(0, this.#staticBand)
    if (at === undefined) return undefined
    this.#used[at] = 1
    this.#free--
    return this.#from + at
  }

  give(number: number): void {
    const at = number - this.#from
    if (this.#used[at] !== 1) return
    this.#used[at] = 0
    this.#free++
  }

  /** From a random place on, around the band. */
  #search(low: number, high: number): number | undefined {
    const size = high - low
    if (size <= 0) return undefined
    const start = Math.floor(this.#random() * size)
    for (let i = 0; i < size; i++) {
      const at = low + ((start + i) % size)
      if (this.#used[at] === 0) return at
    }
    return undefined
  }
}
