/** The product's store: one SQLite file. */
import type { Clock } from '../../base/clock.ts'
import { LogStore } from '../log-store.ts'
import type { Store } from '../store.ts'
import { SqliteLog } from './sqlite-log.ts'

/** Opens or creates the file and loads the present state. Throws where another process holds it or a newer Orrery wrote it. */
export const sqliteStore = (path: string, clock: Clock): Store => new LogStore(new SqliteLog(path), clock)
