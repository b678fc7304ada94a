import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UsageAt } from '../../core/api/advice.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import { advice } from '../../core/window/calls/advice.ts'
import { revisions } from '../../core/window/calls/revisions.ts'
import { Objects } from '../../renderer/cluster/objects.ts'
import { Maker } from '../renderer/fixture/objects.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const seen = (make: Maker): Objects => {
  const objects = new Objects()
  objects.apply(make.objects.map((object) => ({ type: 'ADDED' as const, object, revision: 1 })), 1)
  return objects
}
const owned = (by: KubeObject) => ({ ownerReferences: [{ apiVersion: by.apiVersion, kind: by.kind, name: by.metadata.name, uid: by.metadata.uid, controller: true }] })

test("a StatefulSet's revisions are its ControllerRevisions: the highest is today's, each says what differs and who still has it", () => {
  const make = new Maker(now)
  const template = (image: string) => ({ metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'pg', image }] } })
  const set = make.add('StatefulSet', 'apps/v1', 'default', 'db', { spec: { replicas: 2, template: template('postgres:17') } })
  for (const [name, revision, image] of [['db-a', 1, 'postgres:16'], ['db-b', 2, 'postgres:17']] as const) {
    make.add('ControllerRevision', 'apps/v1', 'default', name, { revision, data: { spec: { template: { ...template(image), $patch: 'replace' } } } }, { ...owned(set), labels: { 'controller-revision-hash': name.slice(3) } })
  }
  make.add('Pod', 'v1', 'default', 'db-0', {}, { ...owned(set), labels: { 'controller-revision-hash': 'db-a' } })
  make.add('Pod', 'v1', 'default', 'db-1', {}, { ...owned(set), labels: { 'controller-revision-hash': 'db-b' } })
  const found = revisions(seen(make), { kind: 'StatefulSet', namespace: 'default', name: 'db' })
  assert.deepEqual(found.map(({ revision, current, replicas, images, changes, ref }) => ({ revision, current, replicas, images, changes, kind: ref.kind })), [
    { revision: 2, current: true, replicas: 1, images: ['postgres:17'], changes: [], kind: 'ControllerRevision' },
    { revision: 1, current: false, replicas: 1, images: ['postgres:16'], changes: [{ path: 'spec.containers[pg].image', before: 'postgres:17', after: 'postgres:16' }], kind: 'ControllerRevision' },
  ])
})

test('advice goes with what was measured, and a meter that fails leaves the past to be told', async () => {
  const make = new Maker(now)
  const pod = make.add('Pod', 'v1', 'default', 'web', { spec: { containers: [{ name: 'c', image: 'a', resources: { requests: { cpu: '2' } } }] } })
  const samples = Array.from({ length: 30 }, (_, i): UsageAt => ({ atMs: now + i * 15_000, cpuNanos: 50e6, memoryBytes: 40 * 2 ** 20 }))
  const meter = { history: (uid: string, container: string) => (uid === pod.metadata.uid && container === 'c' ? samples : []), fresh: () => Promise.reject(new Error('the engine is away')) }
  const [found] = await advice(seen(make), meter, { kind: 'Pod', namespace: 'default', name: 'web' })
  assert.equal(found?.samples.length, 30)
  assert.deepEqual(found?.advice.map(({ resource, verdict, advised }) => [resource, verdict, advised]), [['cpu', 'asks for too much', '60m'], ['memory', 'asks for nothing', '46Mi']])
})
