/** The scheduler's loop with a clock that only moves when told and a small server in memory, for its tests. */
import type { KubeObject, NewObject, Ref } from '../../core/api/meta.ts'
import type { ApiError } from '../../core/api/status.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { silent } from '../../core/base/log.ts'
import { mergePatch } from '../../core/base/merge-patch.ts'
import type { Client, WatchEvent } from '../../core/loop/client.ts'
import type { Profile } from '../../core/scheduler/profile.ts'
import { Scheduler } from '../../core/scheduler/scheduler.ts'
import { FakeClock } from '../loop/fake-clock.ts'
import { LiveCache } from '../loop/live-cache.ts'

export function cluster(...objects: KubeObject[]) {
  return clusterWith({}, ...objects)
}

export function clusterWith(options: { profiles?: readonly Profile[] }, ...objects: KubeObject[]) {
  const clock = new FakeClock(0)
  const cache = new LiveCache()
  const events: { reason: string; message: string }[] = []
  const deleted: string[] = []
  const patches: { ref: Ref; body: unknown }[] = []
  const binds: { pod: string; node: string; why: string }[] = []
  const state: { refuse?: ApiError; most: number; open: number } = { most: 0, open: 0 }
  cache.replace(objects, 1_000_000)
  const change = (type: WatchEvent['type'], object: KubeObject) => void cache.change(type, object)
  const client = {
    async bind(ref: Ref, to: string, options: { because: { why: string } }) {
      state.most = Math.max(state.most, ++state.open)
      await new Promise((resolve) => setImmediate(resolve))
      state.open--
      if (state.refuse) throw state.refuse
      binds.push({ pod: ref.name, node: to, why: options.because.why })
      const before = cache.get<Pod>('Pod', ref.namespace, ref.name)!
      change('MODIFIED', { ...before, spec: { ...before.spec, nodeName: to } })
    },
    async create(object: NewObject) {
      const { name, namespace } = object.metadata
      change('ADDED', { ...object, metadata: { ...object.metadata, uid: `uid-${name}`, resourceVersion: String(cache.revision), creationTimestamp: '' } } as KubeObject)
      return cache.get(object.kind, namespace, name!)!
    },
    async patch(ref: Ref, patch: { body: unknown }) {
      patches.push({ ref, body: patch.body })
      const before = cache.get(ref.kind, ref.namespace, ref.name)!
      change('MODIFIED', mergePatch(before, patch.body) as KubeObject)
      return cache.get(ref.kind, ref.namespace, ref.name)!
    },
    async delete(ref: Ref) {
      deleted.push(ref.name)
      const before = cache.get<Pod>(ref.kind, ref.namespace, ref.name)!
      change('MODIFIED', { ...before, metadata: { ...before.metadata, deletionTimestamp: '2026-01-01T00:00:09Z' } })
    },
  } as unknown as Client
  const scheduler = new Scheduler({ ...options, client, cache, clock, log: silent, recorder: { record: ({ reason, message }) => events.push({ reason, message }) } })
  const stop = new AbortController()
  const ended = scheduler.run(stop.signal)
  const settle = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    await scheduler.idle()
  }
  return { clock, cache, scheduler, events, patches, deleted, binds, state, change, settle, end: () => { stop.abort(); return ended } }
}

