/** Time that only moves when told. `run` lets everything that time sets off settle before it moves on. */
import type { Clock } from '../../core/base/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly fn: () => void
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const readsOrWrites = () => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))

/** Lets pending promise chains run to their end, and the file operations they wait for, however busy the machine is. */
export const settle = async (rounds = 4): Promise<void> => {
  for (let i = 0; i < rounds; i++) {
    await turn()
    while (readsOrWrites()) await turn()
  }
}

export class FakeClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  get armed(): number {
    return this.#timers.size
  }

  after(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#now + Math.max(0, delayMs), fn }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves time without firing anything: the process was suspended. */
  sleep(ms: number): void {
    this.#now += ms
  }

  async run(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (;;) {
      let next: Timer | undefined
      for (const timer of this.#timers) if (timer.dueMs <= until && (!next || timer.dueMs < next.dueMs)) next = timer
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.dueMs)
      next.fn()
      await settle()
    }
    this.#now = Math.max(this.#now, until)
  }
}
