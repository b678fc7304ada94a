/**
 * The current state of every key, ordered by key, in memory: reads of the present never touch the disk.
 * A list of sorted chunks rather than one array, so that an insert moves a few hundred strings at most.
 */
import type { Entry } from './store.ts'

const chunkLimit = 512

/** First string after every string that starts with `prefix` (UTF-16 order, which is the order of `<`). */
export const endOfPrefix = (prefix: string): string => `${prefix}\uffff`

export class KeyIndex {
  readonly #entries = new Map<string, Entry>()
  #chunks: string[][] = []

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** Fills an empty index from entries that come in key order. */
  load(entries: Iterable<Entry>): void {
    let chunk: string[] = []
    for (const entry of entries) {
      this.#entries.set(entry.key, entry)
      chunk.push(entry.key)
      if (chunk.length === chunkLimit / 2) {
        this.#chunks.push(chunk)
        chunk = []
      }
    }
    if (chunk.length > 0) this.#chunks.push(chunk)
  }

  set(key: string, entry: Entry): void {
    const known = this.#entries.has(key)
    this.#entries.set(key, entry)
    if (known) return
    if (this.#chunks.length === 0) {
      this.#chunks.push([key])
      return
    }
    const at = Math.min(this.#chunkOf(key), this.#chunks.length - 1)
    const chunk = this.#chunks[at]!
    chunk.splice(lowerBound(chunk, key), 0, key)
    if (chunk.length > chunkLimit) this.#chunks.splice(at, 1, chunk.slice(0, chunkLimit / 2), chunk.slice(chunkLimit / 2))
  }

  delete(key: string): void {
    if (!this.#entries.delete(key)) return
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]!
    chunk.splice(lowerBound(chunk, key), 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  /** Entries from `start` (inclusive) to `end` (exclusive) in key order. The index must not be changed meanwhile. */
  *range(start: string, end: string): Generator<Entry> {
    let offset: number | undefined
    for (let at = this.#chunkOf(start); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at]!
      for (let i = offset ?? lowerBound(chunk, start); i < chunk.length; i++) {
        const key = chunk[i]!
        if (key >= end) return
        yield this.#entries.get(key)!
      }
      offset = 0
    }
  }

  /** How many keys stand from `start` (inclusive) to `end` (exclusive). */
  count(start: string, end: string): number {
    const first = this.#chunkOf(start)
    const last = this.#chunkOf(end)
    const place = (at: number, key: string) => (at < this.#chunks.length ? lowerBound(this.#chunks[at]!, key) : 0)
    let total = place(last, end) - place(first, start)
    for (let at = first; at < last; at++) total += this.#chunks[at]!.length
    return total
  }

  /** The first chunk whose last key is not before `key`; the number of chunks where there is none. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >> 1
      const chunk = this.#chunks[middle]!
      if (chunk[chunk.length - 1]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
