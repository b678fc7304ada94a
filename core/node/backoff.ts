/**
 * Doubling delays per key, as the kubelet counts them (client-go/util/flowcontrol/backoff.go): 10 s, 20 s … 300 s where
 * nothing else is said, forgotten when nothing happened for twice the longest.
 */
interface Entry {
  delayMs: number
  updatedMs: number
}

export interface Delays {
  readonly firstMs: number
  readonly longestMs: number
}

const usual: Delays = { firstMs: 10_000, longestMs: 300_000 }

export class Backoff {
  readonly #delays: Delays
  readonly #entries = new Map<string, Entry>()

  constructor(delays: Delays = usual) {
    this.#delays = delays
  }

  /** The delay in force after what happened at `eventMs`, and its end; undefined where none is. */
  pending(key: string, eventMs: number, nowMs: number): { delayMs: number; untilMs: number } | undefined {
    const entry = this.#entries.get(key)
    if (!entry || this.#isOld(entry, eventMs)) return undefined
    const untilMs = eventMs + entry.delayMs
    return nowMs < untilMs ? { delayMs: entry.delayMs, untilMs } : undefined
  }

  /** Counts one more try; answers with the delay after it. */
  next(key: string, eventMs: number, nowMs: number): number {
    const { firstMs, longestMs } = this.#delays
    const entry = this.#entries.get(key)
    const delayMs = !entry || this.#isOld(entry, eventMs) ? firstMs : Math.min(entry.delayMs * 2, longestMs)
    this.#entries.set(key, { delayMs, updatedMs: nowMs })
    return delayMs
  }

  /** What `tries` tries would have left: an adopted container goes on where it was. */
  resume(key: string, tries: number, updatedMs: number): void {
    const { firstMs, longestMs } = this.#delays
    if (tries > 0 && !this.#entries.has(key)) this.#entries.set(key, { delayMs: Math.min(firstMs * 2 ** (tries - 1), longestMs), updatedMs })
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }

  #isOld(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.updatedMs > 2 * this.#delays.longestMs
  }
}

/** As Go prints a duration of whole seconds: 10s, 1m20s, 5m0s. */
export function goSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
