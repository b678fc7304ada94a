/** One timer for several wishes: the earliest wins, because each is only a look. */
import type { Clock } from '../../base/clock.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #dueMs = Infinity
  #cancel = () => {}

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings at `atMs` at the latest. */
  at(atMs: number): void {
    if (atMs >= this.#dueMs) return
    this.#cancel()
    this.#dueMs = atMs
    this.#cancel = this.#clock.after(Math.max(0, atMs - this.#clock.now()), this.#ring)
  }

  /** Forgets all wishes. */
  clear(): void {
    this.#cancel()
    this.#dueMs = Infinity
  }
}
