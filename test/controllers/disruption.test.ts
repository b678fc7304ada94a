/** Which changes make a PodDisruptionBudget look again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { disruption } from '../../core/controllers/disruption/disruption.ts'
import { Cache } from '../../core/loop/cache.ts'

const owned = (kind: string, name: string) => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }] })
const object = (kind: string, name: string, more: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { namespace: 'd', name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  ...more,
})
const budget = (name: string, app: string) => object('PodDisruptionBudget', name, { spec: { maxUnavailable: 1, selector: { matchLabels: { app } } } })
const web = (replicas: number, status = {}) => object('Deployment', 'web', { spec: { replicas }, status })
const replicaSet = (replicas: number) => object('ReplicaSet', 'web-1', { spec: { replicas } }, owned('Deployment', 'web'))
const set = (replicas: number) => object('StatefulSet', 'db', { spec: { replicas } })

const cache = new Cache()
cache.replace(
  [budget('for-web', 'web'), budget('for-db', 'db'), web(3), replicaSet(3), set(3), object('Pod', 'web-1-a', {}, { labels: { app: 'web' }, ...owned('ReplicaSet', 'web-1') }), object('Pod', 'db-0', {}, { labels: { app: 'db' }, ...owned('StatefulSet', 'db') })],
  1,
)
const woken = (changed: KubeObject, previous: KubeObject) => disruption.wakes?.({ type: 'MODIFIED', object: changed, previous, revision: 2 }, cache).map(({ name }) => name)

test('a new scale wakes the budgets of the Pods it counts for, before any Pod changes', () => {
  assert.deepEqual(woken(web(1), web(3)), ['for-web'])
  assert.deepEqual(woken(replicaSet(1), replicaSet(3)), ['for-web'])
  assert.deepEqual(woken(set(1), set(3)), ['for-db'])
})

test('a workload whose scale stays wakes nobody', () => {
  assert.deepEqual(woken(web(3, { replicas: 3 }), web(3)), [])
})

test('a Pod wakes the budgets that choose it now or chose it before', () => {
  assert.deepEqual(woken(object('Pod', 'p', {}, { labels: { app: 'db' } }), object('Pod', 'p', {}, { labels: { app: 'web' } })), ['for-web', 'for-db'])
})
