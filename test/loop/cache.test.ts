import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { WatchEvent } from '../../core/loop/client.ts'

interface Extra {
  labels?: Record<string, string>
  owner?: string
  node?: string
  uid?: string
}
const object = (kind: string, name: string, revision: number, { labels, owner, node, uid }: Extra = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    namespace: 'default',
    name,
    uid: uid ?? `${kind}-${name}`,
    resourceVersion: String(revision),
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(labels ? { labels } : {}),
    ...(owner ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: owner, controller: true }] } : {}),
  },
  ...(kind === 'Pod' ? { spec: { nodeName: node } } : {}),
})
const event = (type: WatchEvent['type'], changed: KubeObject): WatchEvent => ({ type, object: changed, revision: Number(changed.metadata.resourceVersion) })
const names = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.name).sort()

test('indexes follow changes of labels, owner and node', () => {
  const cache = new Cache()
  cache.replace([object('Pod', 'a', 1, { labels: { app: 'web', tier: 'x' }, owner: 'u1' }), object('Pod', 'b', 2, { labels: { app: 'web' }, node: 'n1' })], 2)
  assert.deepEqual(names(cache.labelled('Pod', 'default', { app: 'web' })), ['a', 'b'])
  assert.deepEqual(names(cache.labelled('Pod', 'default', { app: 'web', tier: 'x' })), ['a'])
  assert.deepEqual(names(cache.labelled('Pod', 'default', {})), ['a', 'b'])
  assert.deepEqual(names(cache.ownedBy('u1', 'Pod')), ['a'])
  assert.deepEqual(names(cache.podsOn('')), ['a'])
  cache.apply([event('MODIFIED', object('Pod', 'a', 3, { labels: { app: 'db' }, node: 'n1' }))])
  assert.deepEqual(names(cache.labelled('Pod', 'default', { app: 'web' })), ['b'])
  assert.deepEqual(names(cache.ownedBy('u1')), [])
  assert.deepEqual(names(cache.podsOn('n1')), ['a', 'b'])
  cache.apply([event('DELETED', object('Pod', 'a', 4))])
  assert.deepEqual(names(cache.podsOn('n1')), ['b'])
  assert.equal(cache.byUid('Pod-a'), undefined)
  assert.equal(cache.revision, 4)
})

test('what comes and goes within one batch is gone', () => {
  const cache = new Cache()
  cache.replace([], 1)
  const told: string[] = []
  cache.subscribe((events) => void told.push(...events.map(({ type }) => type)))
  cache.apply([event('ADDED', object('Pod', 'short', 2)), event('DELETED', object('Pod', 'short', 3))])
  assert.deepEqual(cache.list('Pod'), [])
  assert.deepEqual(told, ['ADDED', 'DELETED'])
})

test('a relist tells listeners exactly what differs', () => {
  const cache = new Cache()
  cache.replace([object('Pod', 'a', 1), object('Pod', 'b', 2), object('Pod', 'c', 3)], 3)
  const seen: string[] = []
  cache.subscribe((events) => seen.push(...events.map(({ type, object: { metadata } }) => `${type} ${metadata.name}`)))
  cache.replace([object('Pod', 'a', 1), object('Pod', 'b', 5), object('Pod', 'd', 6)], 6)
  assert.deepEqual(seen, ['DELETED c', 'MODIFIED b', 'ADDED d'])
})

test('a successor of the same name is another object', () => {
  const cache = new Cache()
  cache.replace([object('Pod', 'a', 1, { uid: 'old' })], 1)
  cache.apply([event('ADDED', object('Pod', 'a', 2, { uid: 'new' }))])
  assert.equal(cache.byUid('old'), undefined)
  assert.equal(cache.get('Pod', 'default', 'a')?.metadata.uid, 'new')
  cache.apply([event('DELETED', object('Pod', 'a', 3, { uid: 'old' }))])
  assert.equal(cache.get('Pod', 'default', 'a')?.metadata.uid, 'new')
})

test('waitFor resolves at its revision, and not before an uneven list is whole', async () => {
  const cache = new Cache()
  // The list counts as of 3, but one kind was listed later and shows an object of 5.
  cache.replace([object('Pod', 'a', 2), object('Node', 'n', 5)], 3)
  assert.equal(cache.whole, false)
  let done = false
  const waiting = cache.waitFor(3).then(() => (done = true))
  await Promise.resolve()
  assert.equal(done, false)
  const seen: string[] = []
  cache.subscribe((events) => seen.push(...events.map(({ object: { metadata } }) => metadata.name)))
  cache.apply([event('MODIFIED', object('Pod', 'a', 4)), event('ADDED', object('Node', 'n', 5))])
  await waiting
  assert.deepEqual(seen, ['a'], 'what the list showed already is no news')
})

test('waitFor ends when its signal aborts', async () => {
  const cache = new Cache()
  const abort = new AbortController()
  const waiting = cache.waitFor(10, abort.signal)
  abort.abort()
  await waiting
})

test('10,000 Pods: an event costs no scan', () => {
  const cache = new Cache()
  cache.replace(Array.from({ length: 10_000 }, (_, i) => object('Pod', `p${i}`, i + 1, { labels: { app: `a${i % 100}` }, owner: `o${i % 100}`, node: `n${i % 50}` })), 10_000)
  const started = performance.now()
  for (let i = 0; i < 10_000; i++) cache.apply([event('MODIFIED', object('Pod', `p${i}`, 10_001 + i, { labels: { app: `a${i % 100}` }, owner: `o${i % 100}`, node: `n${i % 50}` }))])
  assert.ok(performance.now() - started < 5_000, 'a scan per event would take minutes')
  assert.equal(cache.labelled('Pod', 'default', { app: 'a7' }).length, 100)
})
