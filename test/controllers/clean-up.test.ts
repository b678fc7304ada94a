/** What goes, and in which order: garbage collection, Namespaces, Pods that nobody looks after. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewObject, OwnerReference } from '../../core/api/meta.ts'
import type { ReplicaSet } from '../../core/api/types/apps.ts'
import type { Namespace, Pod } from '../../core/api/types/core.ts'
import { allControllers, deploymentOf, namespace, nodesAct, rolloutControllers, settleCluster, startCluster } from './cluster.ts'

const web = { kind: 'Deployment', namespace: 'default', name: 'web' }
const only = (...names: string[]) => allControllers().filter(({ name }) => names.includes(name))
const config = (name: string, owners: OwnerReference[] = [], more: object = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, ...(owners.length > 0 ? { ownerReferences: owners } : {}), ...more },
})
const owner = (name: string, more: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid-${name}`, ...more })

async function runningWeb() {
  const cluster = await startCluster(rolloutControllers(), (world) => world.put(namespace('default')))
  cluster.apply(deploymentOf())
  await settleCluster(cluster)
  return cluster
}

test('background: the Deployment goes at once, then its ReplicaSets, then their Pods', async () => {
  const cluster = await runningWeb()
  await cluster.world.client('user:me').delete(web, { propagationPolicy: 'Background' })
  assert.equal(cluster.world.get('Deployment', 'default', 'web'), undefined)
  await settleCluster(cluster)
  assert.deepEqual([cluster.world.list('ReplicaSet').length, cluster.world.list('Pod').length], [0, 0])
  await cluster.stop()
})

test('foreground: the Deployment stays until its last Pod is gone', async () => {
  const cluster = await runningWeb()
  const { world, clock } = cluster
  await world.client('user:me').delete(web, { propagationPolicy: 'Foreground' })
  await clock.run(500)
  assert.ok(world.get('Deployment', 'default', 'web'), 'still there')
  assert.equal(world.list<Pod>('Pod').every(({ metadata }) => metadata.deletionTimestamp !== undefined), true)
  await settleCluster(cluster)
  assert.deepEqual([world.list('Deployment').length, world.list('ReplicaSet').length, world.list('Pod').length], [0, 0, 0])
  await cluster.stop()
})

test('orphan: what it owned stays and has no owner any more', async () => {
  const cluster = await runningWeb()
  await cluster.world.client('user:me').delete(web, { propagationPolicy: 'Orphan' })
  await settleCluster(cluster)
  assert.equal(cluster.world.list('Deployment').length, 0)
  assert.equal(cluster.world.list<ReplicaSet>('ReplicaSet')[0]?.metadata.ownerReferences, undefined)
  assert.equal(cluster.world.list('Pod').length, 3)
  // The same Deployment again adopts what it finds.
  cluster.apply(deploymentOf())
  await settleCluster(cluster)
  assert.equal(cluster.world.list('ReplicaSet').length, 1)
  assert.equal(cluster.world.list('Pod').length, 3)
  await cluster.stop()
})

test('an owner is known by its uid: a namesake does not keep anything', async () => {
  const cluster = await startCluster(only('garbage-collector-controller'), (world) => {
    world.put(namespace('default'))
    world.put(config('a'))
    world.put(config('kept', [owner('a')]))
    world.put(config('stale', [owner('a', { uid: 'uid-of-a-former-a' })]))
    world.put(config('half', [owner('a'), owner('gone')]))
    world.put(config('foreign', [owner('x', { kind: 'Widget', apiVersion: 'example.com/v1' })]))
  })
  await cluster.clock.run(200)
  assert.deepEqual(cluster.world.list('ConfigMap').map(({ metadata }) => metadata.name).sort(), ['a', 'foreign', 'half', 'kept'])
  assert.deepEqual(cluster.world.get('ConfigMap', 'default', 'half')?.metadata.ownerReferences, [owner('a')])
  await cluster.stop()
})

test('owners in a circle do not wait for each other for ever', async () => {
  const cluster = await startCluster(only('garbage-collector-controller'), (world) => {
    world.put(namespace('default'))
    for (const [name, of] of [['a', 'c'], ['b', 'a'], ['c', 'b']] as const) world.put(config(name, [owner(of, { blockOwnerDeletion: true })]))
  })
  await cluster.world.client('user:me').delete({ kind: 'ConfigMap', namespace: 'default', name: 'a' }, { propagationPolicy: 'Foreground' })
  await cluster.clock.run(2_000)
  assert.equal(cluster.world.list('ConfigMap').length, 0)
  await cluster.stop()
})

test('a Namespace is emptied, Pods first, and then goes', async () => {
  const cluster = await startCluster(only('namespace-controller'), (world) => {
    world.put(namespace('default'))
    world.put(config('kept-for-last'))
    world.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { nodeName: 'n1' }, status: { phase: 'Running' } })
  })
  const { world, clock } = cluster
  await world.client('user:me').delete({ kind: 'Namespace', name: 'default' })
  await clock.run(200)
  assert.ok(world.get('Pod', 'default', 'p')?.metadata.deletionTimestamp)
  assert.ok(world.get('ConfigMap', 'default', 'kept-for-last'), 'waits for the Pod')
  assert.equal(world.get<Namespace>('Namespace', undefined, 'default')?.status.phase, 'Terminating')
  await nodesAct(world, clock)
  await clock.run(200)
  assert.deepEqual([world.list('ConfigMap').length, world.list('Namespace').length], [0, 0])
  await cluster.stop()
})

test('a finalizer holds a Namespace, and its conditions say which', async () => {
  const cluster = await startCluster(only('namespace-controller'), (world) => {
    world.put(namespace('default'))
    world.put(config('held', [], { finalizers: ['example.com/hold'] }))
  })
  const { world, clock } = cluster
  await world.client('user:me').delete({ kind: 'Namespace', name: 'default' })
  await clock.run(200)
  const conditions = world.get<Namespace>('Namespace', undefined, 'default')?.status.conditions
  assert.deepEqual(conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]), [
    ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
    ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain', 'Some resources are remaining: configmaps. has 1 resource instances'],
    ['NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain', 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances'],
  ])
  await world.client('user:me').patch({ kind: 'ConfigMap', namespace: 'default', name: 'held' }, { type: 'merge', body: { metadata: { finalizers: null } } })
  await clock.run(200)
  assert.equal(world.list('Namespace').length, 0)
  await cluster.stop()
})

test('Pods of a node that is gone are removed after its quarantine, unplaced ones at once', async () => {
  const pod = (name: string, spec: object, more: object = {}): NewObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...more }, spec: { containers: [], ...spec }, status: { phase: 'Running' } })
  const cluster = await startCluster(only('pod-garbage-collector-controller'), (world) => {
    world.put(namespace('default'))
    world.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })
    world.put(pod('on-n1', { nodeName: 'n1' }))
    world.put(pod('on-gone', { nodeName: 'gone' }))
    world.put(pod('unplaced', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [] }))
  })
  const names = () => cluster.world.list('Pod').map(({ metadata }) => metadata.name).sort()
  await cluster.clock.run(39_000)
  assert.deepEqual(names(), ['on-gone', 'on-n1'])
  await cluster.clock.run(2_000)
  assert.deepEqual(names(), ['on-n1'])
  await cluster.world.client('user:me').delete({ kind: 'Node', name: 'n1' })
  await cluster.clock.run(41_000)
  assert.deepEqual(names(), [])
  await cluster.stop()
})

test('a node gone, back, and gone again: the quarantine of its Pods starts anew', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }
  const cluster = await startCluster(only('pod-garbage-collector-controller'), (world) => {
    world.put(node)
    world.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default' }, spec: { nodeName: 'n1', containers: [] }, status: { phase: 'Running' } } as NewObject)
  })
  const { world, clock } = cluster
  const leave = () => world.client('user:me').delete({ kind: 'Node', name: 'n1' })
  await leave()
  await clock.run(30_000)
  world.put(node)
  await clock.run(5_000)
  await leave()
  await clock.run(35_000)
  assert.equal(world.list('Pod').length, 1, '70 s since it went first, 35 s since it went last')
  await clock.run(6_000)
  assert.equal(world.list('Pod').length, 0)
  await cluster.stop()
})
