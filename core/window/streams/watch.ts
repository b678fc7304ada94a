/**
 * Everything the window shows, in revision order: first the whole cluster at one revision, then each change as it is
 * committed. One stream carries all kinds, so that no Pod is drawn before its owner.
 */
import type { WatchBatch } from '../../../electron/contract.ts'
import { kindNames } from '../../api/kind-names.ts'
import { isExpired } from '../../api/status.ts'
import type { Client, WatchEvent } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Sink } from '../handlers.ts'

const perFrame = 200
/** Heartbeats: changed every ten seconds a node, shown nowhere. */
const unseen = new Set(['Lease'])

export async function watchCluster(client: Client, snapshot: () => Snapshot, sink: Sink<WatchBatch>): Promise<void> {
  const now = snapshot()
  const revision = now.revision
  let events: WatchEvent[] = []
  const flush = async (phase: 'snapshot' | 'live', at: number) => {
    sink.message({ phase, revision: at, events })
    events = []
    await sink.drained()
  }
  const everything = kindNames.filter((kind) => !unseen.has(kind)).flatMap((kind) => [...now.list(kind)])
  for (const object of everything) {
    events.push({ type: 'ADDED', object, revision })
    if (events.length >= perFrame) await flush('snapshot', revision)
  }
  await flush('snapshot', revision)
  sink.message({ phase: 'live', revision, events: [] })
  try {
    for await (const batch of client.watch({ from: revision, signal: sink.signal })) {
      for (const { type, object, revision: at } of batch) if (!unseen.has(object.kind)) events.push({ type, object, revision: at })
      if (events.length > 0) await flush('live', events.at(-1)!.revision)
    }
  } catch (error) {
    // A window too slow for the history kept is told so, and opens the stream again from a fresh snapshot.
    if (!sink.signal.aborted) sink.end(isExpired(error) ? undefined : error)
  }
}
