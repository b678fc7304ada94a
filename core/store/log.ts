/** What a medium must offer to carry a LogStore: an append-only log with point-in-time reads. All calls are synchronous. */
import type { Cause, Entry, JournalQuery, JournalRow, Revision } from './store.ts'

export interface LogRow {
  readonly revision: Revision
  readonly key: string
  readonly createRevision: Revision
  /** Revision of the row that this one supersedes; 0 where it creates. */
  readonly previousRevision: Revision
  readonly deleted: boolean
  readonly value: string
  readonly cause: Cause
  readonly timeMs: number
}

export interface LoggedChange {
  readonly row: LogRow
  /** State before; absent where the row creates. */
  readonly previous: Entry | undefined
}

export interface Log {
  /** Newest revision ever given. */
  readonly revision: Revision
  readonly oldest: Revision
  /** The current entries in key order. */
  current(): Iterable<Entry>
  /**
   * Appends all rows durably or none: done when it returns, or, where the medium takes its time, when the promise resolves.
   * Throws or rejects with Unwritable. Not called again before the last call is done.
   */
  append(rows: readonly LogRow[]): void | Promise<void>
  /** Up to `limit` changes after `from` of keys with the prefix. */
  after(prefix: string, from: Revision, limit: number): LoggedChange[]
  getAt(key: string, at: Revision): Entry | undefined
  /** Entries as of `at` with `start` <= key < `end`, in key order. */
  listAt(start: string, end: string, at: Revision): Entry[]
  journal(query: JournalQuery): JournalRow[]
  /** One bounded piece of compaction up to `revision`; true when all is done. */
  compact(revision: Revision): boolean
  /** Whether there is upkeep that is better done while nobody writes. */
  readonly untidy: boolean
  tidy(): void
  close(): void
}
