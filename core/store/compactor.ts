/** Keeps history for at least a while and no more than it must: remembers which revision stood when, and compacts to the one that is old enough. */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'
import type { Revision, Store } from './store.ts'

export interface History {
  /** At least this long; watchers may resume from anything younger. */
  readonly keepMs: number
  readonly everyMs: number
}

/** Kubernetes promises five minutes; more is kept for the journal. */
const defaultHistory: History = { keepMs: 60 * 60_000, everyMs: 5 * 60_000 }

export function keepHistory(store: Store, clock: Clock, scope: Scope, log: Logger, history: History = defaultHistory): void {
  const marks: { atMs: number; revision: Revision }[] = []
  let cancel = () => {}
  const tick = async () => {
    const now = clock.now()
    marks.push({ atMs: now, revision: store.revision })
    const old = marks.findLastIndex(({ atMs }) => atMs <= now - history.keepMs)
    if (old >= 0) {
      const [mark] = marks.splice(0, old + 1).slice(-1)
      try {
        await store.compact(mark!.revision)
      } catch (error) {
        log.warn('history could not be compacted', { error: String(error) })
      }
    }
    if (!scope.signal.aborted) cancel = clock.after(history.everyMs, () => void tick())
  }
  scope.add('history', () => cancel())
  void tick()
}
