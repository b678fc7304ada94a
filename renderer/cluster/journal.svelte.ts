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

export class JournalStore {
  /** Oldest first. */
  entries = $state.raw<readonly JournalEntry[]>([])
  loading = $state(true)
  /** Nothing older is kept by the cluster. */
  complete = $state(false)
  /** Newest story first. */
  readonly stories: readonly Story[] = $derived(storiesOf(this.entries))
  readonly #cluster: Asks
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
        for (const listener of [...this.#listeners]) listener(entries)
      })
    })
  }

  async older(): Promise<void> {
    const first = this.entries[0]
    if (!first || this.complete) return
    const older = await this.#cluster.call('journal', { before: first.revision, limit: page })
    this.complete = older.length < page
    this.entries = mergeEntries(this.entries, older, kept + older.length)
  }

  async #first(): Promise<void> {
    try {
      const entries = await this.#cluster.call('journal', { limit: page })
      this.complete = entries.length < page
      this.entries = mergeEntries(this.entries, [...entries].sort((a, b) => a.revision - b.revision), kept)
    } catch {
      /** The stream below brings what comes next; "older" asks again. */
    } finally {
      this.loading = false
    }
  }
}
