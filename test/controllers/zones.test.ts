/** Lost nodes give up their Pods one after another, and not at all where too much of a zone is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { microTimestamp, timestamp, type NewObject } from '../../core/api/meta.ts'
import type { Node } from '../../core/api/types/core.ts'
import { zoneState } from '../../core/controllers/nodes/node-health/zones.ts'
import { allControllers, namespace, startCluster, type Cluster } from './cluster.ts'

const start0 = Date.parse('2026-01-01T00:00:00Z')
const node = (name: string, zone: string): NewObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, creationTimestamp: timestamp(start0), labels: { 'topology.kubernetes.io/zone': zone, 'kubernetes.io/os': 'linux' } },
  spec: {},
  status: { conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({ type, status: type === 'Ready' ? 'True' : 'False', lastHeartbeatTime: timestamp(start0), lastTransitionTime: timestamp(start0) })) },
})
const lease = (name: string): NewObject => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name, renewTime: microTimestamp(start0) } })

const started = (zones: Readonly<Record<string, string>>) =>
  startCluster(allControllers().filter(({ name }) => name === 'node-lifecycle-controller'), (world) => {
    for (const name of ['default', 'kube-node-lease']) world.put(namespace(name))
    for (const [name, zone] of Object.entries(zones)) {
      world.put(node(name, zone))
      world.put(lease(name))
    }
  })

/** Some time in which these nodes renew their leases as kubelets do, and say that they are ready where they were thought lost. */
async function run({ world, clock }: Cluster, seconds: number, alive: readonly string[]): Promise<void> {
  const client = world.client('node')
  for (let i = 0; i < seconds; i += 5) {
    for (const name of alive) {
      await client.patch({ kind: 'Lease', namespace: 'kube-node-lease', name }, { type: 'merge', body: { spec: { renewTime: microTimestamp(clock.now()) } } })
      const { status } = world.get<Node>('Node', undefined, name)!
      if (status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')) continue
      const conditions = status.conditions?.map((condition) => ({ ...condition, status: condition.type === 'Ready' ? 'True' : 'False', lastTransitionTime: timestamp(clock.now()) }))
      await client.patch({ kind: 'Node', name }, { type: 'merge', body: { status: { conditions } } }, { subresource: 'status' })
    }
    await clock.run(5_000)
  }
}
/** When each was told to give up its Pods, in seconds since the start. */
const told = ({ world }: Cluster): Record<string, number> =>
  Object.fromEntries(
    world.list<Node>('Node').flatMap(({ metadata, spec }) => {
      const taint = spec?.taints?.find(({ effect }) => effect === 'NoExecute')
      return taint ? [[metadata.name, (Date.parse(taint.timeAdded ?? '') - start0) / 1000]] : []
    }),
  )
const kept = ({ world }: Cluster) => world.list<Node>('Node').filter(({ spec }) => spec?.taints?.some(({ effect }) => effect === 'NoSchedule')).map(({ metadata }) => metadata.name).sort()

test('zones are lost in part from three nodes and 55 % on', () => {
  assert.deepEqual([[1, 0], [0, 2], [1, 2], [3, 3], [2, 3], [0, 0]].map(([ready, lost]) => zoneState(ready!, lost!)), ['normal', 'lost', 'normal', 'normal', 'partly lost', 'normal'])
})

test('one node in ten seconds', async () => {
  const cluster = await started({ a: 'x', b: 'x', c: 'x', d: 'x', e: 'x', f: 'x' })
  await run(cluster, 100, ['d', 'e', 'f'])
  assert.deepEqual(kept(cluster), ['a', 'b', 'c'])
  const times = Object.values(told(cluster)).sort((a, b) => a - b)
  assert.equal(times.length, 3)
  assert.ok(times[1]! - times[0]! >= 10 && times[2]! - times[1]! >= 10 && times[2]! - times[0]! <= 25, String(times))
  await cluster.stop()
})

test('where most of a zone is lost nothing moves, other zones go on', async () => {
  const cluster = await started({ a: 'x', b: 'x', c: 'x', d: 'x', e: 'x', u: 'y', v: 'y' })
  await run(cluster, 120, ['d', 'v'])
  assert.deepEqual(kept(cluster), ['a', 'b', 'c', 'e', 'u'])
  assert.deepEqual(Object.keys(told(cluster)), ['u'])
  await run(cluster, 60, ['b', 'c', 'd', 'v'])
  assert.deepEqual(Object.keys(told(cluster)).sort(), ['a', 'e', 'u'])
  await cluster.stop()
})

test('where no node answers nothing moves, until one comes back', async () => {
  const cluster = await started({ a: 'x', b: 'x' })
  await run(cluster, 120, [])
  assert.deepEqual([kept(cluster), told(cluster)], [['a', 'b'], {}])
  await run(cluster, 20, ['b'])
  assert.deepEqual([kept(cluster), Object.keys(told(cluster))], [['a'], ['a']])
  await cluster.stop()
})
