/** The journal in the window: the newest entries by the stream, older ones on demand, grouped into stories. */
import type { CallName, JournalEntry, StreamName, Streams } from '../../electron/contract.ts'
import type { CallArg, CallResult } from './carrier.ts'
import { mergeEntries, storiesOf, type Story } from './stories.ts'

interface Asks {
  call<K extends CallName>(name: K, arg: CallArg<K>): Promise<CallResult<K>>
}
type KeepOpen = <K extends StreamName>(name: K, arg: () => Streams[K]['open'], message: (m: Streams[K]['message']) => void) => void

const kept = 4_000
const page = 300
/** Beginnings fetched at once; a burst has few stories, however many steps. */
const beginningsAtMost = 20

export class JournalStore {
  /** Oldest first. */
  entries = $state.raw<readonly JournalEntry[]>([])
  loading = $state(true)
  /** Nothing older is kept by the cluster. */
  complete = $state(false)
  /** Newest story first. */
  readonly stories: readonly Story[] = $derived(storiesOf(this.entries))
  readonly #cluster: Asks
  /** Where the next older page ends. */
  #oldest: number | undefined
  /** Beginnings asked for once; what compaction took does not come back. */
  readonly #sought = new Set<number>()
  readonly #listeners = new Set<(entries: readonly JournalEntry[]) => void>()

  constructor(cluster: Asks) {
    this.#cluster = cluster
  }

  /** Entries as they are written, for pulses on the graph. */
  onEntries(listener: (entries: readonly JournalEntry[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  start(keepOpen: KeepOpen): void {
    void this.#first().then(() => {
      keepOpen('journal', () => ({ after: this.entries.at(-1)?.revision ?? 0 }), (entries) => {
        this.entries = mergeEntries(this.entries, entries, kept)
        void this.#beginnings(entries)
        for (const listener of [...this.#listeners]) listener(entries)
      })
    })
  }

  async older(): Promise<void> {
    if (this.#oldest === undefined || this.complete) return
    const older = await this.#cluster.call('journal', { before: this.#oldest, limit: page })
    this.#paged(older)
    this.entries = mergeEntries(this.entries, older, kept + older.length)
    await this.#beginnings(older)
  }

  #paged(entries: readonly JournalEntry[]): void {
    this.complete = entries.length < page
    for (const { revision } of entries) this.#oldest = Math.min(this.#oldest ?? revision, revision)
  }

  /** Stories that began before what is loaded get their first cause, so that they are told by it. */
  async #beginnings(entries: readonly JournalEntry[]): Promise<void> {
    const known = new Set(this.entries.map(({ revision }) => revision))
    const missing = [...new Set(entries.map(({ root }) => root))].filter((root) => !known.has(root) && !this.#sought.has(root)).slice(-beginningsAtMost)
    if (missing.length === 0) return
    for (const root of missing) this.#sought.add(root)
    try {
      const found = await Promise.all(missing.map((root) => this.#cluster.call('journal', { before: root + 1, limit: 1 })))
      this.entries = mergeEntries(this.entries, found.flat().filter(({ revision }) => missing.includes(revision)).sort((a, b) => a.revision - b.revision), kept + missing.length)
    } catch {
      // Told by their first known step instead.
    }
  }

  async #first(): Promise<void> {
    try {
      const entries = await this.#cluster.call('journal', { limit: page })
      this.#paged(entries)
      this.entries = mergeEntries(this.entries, [...entries].sort((a, b) => a.revision - b.revision), kept)
      await this.#beginnings(entries)
    } catch {
      /** The stream below brings what comes next; "older" asks again. */
    } finally {
      this.loading = false
    }
  }
}
