/**
 * The revisioned log: a Kubernetes store in one table (as kine has it), knowing keys, bytes, revisions and causes, not kinds.
 *
 * One revision sequence for the whole server. A write is decided by a pure function of the current entry, inside the
 * transaction; writes that arrive while a commit is in flight share the next one (group commit); the promise resolves
 * after the commit is durable. A decision that changes nothing, or throws, uses no revision. Changes are published to
 * watchers after their commit, in revision order, with no gap.
 *
 * Implementations: sqlite/ (the product), memory (tests, forks). Both pass test/contract/store.ts.
 */
export type Revision = number

export interface Entry {
  readonly key: string
  readonly revision: Revision
  readonly createRevision: Revision
  /** The object as JSON text, exactly as it goes on the wire (metadata.resourceVersion is `revision`). */
  readonly value: string
}

/** Who wrote, why, and which revisions led to it. Kept with every write: the causal journal. */
export interface Cause {
  /** `user:admin`, `controller:deployment`, `node:n1`, `scheduler`, `system`. */
  readonly actor: string
  /** Short PascalCase code, e.g. `ScaledUp`. */
  readonly code: string
  /** One sentence: what was done. */
  readonly say: string
  /** One sentence with the numbers: why. */
  readonly why: string
  /** The revisions that led to this write; empty for what a person did. */
  readonly led: readonly Revision[]
  /** Heartbeats (leases, node status) stay out of the journal. */
  readonly quiet?: boolean
}

export type Decision =
  | { do: 'put'; value: string }
  /** `value` is the last state, with the deletion revision in it. */
  | { do: 'delete'; value: string }
  | { do: 'nothing' }

/** Called inside the transaction with the newest state of the key and the revision the write would get. Synchronous, pure but for its captured input; may be called again. */
export type Decide = (current: Entry | undefined, revision: Revision) => Decision

export interface Outcome {
  readonly change: 'created' | 'updated' | 'deleted' | 'unchanged'
  /** State after the write (the last state where deleted); undefined where nothing was there and nothing came. */
  readonly entry: Entry | undefined
  readonly previous: Entry | undefined
}

export interface Change {
  readonly type: 'put' | 'delete'
  readonly entry: Entry
  readonly previous: Entry | undefined
  readonly cause: Cause
  readonly timeMs: number
}

/** One line of the causal journal. */
export interface JournalRow {
  readonly revision: Revision
  readonly key: string
  readonly timeMs: number
  readonly type: 'create' | 'update' | 'delete'
  readonly cause: Cause
  /** Present only where the query asked for values. */
  readonly value?: string
  readonly previous?: string
}

export interface JournalQuery {
  prefix?: string
  /** Rows after this revision. */
  after?: Revision
  /** Rows before this revision; with `newestFirst` this pages backwards. */
  before?: Revision
  newestFirst?: boolean
  limit: number
  values?: boolean
  includeQuiet?: boolean
}

export interface Page {
  readonly entries: readonly Entry[]
  /** The revision the page is of. */
  readonly revision: Revision
  /** Key to continue after, where there is more. */
  readonly more: string | undefined
  /** How many entries follow the page. */
  readonly remaining: number
}

export interface Store {
  /** Newest committed revision. */
  readonly revision: Revision
  /** Why the last commit was refused by the medium; undefined while writing works. */
  readonly failure: string | undefined
  /** Oldest revision from which history is whole; older reads throw Compacted. */
  readonly oldest: Revision
  get(key: string): Promise<Entry | undefined>
  /** The entry as it was at `revision`. */
  getAt(key: string, revision: Revision): Promise<Entry | undefined>
  /** Entries whose key starts with `prefix`, in key order. `at`: as of that revision (throws Compacted when too old). */
  list(prefix: string, options?: { after?: string; limit?: number; at?: Revision }): Promise<Page>
  write(key: string, decide: Decide, cause: Cause): Promise<Outcome>
  /**
   * Changes after `from`, in revision order, each batch whole. `onBatch` is called synchronously after each commit and
   * must not throw. Throws Compacted at once when `from` is older than `oldest`. Returns the way to stop.
   */
  watch(prefix: string, from: Revision, onBatch: (changes: readonly Change[]) => void): () => void
  journal(query: JournalQuery): Promise<JournalRow[]>
  /** Drops history before `revision`; the current state stays. */
  compact(revision: Revision): Promise<void>
  /** Resolves when everything acknowledged is on disk and the database is closed. */
  close(): Promise<void>
}

export class Compacted extends Error {
  readonly requested: Revision
  readonly oldest: Revision

  constructor(requested: Revision, oldest: Revision) {
    super(`revision ${requested} has been compacted; history is kept from ${oldest}`)
    this.requested = requested
    this.oldest = oldest
    this.name = 'Compacted'
  }
}

/** The medium refused a write (disk full, read-only). Nothing of the batch was applied. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable'
}
