/**
 * Large lists, compressed once for all who ask the same while nothing changes: informers of many clients start together,
 * and packing megabytes costs more than all the rest of a list. What is kept is the packed form only, and little of it.
 */
import type { Revision } from '../../api/request.ts'

const mostEntries = 8
const mostBytes = 8 * 1024 * 1024

export class ListCache {
  #revision: Revision = -1
  #bytes = 0
  readonly #packed = new Map<string, Buffer>()

  /** Answers made at an older revision are gone: any write ends them all. */
  get(key: string, revision: Revision): Buffer | undefined {
    this.#moveTo(revision)
    return this.#packed.get(key)
  }

  put(key: string, revision: Revision, packed: Buffer, now: Revision): void {
    this.#moveTo(now)
    if (revision !== now || packed.length + this.#bytes > mostBytes || this.#packed.size >= mostEntries) return
    this.#packed.set(key, packed)
    this.#bytes += packed.length
  }

  #moveTo(revision: Revision): void {
    if (revision === this.#revision) return
    this.#revision = revision
    this.#packed.clear()
    this.#bytes = 0
  }
}
