/** A store that forgets at the end of the process: for tests and for forks of a cluster. Same contract as sqlite/. */
import type { Clock } from '../base/clock.ts'
import { LogStore } from './log-store.ts'
import type { Log, LoggedChange, LogRow } from './log.ts'
import type { Entry, JournalQuery, JournalRow, Revision, Store } from './store.ts'

export const memoryStore = (clock: Clock): Store => new LogStore(new MemoryLog(), clock)

class MemoryLog implements Log {
  readonly #rows = new Map<Revision, LogRow>()
  /** Revisions of a key's kept rows, oldest first. */
  readonly #ofKey = new Map<string, Revision[]>()
  revision: Revision = 0
  oldest: Revision = 0

  current(): Iterable<Entry> {
    return []
  }

  append(rows: readonly LogRow[]): void {
    for (const row of rows) {
      this.#rows.set(row.revision, row)
      const known = this.#ofKey.get(row.key)
      if (known) known.push(row.revision)
      else this.#ofKey.set(row.key, [row.revision])
      this.revision = row.revision
    }
  }

  after(prefix: string, from: Revision, limit: number): LoggedChange[] {
    const found: LoggedChange[] = []
    for (let revision = from + 1; revision <= this.revision && found.length < limit; revision++) {
      const row = this.#rows.get(revision)
      if (row?.key.startsWith(prefix)) found.push({ row, previous: this.#previous(row) })
    }
    return found
  }

  getAt(key: string, at: Revision): Entry | undefined {
    const revision = this.#ofKey.get(key)?.findLast((r) => r <= at)
    const row = revision === undefined ? undefined : this.#rows.get(revision)
    return row === undefined || row.deleted ? undefined : entryOf(row)
  }

  listAt(start: string, end: string, at: Revision): Entry[] {
    const keys = [...this.#ofKey.keys()].filter((key) => key >= start && key < end).sort()
    return keys.map((key) => this.getAt(key, at)).filter((entry) => entry !== undefined)
  }

  journal(query: JournalQuery): JournalRow[] {
    const found: JournalRow[] = []
    const ordered = query.newestFirst ? [...this.#rows.values()].reverse() : this.#rows.values()
    for (const row of ordered) {
      if (found.length === query.limit) break
      if (query.after !== undefined && row.revision <= query.after) continue
      if (query.before !== undefined && row.revision >= query.before) continue
      if (!row.key.startsWith(query.prefix ?? '') || (row.cause.quiet && !query.includeQuiet)) continue
      const previous = query.values ? this.#previous(row)?.value : undefined
      found.push({
        revision: row.revision,
        key: row.key,
        timeMs: row.timeMs,
        type: row.deleted ? 'delete' : row.previousRevision === 0 ? 'create' : 'update',
        cause: row.cause,
        ...(query.values ? { value: row.value } : {}),
        ...(previous === undefined ? {} : { previous }),
      })
    }
    return found
  }

  compact(revision: Revision): boolean {
    for (const row of [...this.#rows.values()]) {
      if (row.revision > revision) break
      const superseded = this.#rows.get(row.previousRevision)
      if (superseded) this.#drop(superseded)
      if (row.deleted && row.revision < revision) this.#drop(row)
    }
    this.oldest = Math.max(this.oldest, revision)
    return true
  }

  readonly untidy = false
  tidy(): void {}

  close(): void {
    this.#rows.clear()
    this.#ofKey.clear()
  }

  #previous(row: LogRow): Entry | undefined {
    const previous = this.#rows.get(row.previousRevision)
    return previous === undefined ? undefined : entryOf(previous)
  }

  #drop(row: LogRow): void {
    this.#rows.delete(row.revision)
    const rest = (this.#ofKey.get(row.key) ?? []).filter((r) => r !== row.revision)
    if (rest.length === 0) this.#ofKey.delete(row.key)
    else this.#ofKey.set(row.key, rest)
  }
}

const entryOf = (row: LogRow): Entry => ({ key: row.key, revision: row.revision, createRevision: row.createRevision, value: row.value })
