/** Every SQL statement of the store, prepared once. */
import type { Database, Statement } from 'better-sqlite3'

export interface Row {
  revision: number
  key: string
  create_revision: number
  previous_revision: number
  deleted: number
  value: string
  time_ms: number
  actor: string
  code: string
  say: string
  why: string
  led: string
  quiet: number
}

export type EntryRow = Pick<Row, 'revision' | 'key' | 'create_revision' | 'value'>
export type RowWithPrevious = Row & { old_value: string | null; old_create_revision: number | null }

export interface Statements {
  begin: Statement<[]>
  commit: Statement<[]>
  rollback: Statement<[]>
  append: Statement<[number, string, number, number, number, string, number, string, string, string, string, string, number]>
  setCurrent: Statement<[string, number]>
  deleteCurrent: Statement<[string]>
  newest: Statement<[], { revision: number | null }>
  oldest: Statement<[], { number: number }>
  current: Statement<[], EntryRow>
  after: Statement<[number, string, string, number], RowWithPrevious>
  getAt: Statement<[string, number], EntryRow & { deleted: number }>
  listAt: Statement<[string, string, number], EntryRow>
  dropSuperseded: Statement<[number, number]>
  dropTombstones: Statement<[number, number]>
  setOldest: Statement<[number]>
  dropAfter: Statement<[number]>
}

export const prepare = (db: Database): Statements => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  rollback: db.prepare('ROLLBACK'),
  append: db.prepare(`
    INSERT INTO log (revision, key, create_revision, previous_revision, deleted, value, time_ms, actor, code, say, why, led, quiet)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  setCurrent: db.prepare('INSERT INTO current (key, revision) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision'),
  deleteCurrent: db.prepare('DELETE FROM current WHERE key = ?'),
  // AUTOINCREMENT remembers the highest revision even after compaction has dropped its row.
  newest: db.prepare(`SELECT max(seq) AS revision FROM sqlite_sequence WHERE name = 'log'`),
  oldest: db.prepare(`SELECT number FROM state WHERE name = 'oldest'`),
  current: db.prepare(`
    SELECT log.revision, log.key, log.create_revision, log.value
    FROM current JOIN log ON log.revision = current.revision ORDER BY current.key`),
  after: db.prepare(`
    SELECT log.*, old.value AS old_value, old.create_revision AS old_create_revision
    FROM log LEFT JOIN log AS old ON old.revision = log.previous_revision AND log.previous_revision > 0
    WHERE log.revision > ? AND log.key >= ? AND log.key < ? ORDER BY log.revision LIMIT ?`),
  getAt: db.prepare(`
    SELECT revision, key, create_revision, value, deleted
    FROM log WHERE key = ? AND revision <= ? ORDER BY revision DESC LIMIT 1`),
  listAt: db.prepare(`
    SELECT log.revision, log.key, log.create_revision, log.value
    FROM (SELECT key, max(revision) AS revision FROM log WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key) AS newest
    JOIN log ON log.revision = newest.revision WHERE log.deleted = 0 ORDER BY log.key`),
  dropSuperseded: db.prepare(`
    DELETE FROM log WHERE revision IN (SELECT previous_revision FROM log WHERE revision > ? AND revision <= ? AND previous_revision > 0)`),
  dropTombstones: db.prepare('DELETE FROM log WHERE deleted = 1 AND revision >= ? AND revision < ?'),
  dropAfter: db.prepare('DELETE FROM log WHERE revision > ?'),
  setOldest: db.prepare(`UPDATE state SET number = ? WHERE name = 'oldest'`),
})
