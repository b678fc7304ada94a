/**
 * Tables, as numbered migrations. `user_version` says how many have run.
 *
 * One table is the log (columns as kine has them; the old value is not repeated but reached through `previous_revision`,
 * which compaction respects), one says which row of the log is the present state of a key. The value of an object is thus
 * written once per change.
 */
import type { Database } from 'better-sqlite3'

const migrations: readonly string[] = [
  `
  CREATE TABLE log (
    revision INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    create_revision INTEGER NOT NULL,
    previous_revision INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    value TEXT NOT NULL,
    time_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    code TEXT NOT NULL,
    say TEXT NOT NULL,
    why TEXT NOT NULL,
    led TEXT NOT NULL,
    quiet INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX log_key ON log (key, revision);
  CREATE TABLE current (
    key TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE state (
    name TEXT PRIMARY KEY,
    number INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO state (name, number) VALUES ('oldest', 0);
  `,
]

/** Brings a database of any earlier Orrery to the present tables. Refuses one that a later Orrery wrote. */
export function migrate(db: Database): void {
  const done = Number(db.pragma('user_version', { simple: true }))
  if (done > migrations.length) throw new Error(`this database was written by a newer Orrery (schema ${done}, known ${migrations.length})`)
  for (let version = done; version < migrations.length; version++) {
    db.transaction(() => {
      db.exec(migrations[version]!)
      db.pragma(`user_version = ${version + 1}`)
    }).immediate()
  }
}
