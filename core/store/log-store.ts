/**
 * The Store over any Log: decides writes one after another against the in-memory index, appends what a turn of the
 * event loop gathered as one durable batch (group commit), publishes it, then answers the writers.
 *
 * A commit starts in the check phase that follows the phase in which the first write came: requests read in the same
 * poll share one commit, and a lone writer waits for nobody. Commits are synchronous, so those that arrive meanwhile
 * are gathered by the next turn.
 */
import type { Clock } from '../base/clock.ts'
import { endOfPrefix, KeyIndex } from './key-index.ts'
import type { Log, LogRow } from './log.ts'
import { Compacted, Unwritable } from './store.ts'
import type { Cause, Change, Decide, Entry, JournalQuery, JournalRow, Outcome, Page, Revision, Store } from './store.ts'
import { WatchHub } from './watch-hub.ts'

interface Write {
  readonly key: string
  readonly decide: Decide
  readonly cause: Cause
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/** Bounds the time that one commit holds the event loop. */
const batchLimit = 256
const replayChunk = 1000
/** A pause in writing of this length is used for upkeep. */
const quietMs = 700

export class LogStore implements Store {
  readonly #log: Log
  readonly #clock: Clock
  readonly #index = new KeyIndex()
  readonly #hub = new WatchHub()
  #revision: Revision
  #pending: Write[] = []
  #scheduled = false
  #failure: string | undefined
  #closed = false
  #lastCommitMs = 0
  #cancelUpkeep: (() => void) | undefined

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
    this.#revision = log.revision
    this.#index.load(log.current())
  }

  get revision(): Revision {
    return this.#revision
  }

  get oldest(): Revision {
    return this.#log.oldest
  }

  async get(key: string): Promise<Entry | undefined> {
    return this.#index.get(key)
  }

  async getAt(key: string, revision: Revision): Promise<Entry | undefined> {
    this.#assertKept(revision)
    const current = this.#index.get(key)
    return current !== undefined && current.revision <= revision ? current : this.#log.getAt(key, revision)
  }

  async list(prefix: string, options: { after?: string; limit?: number; at?: Revision } = {}): Promise<Page> {
    const end = endOfPrefix(prefix)
    const start = options.after !== undefined && options.after >= prefix ? `${options.after}\0` : prefix
    const limit = options.limit ?? 0
    const past = options.at !== undefined && options.at < this.#revision
    if (past) this.#assertKept(options.at!)
    const revision = past ? options.at! : this.#revision
    if (past) {
      const all = this.#log.listAt(start, end, revision)
      const entries = limit > 0 ? all.slice(0, limit) : all
      const remaining = all.length - entries.length
      return { entries, revision, more: remaining > 0 ? entries[entries.length - 1]!.key : undefined, remaining }
    }
    const entries: Entry[] = []
    for (const entry of this.#index.range(start, end)) {
      if (limit > 0 && entries.length === limit) {
        const more = entries[entries.length - 1]!.key
        return { entries, revision, more, remaining: this.#index.count(`${more}\0`, end) }
      }
      entries.push(entry)
    }
    return { entries, revision, more: undefined, remaining: 0 }
  }

  get failure(): string | undefined {
    return this.#failure
  }

  write(key: string, decide: Decide, cause: Cause): Promise<Outcome> {
    if (this.#closed) return Promise.reject(new Unwritable('the store is closed'))
    return new Promise((resolve, reject) => {
      this.#pending.push({ key, decide, cause, resolve, reject })
      this.#schedule()
    })
  }

  watch(prefix: string, from: Revision, onBatch: (changes: readonly Change[]) => void): () => void {
    this.#assertKept(from)
    // Commits are synchronous and this method does not wait, so nothing can slip in between replay and registration.
    let at = from
    while (at < this.#revision) {
      const chunk = this.#log.after(prefix, at, replayChunk)
      if (chunk.length > 0) onBatch(chunk.map(({ row, previous }) => changeOf(row, previous)))
      at = chunk.length < replayChunk ? this.#revision : chunk[chunk.length - 1]!.row.revision
    }
    return this.#hub.add(prefix, Math.max(from, this.#revision), onBatch)
  }

  async journal(query: JournalQuery): Promise<JournalRow[]> {
    return this.#log.journal(query)
  }

  /** In bounded pieces, with turns of the event loop between them. */
  async compact(revision: Revision): Promise<void> {
    const upTo = Math.min(revision, this.#revision)
    while (!this.#closed && !this.#log.compact(upTo)) await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    while (this.#pending.length > 0) this.#commit()
    this.#closed = true
    this.#cancelUpkeep?.()
    this.#hub.clear()
    this.#log.close()
  }

  #assertKept(revision: Revision): void {
    if (revision < this.#log.oldest) throw new Compacted(revision, this.#log.oldest)
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#pending.length > 0) this.#commit()
    })
  }

  #upkeep(): void {
    this.#cancelUpkeep = undefined
    const sinceMs = this.#clock.now() - this.#lastCommitMs
    if (sinceMs < quietMs) this.#cancelUpkeep = this.#clock.after(quietMs - sinceMs, () => this.#upkeep())
    else this.#log.tidy()
  }

  /** Decides and commits one batch. Synchronous throughout, so no reader sees a state that may still be taken back. */
  #commit(): void {
    const batch = this.#pending.length > batchLimit ? this.#pending.splice(0, batchLimit) : this.#pending.splice(0)
    if (this.#pending.length > 0) this.#schedule()
    const rows: LogRow[] = []
    const changes: Change[] = []
    const undo: { key: string; entry: Entry | undefined }[] = []
    const answers: { write: Write; outcome: Outcome }[] = []
    const timeMs = this.#clock.now()
    const before = this.#revision
    for (const write of batch) {
      const current = this.#index.get(write.key)
      const revision = this.#revision + 1
      let decision
      try {
        decision = write.decide(current, revision)
      } catch (error) {
        write.reject(error)
        continue
      }
      if (decision.do === 'nothing' || (decision.do === 'delete' && current === undefined)) {
        answers.push({ write, outcome: { change: 'unchanged', entry: current, previous: current } })
        continue
      }
      const deleted = decision.do === 'delete'
      const entry: Entry = { key: write.key, revision, createRevision: current?.createRevision ?? revision, value: decision.value }
      const row: LogRow = {
        revision,
        key: write.key,
        createRevision: entry.createRevision,
        previousRevision: current?.revision ?? 0,
        deleted,
        value: entry.value,
        cause: write.cause,
        timeMs,
      }
      undo.push({ key: write.key, entry: current })
      if (deleted) this.#index.delete(write.key)
      else this.#index.set(write.key, entry)
      this.#revision = revision
      rows.push(row)
      changes.push({ type: deleted ? 'delete' : 'put', entry, previous: current, cause: write.cause, timeMs })
      answers.push({ write, outcome: { change: deleted ? 'deleted' : current === undefined ? 'created' : 'updated', entry, previous: current } })
    }
    if (rows.length > 0) {
      try {
        this.#log.append(rows)
        this.#failure = undefined
        this.#lastCommitMs = timeMs
        if (this.#log.untidy) this.#cancelUpkeep ??= this.#clock.after(quietMs, () => this.#upkeep())
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error)
        this.#revision = before
        for (const { key, entry } of undo.reverse()) {
          if (entry === undefined) this.#index.delete(key)
          else this.#index.set(key, entry)
        }
        // Even those that wanted nothing may have decided on state that never came to be.
        for (const { write } of answers) write.reject(error)
        return
      }
      this.#hub.publish(changes)
    }
    for (const { write, outcome } of answers) write.resolve(outcome)
  }
}

function changeOf(row: LogRow, previous: Entry | undefined): Change {
  const entry: Entry = { key: row.key, revision: row.revision, createRevision: row.createRevision, value: row.value }
  return { type: row.deleted ? 'delete' : 'put', entry, previous, cause: row.cause, timeMs: row.timeMs }
}
