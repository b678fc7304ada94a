/** Removes objects whose kind lives for a time only (Events: an hour after the last write). */
import type { Clock } from '../../base/clock.ts'
import type { Scope } from '../../base/scope.ts'
import type { KindDefinition } from '../../api/kind.ts'
import type { Cause, Entry, Store } from '../../store/store.ts'
import { prefixOf } from './keys.ts'

interface Due {
  readonly key: string
  readonly revision: number
  readonly atMs: number
}

/** How often is looked: Kubernetes' own leases of etcd are no finer. */
const everyMs = 60_000
const atOnce = 500
const cause: Cause = { actor: 'system', code: 'Expired', say: 'removed an old record', why: 'its time was over', led: [], quiet: true }

export async function expireObjects(store: Store, clock: Clock, kind: KindDefinition, scope: Scope): Promise<void> {
  const lifeMs = (kind.ttlSeconds ?? 0) * 1000
  if (lifeMs === 0) return
  const prefix = prefixOf(kind)
  const page = await store.list(prefix)
  // All live equally long, so the order of writing is the order of ending.
  let queue: Due[] = page.entries.map((entry) => ({ key: entry.key, revision: entry.revision, atMs: writtenMs(entry, clock.now()) + lifeMs })).sort((a, b) => a.atMs - b.atMs)
  const stop = store.watch(prefix, page.revision, (changes) => {
    for (const { type, entry, timeMs } of changes) if (type === 'put') queue.push({ key: entry.key, revision: entry.revision, atMs: timeMs + lifeMs })
  })
  scope.add(`expiry of ${kind.plural}`, stop)
  let cancel = () => {}
  const sweep = async () => {
    const now = clock.now()
    const due = queue.findIndex(({ atMs }) => atMs > now)
    const ended = queue.slice(0, Math.min(due < 0 ? queue.length : due, atOnce))
    queue = queue.slice(ended.length)
    // A later write has its own place in the queue.
    const removals = ended.map(({ key, revision }) =>
      store.write(key, (current, next) => (current?.revision === revision ? { do: 'delete', value: withRevision(current, next) } : { do: 'nothing' }), cause),
    )
    // A medium that refuses now will be asked again with the next generation of objects; nothing is owed.
    await Promise.allSettled(removals)
    if (!scope.signal.aborted) cancel = clock.after(ended.length === atOnce ? 0 : everyMs, () => void sweep())
  }
  scope.add(`timer of ${kind.plural}`, () => cancel())
  await sweep()
}

function writtenMs(entry: Entry, nowMs: number): number {
  const object = JSON.parse(entry.value) as { metadata: { creationTimestamp?: string }; lastTimestamp?: string; series?: { lastObservedTime?: string } }
  const written = Date.parse(object.series?.lastObservedTime ?? object.lastTimestamp ?? object.metadata.creationTimestamp ?? '')
  return Number.isNaN(written) ? nowMs : written
}

function withRevision(entry: Entry, revision: number): string {
  const object = JSON.parse(entry.value) as { metadata: { resourceVersion?: string } }
  object.metadata.resourceVersion = String(revision)
  return JSON.stringify(object)
}
