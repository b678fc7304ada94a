/**
 * The log on SQLite in WAL mode, with an exclusive lock, so that no second process can write beside the in-memory index.
 * The only importer of better-sqlite3.
 *
 * An answered write survives a crash of the machine, as with synchronous=FULL: that is NORMAL (WAL and database are synced
 * around every checkpoint, and a torn tail of the WAL is dropped when it is read) plus a sync of the WAL after every
 * commit. The sync is done here, because here it need not hold up the event loop.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { endOfPrefix } from '../key-index.ts'
import type { Log, LoggedChange, LogRow } from '../log.ts'
import { Unwritable } from '../store.ts'
import type { Cause, Entry, JournalQuery, JournalRow, Revision } from '../store.ts'
import { migrate } from './schema.ts'
import { prepare } from './statements.ts'
import type { EntryRow, Row, RowWithPrevious, Statements } from './statements.ts'

/** Revisions that one piece of compaction looks at: some milliseconds of work. */
const compactionPiece = 1000
/** How long an ending predecessor may still hold the file. */
const lockWaitMs = 250
/**
 * A checkpoint moves the WAL's pages into the database and waits for the disk, up to a tenth of a second: it is done in a
 * pause. Only where none comes does SQLite do it within a commit, at so many pages (64 MiB).
 */
const checkpointAtPages = 16_384
const tidyFromRows = 250
const keptWalBytes = 16 * 1024 * 1024
/** So few rows belong to writers who wait for nothing else: the shortest way to the disk is the best. */
const syncAtOnceRows = 1

/** How a file gets to the disk: the platform's own, but for tests of a disk that fails or takes its time. */
export interface Disk {
  sync(file: number): void
  syncLater(file: number, done: (error: Error | null) => void): void
}

const platform: Disk = { sync: fdatasyncSync, syncLater: fdatasync }

export class SqliteLog implements Log {
  readonly #disk: Disk
  readonly #db: Database.Database
  readonly #sql: Statements
  readonly #wal: number
  #rowsSinceTidy = 0
  /** Committed but refused by the disk, and not yet taken back. */
  #owed: readonly LogRow[] | undefined
  revision: Revision
  oldest: Revision

  constructor(path: string, disk: Disk = platform) {
    this.#disk = disk
    this.#db = new Database(path, { timeout: lockWaitMs })
    try {
      this.#db.pragma('locking_mode = EXCLUSIVE')
      this.#db.pragma('journal_mode = WAL')
      this.#db.pragma('synchronous = NORMAL')
      this.#db.pragma('temp_store = MEMORY')
      this.#db.pragma(`wal_autocheckpoint = ${checkpointAtPages}`)
      this.#db.pragma(`journal_size_limit = ${keptWalBytes}`)
      migrate(this.#db)
      this.#sql = prepare(this.#db)
      this.revision = this.#sql.newest.get()?.revision ?? 0
      this.oldest = this.#sql.oldest.get()?.number ?? 0
      this.#wal = openSync(`${path}-wal`, 'r+')
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  /** For tests of a full medium: a ceiling in pages. */
  limitPages(pages: number): void {
    this.#db.pragma(`max_page_count = ${pages}`)
  }

  get pages(): number {
    return Number(this.#db.pragma('page_count', { simple: true }))
  }

  *current(): Iterable<Entry> {
    for (const row of this.#sql.current.iterate()) yield entryOf(row)
  }

  append(rows: readonly LogRow[]): void | Promise<void> {
    this.#takeBack()
    const { append, setCurrent, deleteCurrent } = this.#sql
    this.#transaction(() => {
      for (const row of rows) {
        const { cause } = row
        append.run(
          row.revision, row.key, row.createRevision, row.previousRevision, row.deleted ? 1 : 0, row.value, row.timeMs,
          cause.actor, cause.code, cause.say, cause.why, cause.led.length === 0 ? '' : cause.led.join(','), cause.quiet ? 1 : 0,
        )
        if (row.deleted) deleteCurrent.run(row.key)
        else setCurrent.run(row.key, row.revision)
      }
    })
    this.revision = rows[rows.length - 1]!.revision
    this.#rowsSinceTidy += rows.length
    if (rows.length > syncAtOnceRows) return this.#synced(rows)
    try {
      this.#disk.sync(this.#wal)
    } catch (error) {
      throw this.#refused(rows, error)
    }
  }

  #synced(rows: readonly LogRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#disk.syncLater(this.#wal, (error) => {
        if (error === null) resolve()
        else reject(this.#refused(rows, error))
      })
    })
  }

  /** The disk did not take what SQLite has committed: nobody was answered, so it must not be there. */
  #refused(rows: readonly LogRow[], cause: unknown): Unwritable {
    this.#owed = rows
    try {
      this.#takeBack()
    } catch {
      // The disk does not take this either: before the next batch it is tried again.
    }
    return new Unwritable(cause instanceof Error ? cause.message : String(cause))
  }

  #takeBack(): void {
    const rows = this.#owed
    if (rows === undefined) return
    const before = rows[0]!.revision - 1
    this.#transaction(() => {
      for (const { key, previousRevision } of [...rows].reverse()) {
        if (previousRevision === 0) this.#sql.deleteCurrent.run(key)
        else this.#sql.setCurrent.run(key, previousRevision)
      }
      this.#sql.dropAfter.run(before)
    })
    this.#owed = undefined
    this.revision = before
  }

  get untidy(): boolean {
    return this.#rowsSinceTidy >= tidyFromRows
  }

  tidy(): void {
    this.#rowsSinceTidy = 0
    try {
      this.#db.pragma('wal_checkpoint(PASSIVE)')
    } catch (error) {
      // The WAL still holds everything; a medium that fails is reported by the next write.
      if (!isMediumFailure(error)) throw error
    }
  }

  after(prefix: string, from: Revision, limit: number): LoggedChange[] {
    return this.#sql.after.all(from, prefix, endOfPrefix(prefix), limit).map((row) => ({ row: logRowOf(row), previous: previousOf(row) }))
  }

  getAt(key: string, at: Revision): Entry | undefined {
    const row = this.#sql.getAt.get(key, at)
    return row === undefined || row.deleted === 1 ? undefined : entryOf(row)
  }

  listAt(start: string, end: string, at: Revision): Entry[] {
    return this.#sql.listAt.all(start, end, at).map(entryOf)
  }

  journal(query: JournalQuery): JournalRow[] {
    const where: string[] = []
    const bound: (string | number)[] = []
    const add = (condition: string, ...values: (string | number)[]) => {
      where.push(condition)
      bound.push(...values)
    }
    if (query.prefix) add('log.key >= ? AND log.key < ?', query.prefix, endOfPrefix(query.prefix))
    if (query.after !== undefined) add('log.revision > ?', query.after)
    if (query.before !== undefined) add('log.revision < ?', query.before)
    if (!query.includeQuiet) add('log.quiet = 0')
    const statement = this.#db.prepare<(string | number)[], RowWithPrevious>(`
      SELECT log.revision, log.key, log.previous_revision, log.deleted, log.time_ms, log.actor, log.code, log.say, log.why, log.led, log.quiet
        ${query.values ? ', log.value, old.value AS old_value' : ''}
      FROM log ${query.values ? 'LEFT JOIN log AS old ON old.revision = log.previous_revision AND log.previous_revision > 0' : ''}
      ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
      ORDER BY log.revision ${query.newestFirst ? 'DESC' : 'ASC'} LIMIT ?`)
    return statement.all(...bound, query.limit).map((row) => ({
      revision: row.revision,
      key: row.key,
      timeMs: row.time_ms,
      type: row.deleted === 1 ? 'delete' : row.previous_revision === 0 ? 'create' : 'update',
      cause: causeOf(row),
      ...(query.values ? { value: row.value } : {}),
      ...(query.values && row.old_value !== null ? { previous: row.old_value } : {}),
    }))
  }

  compact(revision: Revision): boolean {
    if (revision <= this.oldest) return true
    const from = this.oldest
    const to = Math.min(revision, from + compactionPiece)
    this.#transaction(() => {
      this.#sql.dropSuperseded.run(from, to)
      this.#sql.dropTombstones.run(from, to)
      this.#sql.setOldest.run(to)
    })
    this.oldest = to
    return to === revision
  }

  close(): void {
    closeSync(this.#wal)
    this.#db.close()
  }

  #transaction(work: () => void): void {
    try {
      this.#sql.begin.run()
      work()
      this.#sql.commit.run()
    } catch (error) {
      // SQLite has already rolled back after some failures (disk full among them).
      if (this.#db.inTransaction) this.#sql.rollback.run()
      if (isMediumFailure(error)) throw new Unwritable(error.message)
      throw error
    }
  }
}

const isMediumFailure = (error: unknown): error is Error =>
  error instanceof Database.SqliteError && /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|NOMEM|BUSY|LOCKED|CORRUPT)/.test(error.code)

const entryOf = (row: EntryRow): Entry => ({ key: row.key, revision: row.revision, createRevision: row.create_revision, value: row.value })

const previousOf = (row: RowWithPrevious): Entry | undefined =>
  row.old_value === null || row.old_create_revision === null
    ? undefined
    : { key: row.key, revision: row.previous_revision, createRevision: row.old_create_revision, value: row.old_value }

const causeOf = (row: Row): Cause => ({
  actor: row.actor,
  code: row.code,
  say: row.say,
  why: row.why,
  led: row.led === '' ? [] : row.led.split(',').map(Number),
  ...(row.quiet === 1 ? { quiet: true } : {}),
})

const logRowOf = (row: Row): LogRow => ({
  revision: row.revision,
  key: row.key,
  createRevision: row.create_revision,
  previousRevision: row.previous_revision,
  deleted: row.deleted === 1,
  value: row.value,
  cause: causeOf(row),
  timeMs: row.time_ms,
})
