/** Which changes of a Pod are looked at, and by whom: what is missed here is only noticed when something else happens. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { changesCount, ownersAndSuitors } from '../../../core/controllers/planning/wake-ups.ts'
import { Cache } from '../../../core/loop/cache.ts'
import type { WatchEvent } from '../../../core/loop/client.ts'

const owner = (name: string) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: `uid-${name}`, controller: true })
const pod = (metadata: object = {}, status: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', uid: 'uid-p', resourceVersion: '1', creationTimestamp: '', labels: { app: 'web' }, ...metadata },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }], ...status },
  }) as unknown as Pod
const change = (object: Pod, previous: Pod = pod()): WatchEvent => ({ type: 'MODIFIED', object, previous, revision: 2 })

test('phase, leaving, readiness, labels and owners count; the rest is news for others', () => {
  const counts = {
    phase: change(pod({}, { phase: 'Failed' })),
    leaving: change(pod({ deletionTimestamp: '2026-01-01T00:00:30Z' })),
    readiness: change(pod({}, { conditions: [{ type: 'Ready', status: 'False' }] })),
    'ready anew': change(pod({}, { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:09Z' }] })),
    labels: change(pod({ labels: { app: 'other' } })),
    owners: change(pod({ ownerReferences: [owner('web')] })),
    annotations: change(pod({ annotations: { note: 'x' } })),
    address: change(pod({}, { podIP: '10.1.0.1' })),
  }
  assert.deepEqual(Object.fromEntries(Object.entries(counts).map(([name, event]) => [name, changesCount(event)])), {
    phase: true, leaving: true, readiness: true, 'ready anew': true, labels: true, owners: true, annotations: false, address: false,
  })
  assert.ok(changesCount({ type: 'ADDED', object: pod(), revision: 2 }) && changesCount({ type: 'DELETED', object: pod(), revision: 2 }))
  assert.ok(changesCount(counts.address, (now, before) => now.status.podIP !== before.status.podIP), 'what a controller adds')
})

test('owners of now and before wake, and of an orphan those who select it', () => {
  const cache = new Cache()
  const set = (name: string, app: string) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '' }, spec: { selector: { matchLabels: { app } } } }) as unknown as KubeObject
  cache.replace([set('web', 'web'), set('twin', 'web'), set('shop', 'shop')], 1)
  const woken = (event: WatchEvent) => ownersAndSuitors<KubeObject & { spec: { selector: object } }>(event, 'ReplicaSet', ({ spec }) => spec.selector, cache).map(({ name }) => name).sort()
  const owned = pod({ ownerReferences: [owner('shop')] })
  assert.deepEqual(woken(change(owned, owned)), ['shop'])
  assert.deepEqual(woken(change(pod(), owned)), ['shop', 'twin', 'web'], 'let go of, and up for adoption')
  assert.deepEqual(woken({ type: 'ADDED', object: pod(), revision: 2 }), ['twin', 'web'])
  assert.deepEqual(woken({ type: 'DELETED', object: pod(), revision: 2 }), [])
  assert.deepEqual(woken({ type: 'DELETED', object: owned, revision: 2 }), ['shop'])
})
