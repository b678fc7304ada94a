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

const attempts = 5

/**
 * Kinds are listed side by side; where that gives several revisions, because somebody wrote meanwhile, again. If it never
 * comes out even, the whole counts as of the oldest list: the sink then sees some events of objects it already holds in a
 * newer state, and must skip them.
 */
export function listWatch(client: Client, kinds: readonly string[], namespace?: string): ListWatch {
  const where = namespace === undefined ? {} : { namespace }
  return {
    async list() {
      for (let attempt = 1; ; attempt++) {
        const answers = await Promise.all(kinds.map((kind) => client.list({ kind, ...where })))
        const revisions = answers.map(({ revision }) => revision)
        const revision = Math.min(...revisions)
        if (attempt < attempts && revisions.some((other) => other !== revision)) continue
        return { items: answers.flatMap(({ items }) => items), revision }
      }
    },
    watch: (from, signal) => client.watch({ kinds, ...where, from, signal }),
  }
}
