/**
 * How many containers the engine makes and starts at once. It is not faster with more of them, only later with all: a
 * hundred Pods that start together would each wait for all others, and so would whatever else is asked of the engine.
 * What belongs to a Pod under way goes before what begins a new one, so that Pods get ready one after the other.
 */
import type { Clock } from '../../../base/clock.ts'

/** Who takes longer than this is waited for no more: a start that hangs must not hold up the others. */
const turnMs = 10_000

export class Turns {
  readonly #clock: Clock
  readonly #goOn: (() => void)[] = []
  readonly #begin: (() => void)[] = []
  #free: number

  constructor(atOnce: number, clock: Clock) {
    this.#free = atOnce
    this.#clock = clock
  }

  /** For the first container of a Pod. */
  begin<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(this.#begin, work)
  }

  /** For what follows it. */
  goOn<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(this.#goOn, work)
  }

  async #run<T>(queue: (() => void)[], work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    let over = false
    const end = () => {
      if (over) return
      over = true
      const next = this.#goOn.shift() ?? this.#begin.shift()
      if (next) next()
      else this.#free++
    }
    const cancel = this.#clock.after(turnMs, end)
    try {
      return await work()
    } finally {
      cancel()
      end()
    }
  }
}
