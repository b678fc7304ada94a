/**
 * Doubling delays per key, as the kubelet counts them (client-go/util/flowcontrol/backoff.go): 10 s, 20 s … 300 s, forgotten
 * when nothing happened for twice the longest.
 */
interface Entry {
  delayMs: number
  updatedMs: number
}

const firstDelayMs = 10_000
export const longestDelayMs = 300_000

export class Backoff {
  readonly #entries = new Map<string, Entry>()

  /** The delay in force after what happened at `eventMs`, and its end; undefined where none is. */
  pending(key: string, eventMs: number, nowMs: number): { delayMs: number; untilMs: number } | undefined {
    const entry = this.#entries.get(key)
    if (!entry || eventMs - entry.updatedMs > 2 * longestDelayMs) return undefined
    const untilMs = eventMs + entry.delayMs
    return nowMs < untilMs ? { delayMs: entry.delayMs, untilMs } : undefined
  }

  /** Counts one more try. */
  next(key: string, eventMs: number, nowMs: number): void {
    const entry = this.#entries.get(key)
    const fresh = !entry || eventMs - entry.updatedMs > 2 * longestDelayMs
    this.#entries.set(key, { delayMs: fresh ? firstDelayMs : Math.min(entry.delayMs * 2, longestDelayMs), updatedMs: nowMs })
  }

  /** What `tries` tries would have left: an adopted container goes on where it was. */
  resume(key: string, tries: number, updatedMs: number): void {
    if (tries > 0 && !this.#entries.has(key)) this.#entries.set(key, { delayMs: Math.min(firstDelayMs * 2 ** (tries - 1), longestDelayMs), updatedMs })
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }
}

/** As Go prints a duration of whole seconds: 10s, 1m20s, 5m0s. */
export function goSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
