/**
 * The Store over any Log: decides writes one after another, appends what a turn of the event loop gathered as one durable
 * batch (group commit), and only then shows it: to readers, to watchers, and last to its writers.
 *
 * A commit starts in the check phase that follows the phase in which the first write came: requests read in the same
 * poll share one commit, and a lone writer waits for nobody. Writes that arrive while a commit is on its way to the disk
 * share the next one, which is decided when the first is known to be durable: nothing is ever decided on a state that
 * may still be taken back.
 */
import type { Clock } from '../base/clock.ts'
import { endOfPrefix, KeyIndex } from './key-index.ts'
import type { Log, LogRow } from './log.ts'
import { Compacted, Unwritable } from './store.ts'
import type { Cause, Change, Decide, Entry, JournalQuery, JournalRow, Outcome, Page, Revision, Store } from './store.ts'
import { WatchHub } from './watch-hub.ts'

interface Answer {
  readonly write: Write
  readonly outcome: Outcome
}

interface Batch {
  readonly changes: readonly Change[]
  readonly answers: readonly Answer[]
}

interface Write {
  readonly key: string
  readonly decide: Decide
  readonly cause: Cause
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/** Bound the time that one commit holds the event loop. */
const batchLimit = 256
const decidingMs = 3
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
  /** The batch on its way to the disk. */
  #underway: Promise<void> | undefined
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
    return current !== undefined && current.revision <= revision ? current : this.#log.getAt(key, Math.min(revision, this.#revision))
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
    // Nothing is published while this method runs, so nothing can slip in between replay and registration.
    let at = from
    while (at < this.#revision) {
      const found = this.#log.after(prefix, at, replayChunk)
      // The log may hold rows that are not yet known to be durable.
      const chunk = found.filter(({ row }) => row.revision <= this.#revision)
      if (chunk.length > 0) onBatch(chunk.map(({ row, previous }) => changeOf(row, previous)))
      at = chunk.length < replayChunk ? this.#revision : chunk[chunk.length - 1]!.row.revision
    }
    return this.#hub.add(prefix, Math.max(from, this.#revision), onBatch)
  }

  async journal(query: JournalQuery): Promise<JournalRow[]> {
    // The log may hold rows that are not yet known to be durable.
    return this.#log.journal({ ...query, before: Math.min(query.before ?? Infinity, this.#revision + 1) })
  }

  /** In bounded pieces, with turns of the event loop between them. */
  async compact(revision: Revision): Promise<void> {
    const upTo = Math.min(revision, this.#revision)
    while (!this.#closed && !this.#log.compact(upTo)) await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    while (this.#pending.length > 0 || this.#underway !== undefined) {
      await this.#underway
      this.#commit()
    }
    if (this.#closed) return
    this.#closed = true
    this.#cancelUpkeep?.()
    this.#hub.clear()
    this.#log.close()
  }

  #assertKept(revision: Revision): void {
    if (revision < this.#log.oldest) throw new Compacted(revision, this.#log.oldest)
  }

  #schedule(): void {
    if (this.#scheduled || this.#underway !== undefined) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#commit()
    })
  }

  #upkeep(): void {
    this.#cancelUpkeep = undefined
    const sinceMs = this.#clock.now() - this.#lastCommitMs
    if (sinceMs < quietMs) this.#cancelUpkeep = this.#clock.after(quietMs - sinceMs, () => this.#upkeep())
    else this.#log.tidy()
  }

  #commit(): void {
    if (this.#underway !== undefined || this.#pending.length === 0) return
    const timeMs = this.#clock.now()
    const rows: LogRow[] = []
    const batch = this.#decide(rows, timeMs)
    if (rows.length === 0) {
      this.#settle(batch)
      return
    }
    try {
      const done = this.#log.append(rows)
      if (done === undefined) this.#committed(batch, timeMs)
      else this.#underway = done.then(() => this.#committed(batch, timeMs), (error: unknown) => this.#refused(batch, error))
    } catch (error) {
      this.#refused(batch, error)
    }
  }

  /** Takes writes from the head of the queue, each decided on the state that those before it leave. */
  #decide(rows: LogRow[], timeMs: number): Batch {
    const changes: Change[] = []
    const answers: Answer[] = []
    /** State after the batch so far; undefined is deleted. */
    const decided = new Map<string, Entry | undefined>()
    let revision = this.#revision
    let taken = 0
    while (taken < this.#pending.length && taken < batchLimit && (taken % 8 > 0 || this.#clock.now() - timeMs < decidingMs)) {
      const write = this.#pending[taken++]!
      const { key, cause } = write
      const current = decided.has(key) ? decided.get(key) : this.#index.get(key)
      let decision
      try {
        decision = write.decide(current, revision + 1)
      } catch (error) {
        write.reject(error)
        continue
      }
      if (decision.do === 'nothing' || (decision.do === 'delete' && current === undefined)) {
        answers.push({ write, outcome: { change: 'unchanged', entry: current, previous: current } })
        continue
      }
      revision++
      const deleted = decision.do === 'delete'
      const entry: Entry = { key, revision, createRevision: current?.createRevision ?? revision, value: decision.value }
      rows.push({ revision, key, createRevision: entry.createRevision, previousRevision: current?.revision ?? 0, deleted, value: entry.value, cause, timeMs })
      decided.set(key, deleted ? undefined : entry)
      changes.push({ type: deleted ? 'delete' : 'put', entry, previous: current, cause, timeMs })
      answers.push({ write, outcome: { change: deleted ? 'deleted' : current === undefined ? 'created' : 'updated', entry, previous: current } })
    }
    this.#pending.splice(0, taken)
    return { changes, answers }
  }

  #committed(batch: Batch, timeMs: number): void {
    this.#failure = undefined
    this.#lastCommitMs = timeMs
    for (const { type, entry } of batch.changes) {
      if (type === 'delete') this.#index.delete(entry.key)
      else this.#index.set(entry.key, entry)
      this.#revision = entry.revision
    }
    this.#hub.publish(batch.changes)
    this.#settle(batch)
    if (this.#log.untidy && !this.#closed) this.#cancelUpkeep ??= this.#clock.after(quietMs, () => this.#upkeep())
  }

  #refused(batch: Batch, error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error)
    // Even those that wanted nothing may have decided on state that never came to be.
    for (const { write } of batch.answers) write.reject(error)
    this.#next()
  }

  #settle({ answers }: Batch): void {
    for (const { write, outcome } of answers) write.resolve(outcome)
    this.#next()
  }

  #next(): void {
    this.#underway = undefined
    if (this.#pending.length > 0) this.#schedule()
  }
}

function changeOf(row: LogRow, previous: Entry | undefined): Change {
  const entry: Entry = { key: row.key, revision: row.revision, createRevision: row.createRevision, value: row.value }
  return { type: row.deleted ? 'delete' : 'put', entry, previous, cause: row.cause, timeMs: row.timeMs }
}
