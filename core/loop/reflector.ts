/**
 * Keeps a sink equal to a ListWatch: list, then watch; watch again where a watch merely ends; list again on Expired.
 * Used unchanged by the cluster and by the window. Returns when `signal` aborts; never throws.
 * Mirrors the contract of client-go/tools/cache/reflector.go.
 */
import { isExpired } from '../api/status.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'
import { sleep } from '../base/abort.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { WatchEvent } from './client.ts'
import type { ListWatch } from './list-watch.ts'

export interface Sink<T extends KubeObject = KubeObject> {
  /** The whole state; what is not in it is gone. */
  replace(items: readonly T[], revision: Revision): void
  apply(events: readonly WatchEvent<T>[]): void
  /** `stale` while the source does not answer: what is held may be old. */
  phase?(phase: 'loading' | 'live' | 'stale', error?: Error): void
}

export interface ReflectorOptions<T extends KubeObject = KubeObject> {
  readonly source: ListWatch<T>
  readonly sink: Sink<T>
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** 0 ≤ x < 1, spreads retries. */
  readonly random?: () => number
}

const firstRetryMs = 100
const longestRetryMs = 30_000

export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { source, sink, clock, log, signal } = options
  const random = options.random ?? Math.random
  let retryMs = firstRetryMs
  let revision: Revision | undefined

  const pause = async () => {
    const waitMs = retryMs * (1 + random())
    retryMs = Math.min(retryMs * 2, longestRetryMs)
    await sleep(waitMs, clock, signal)
  }

  sink.phase?.('loading')
  while (!signal.aborted) {
    try {
      if (revision === undefined) {
        const answer = await source.list()
        if (signal.aborted) return
        sink.replace(answer.items, answer.revision)
        revision = answer.revision
      }
      sink.phase?.('live')
      let events = 0
      for await (const batch of source.watch(revision, signal)) {
        if (signal.aborted) return
        const last = batch.at(-1)
        if (!last) continue
        sink.apply(batch)
        revision = last.revision
        events += batch.length
        retryMs = firstRetryMs
      }
      // A watch that ends at once without a word must not spin.
      if (events === 0 && !signal.aborted) await pause()
    } catch (error) {
      if (signal.aborted) return
      const cause = error instanceof Error ? error : new Error(String(error))
      const expired = isExpired(error)
      if (expired) log.debug('history was cut, listing again', { revision })
      else log.warn('cannot follow the cluster, trying again', { error: cause.message, revision })
      const relistAtOnce = expired && revision !== undefined && retryMs === firstRetryMs
      if (expired) revision = undefined
      if (!expired) sink.phase?.('stale', cause)
      if (relistAtOnce) retryMs *= 2
      else await pause()
    }
  }
}
