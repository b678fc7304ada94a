/**
 * Watch events as bytes, made once for all watchers. The registry hands the same items to every watcher in one turn, so a
 * small memory of the last few is enough; anything longer would hold old objects.
 */
import type { WatchItem } from '../registry/registry.ts'

const kept = 64

export class EventEncoder {
  readonly #recent = new Map<unknown, { type: string; bytes: Buffer }>()

  encode(items: readonly WatchItem[]): Buffer {
    if (items.length === 1) return this.#one(items[0]!)
    return Buffer.concat(items.map((item) => this.#one(item)))
  }

  #one(item: WatchItem): Buffer {
    const key = item.answer
    const known = this.#recent.get(key)
    if (known !== undefined && known.type === item.type) return known.bytes
    const bytes = Buffer.from(`{"type":"${item.type}","object":${item.answer.json}}\n`)
    if (this.#recent.size >= kept) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest)
        break
      }
    }
    this.#recent.set(key, { type: item.type, bytes })
    return bytes
  }
}
