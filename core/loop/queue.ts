/**
 * Work by key. A key is queued once however often it is added; while it runs it is only marked, and queued again when
 * done, so that one key never runs twice side by side. Mirrors client-go/util/workqueue (queue, delaying, rate limiting).
 */
import type { Clock } from '../base/clock.ts'
import { Heap } from '../base/heap.ts'

/** client-go's default limiter: 5 ms × 2^failures, at most 1,000 s. */
const firstRetryMs = 5
const longestRetryMs = 1_000_000

interface Delayed<K> {
  readonly key: K
  readonly dueMs: number
}

export class Queue<K> {
  readonly #clock: Clock
  /** Needs a run; insertion order is the queue's order, minus what is running. */
  readonly #dirty = new Set<K>()
  readonly #ready = new Set<K>()
  readonly #running = new Set<K>()
  readonly #failures = new Map<K, number>()
  readonly #due = new Map<K, number>()
  readonly #heap = new Heap<Delayed<K>>((a, b) => a.dueMs < b.dueMs)
  readonly #takers = new Set<() => void>()
  #timer: { dueMs: number; cancel: () => void } | undefined

  readonly #onFire: ((lateMs: number) => void) | undefined

  /** `onFire` hears how late each timer came. */
  constructor(clock: Clock, onFire?: (lateMs: number) => void) {
    this.#clock = clock
    this.#onFire = onFire
  }

  /** Keys that could run now. */
  get size(): number {
    return this.#ready.size
  }

  get idle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0
  }

  add(key: K): void {
    this.#due.delete(key)
    if (this.#dirty.has(key)) return
    this.#dirty.add(key)
    if (this.#running.has(key)) return
    this.#ready.add(key)
    this.#wakeOne()
  }

  /** Adds at an instant; the earliest wins. */
  addAt(key: K, dueMs: number): void {
    if (dueMs <= this.#clock.now()) return this.add(key)
    const before = this.#due.get(key)
    if (before !== undefined && before <= dueMs) return
    this.#due.set(key, dueMs)
    this.#heap.push({ key, dueMs })
    this.#arm()
  }

  /** Adds after the key's own back-off, which starts at `firstMs`. */
  retry(key: K, firstMs = firstRetryMs): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.addAt(key, this.#clock.now() + Math.min(firstMs * 2 ** failures, longestRetryMs))
  }

  /** How often the key has failed since it last succeeded. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0
  }

  /** Ends the key's back-off. */
  forget(key: K): void {
    this.#failures.delete(key)
  }

  /** The next key; undefined once `signal` aborts. The key runs until `done`. */
  async next(signal: AbortSignal): Promise<K | undefined> {
    while (!signal.aborted) {
      const [key] = this.#ready
      if (key !== undefined) {
        this.#ready.delete(key)
        this.#dirty.delete(key)
        this.#running.add(key)
        return key
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#takers.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        this.#takers.add(wake)
        signal.addEventListener('abort', wake)
      })
    }
    return undefined
  }

  done(key: K): void {
    this.#running.delete(key)
    if (!this.#dirty.has(key)) return
    this.#ready.add(key)
    this.#wakeOne()
  }

  /** How late the earliest deadline is now; far more than zero only where the process did not run. */
  get lateMs(): number {
    const first = this.#heap.peek()
    return first ? Math.max(0, this.#clock.now() - first.dueMs) : 0
  }

  /** Stops the timer and forgets what waits for one. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#due.clear()
  }

  #wakeOne(): void {
    const [wake] = this.#takers
    wake?.()
  }

  #arm(): void {
    const first = this.#heap.peek()
    if (!first || (this.#timer && this.#timer.dueMs <= first.dueMs)) return
    this.#timer?.cancel()
    const { dueMs } = first
    this.#timer = { dueMs, cancel: this.#clock.after(dueMs - this.#clock.now(), () => this.#fire()) }
  }

  #fire(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    this.#onFire?.(this.lateMs)
    for (let first = this.#heap.peek(); first && first.dueMs <= now; first = this.#heap.peek()) {
      this.#heap.pop()
      // An earlier run or a closer deadline has overtaken this entry.
      if (this.#due.get(first.key) === first.dueMs) this.add(first.key)
    }
    this.#arm()
  }
}
