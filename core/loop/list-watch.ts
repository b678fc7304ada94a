/**
 * What a reflector follows: everything as it stands, then every change. `listWatch` builds one over a Client for several
 * kinds at once, so that one stream carries them in revision order.
 */
import type { KubeObject } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'
import type { Client, WatchEvent } from './client.ts'

export interface ListWatch<T extends KubeObject = KubeObject> {
  list(): Promise<{ readonly items: readonly T[]; readonly revision: Revision }>
  /** Batches in revision order. Throws ApiError('Expired') where `from` is too old: list again. Ends when `signal` aborts. */
  watch(from: Revision, signal: AbortSignal): AsyncIterable<readonly WatchEvent<T>[]>
}

/**
 * Kinds are listed one after the other, each at its own revision; the whole counts as of the oldest of them, and events a
 * later list has already shown are dropped from the watch.
 */
export function listWatch(client: Client, kinds: readonly string[], namespace?: string): ListWatch {
  const shown = new Map<string, Revision>()
  const where = namespace === undefined ? {} : { namespace }
  return {
    async list() {
      const answers = await Promise.all(kinds.map(async (kind) => ({ kind, answer: await client.list({ kind, ...where }) })))
      shown.clear()
      let revision = Number.POSITIVE_INFINITY
      for (const { kind, answer } of answers) {
        shown.set(kind, answer.revision)
        revision = Math.min(revision, answer.revision)
      }
      return { items: answers.flatMap(({ answer }) => answer.items), revision: Number.isFinite(revision) ? revision : 0 }
    },
    async *watch(from, signal) {
      const newest = Math.max(0, ...shown.values())
      for await (const batch of client.watch({ kinds, ...where, from, signal })) {
        const first = batch[0]
        if (!first) continue
        if (first.revision > newest) yield batch
        else yield batch.filter((event) => event.revision > (shown.get(event.object.kind) ?? 0))
      }
    },
  }
}
