/**
 * When a Pod that is being stopped gets no new connections any more: its endpoints have left every slice (or say
 * terminating while others are ready), and the rules that say so are applied. Upstream stops Pods without waiting for
 * this, and loses requests in the race.
 */
import type { EndpointSlice } from '../api/types/discovery.ts'
import type { Clock } from '../base/clock.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { ServiceProxy } from './proxy.ts'

type Watched = Snapshot & { subscribe(listener: () => void): () => void }

const serves = (cache: Snapshot, pod: { namespace: string; uid: string }): boolean =>
  cache.list<EndpointSlice>('EndpointSlice', pod.namespace).some((slice) => (slice.endpoints ?? []).some((endpoint) => endpoint.targetRef?.uid === pod.uid && endpoint.conditions?.ready !== false))

/** Resolves when traffic has left the Pod, or after `timeoutMs`. */
export async function withdrawn(cache: Watched, proxy: ServiceProxy, pod: { namespace: string; uid: string }, clock: Clock, timeoutMs: number): Promise<void> {
  const untilMs = clock.now() + timeoutMs
  if (serves(cache, pod)) {
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel()
        unsubscribe()
        resolve()
      }
      const cancel = clock.after(timeoutMs, done)
      const unsubscribe = cache.subscribe(() => {
        if (!serves(cache, pod)) done()
      })
    })
  }
  await proxy.follows(cache.revision, Math.max(0, untilMs - clock.now()))
}
