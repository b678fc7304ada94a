/**
 * Time, injected. Everything that waits or stamps takes a Clock, so that tests step time instead of sleeping.
 * All instants are milliseconds since the Unix epoch; all durations are milliseconds.
 */
export interface Clock {
  now(): number
  /** Calls `fn` once after `delayMs`. The returned function cancels it and may be called at any time. */
  after(delayMs: number, fn: () => void): () => void
}

declare function setTimeout(fn: () => void, ms: number): unknown
declare function clearTimeout(handle: unknown): void

/** Longest delay that a platform timer keeps (2^31 - 1 ms); longer ones are cut to it and re-armed by the caller's loop. */
const longestDelayMs = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, fn) {
    const handle = setTimeout(fn, Math.min(Math.max(0, delayMs), longestDelayMs))
    return () => clearTimeout(handle)
  },
}
