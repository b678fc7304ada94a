import assert from 'node:assert/strict'
import { test } from 'node:test'
import { microTimestamp, timestamp, type NewObject } from '../../core/api/meta.ts'
import type { Event, Node, Pod } from '../../core/api/types/core.ts'
import { allControllers, namespace, startCluster, type Cluster } from './cluster.ts'

const nodeControllers = () => allControllers().filter(({ name }) => ['node-lifecycle-controller', 'taint-eviction-controller'].includes(name))
const node = (name: string, at: number, more: object = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, creationTimestamp: timestamp(at) },
  spec: {},
  status: { conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({ type, status: type === 'Ready' ? 'True' : 'False', reason: 'Kubelet', lastHeartbeatTime: timestamp(at), lastTransitionTime: timestamp(at) })) },
  ...more,
})
const lease = (name: string, at: number): NewObject => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name, renewTime: microTimestamp(at) } })
const pod = (name: string, nodeName: string, tolerations: object[] = []): NewObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [], tolerations },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
})
const start0 = Date.parse('2026-01-01T00:00:00Z')
const started = () =>
  startCluster(nodeControllers(), (world) => {
    for (const name of ['default', 'kube-node-lease']) world.put(namespace(name))
    for (const name of ['n1', 'n2']) {
      world.put(node(name, start0))
      world.put(lease(name, start0))
    }
    world.put(pod('web', 'n1'))
    world.put(pod('patient', 'n1', [{ operator: 'Exists' }]))
  })
const renew = ({ world, clock }: Cluster, name: string) =>
  world.client('node').patch({ kind: 'Lease', namespace: 'kube-node-lease', name }, { type: 'merge', body: { spec: { renewTime: microTimestamp(clock.now()) } } })
const ready = ({ world }: Cluster, name: string) => world.get<Node>('Node', undefined, name)?.status.conditions?.find(({ type }) => type === 'Ready')
const taints = ({ world }: Cluster, name: string) => (world.get<Node>('Node', undefined, name)?.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)

/** Runs for some time with these nodes renewing their leases every ten seconds, as kubelets do. */
async function run(cluster: Cluster, seconds: number, alive: readonly string[]): Promise<void> {
  for (let i = 0; i < seconds; i += 10) {
    for (const name of alive) await renew(cluster, name)
    await cluster.clock.run(10_000)
  }
}

test('a node that falls silent is out of reach after 50 s, its Pods move after 300 s', async () => {
  const cluster = await started()
  await run(cluster, 50, ['n2'])
  assert.equal(ready(cluster, 'n1')?.status, 'True')
  await run(cluster, 10, ['n2'])
  assert.deepEqual([ready(cluster, 'n1')?.status, ready(cluster, 'n1')?.reason, ready(cluster, 'n1')?.message], ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'])
  assert.deepEqual(taints(cluster, 'n1'), ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'])
  assert.deepEqual(taints(cluster, 'n2'), [])
  const web = cluster.world.get<Pod>('Pod', 'default', 'web')
  assert.equal(web?.status.conditions?.[0]?.status, 'False')
  assert.deepEqual(cluster.world.list<Event>('Event').map(({ reason, message, source }) => [reason, message, source?.component]).slice(0, 1), [['NodeNotReady', 'Node n1 status is now: NodeNotReady', 'node-controller']])
  await run(cluster, 280, ['n2'])
  assert.equal(cluster.world.get('Pod', 'default', 'web')?.metadata.deletionTimestamp, undefined)
  await run(cluster, 20, ['n2'])
  assert.ok(cluster.world.get('Pod', 'default', 'web')?.metadata.deletionTimestamp)
  assert.equal(cluster.world.get('Pod', 'default', 'patient')?.metadata.deletionTimestamp, undefined)
  await cluster.stop()
})

test('a node that comes back loses its taints and keeps its Pods', async () => {
  const cluster = await started()
  await run(cluster, 60, ['n2'])
  assert.equal(taints(cluster, 'n1').length, 2)
  await renew(cluster, 'n1')
  const conditions = node('n1', cluster.clock.now())['status']
  await cluster.world.client('node').patch({ kind: 'Node', name: 'n1' }, { type: 'merge', body: { status: conditions } }, { subresource: 'status' })
  await cluster.clock.run(100)
  assert.deepEqual(taints(cluster, 'n1'), [])
  await run(cluster, 400, ['n1', 'n2'])
  assert.equal(cluster.world.get('Pod', 'default', 'web')?.metadata.deletionTimestamp, undefined)
  await cluster.stop()
})

test('where no node answers, nothing is evicted: more likely this machine is cut off', async () => {
  const cluster = await started()
  await run(cluster, 900, [])
  assert.deepEqual([ready(cluster, 'n1')?.status, ready(cluster, 'n2')?.status], ['Unknown', 'Unknown'])
  // The first to go is tainted while the other still seems fine; it is taken back.
  assert.ok(taints(cluster, 'n2').every((taint) => taint.endsWith(':NoSchedule')))
  await cluster.stop()
})

test('after this process slept, nodes get a fresh grace', async () => {
  const cluster = await started()
  await run(cluster, 20, ['n1', 'n2'])
  cluster.clock.sleep(8 * 3_600_000)
  await cluster.clock.run(5_000)
  assert.equal(ready(cluster, 'n1')?.status, 'True')
  await run(cluster, 200, ['n1', 'n2'])
  assert.deepEqual([ready(cluster, 'n1')?.status, ready(cluster, 'n2')?.status], ['True', 'True'])
  assert.deepEqual(taints(cluster, 'n1'), [])
  await cluster.stop()
})

test('heartbeats of healthy nodes cost no writes and no passes', async () => {
  const cluster = await started()
  await run(cluster, 30, ['n1', 'n2'])
  const before = cluster.world.writes.filter(({ actor }) => actor.startsWith('controller:')).length
  await run(cluster, 600, ['n1', 'n2'])
  assert.equal(cluster.world.writes.filter(({ actor }) => actor.startsWith('controller:')).length, before)
  const passes = cluster.decisions.of({ kind: 'Node', name: 'n1' }).reduce((n, { count }) => n + count, 0)
  assert.ok(passes < 40, `${passes} passes in ten minutes`)
  await cluster.stop()
})

test('a cordoned node is tainted, an uncordoned one is not', async () => {
  const cluster = await started()
  const cordon = (unschedulable: boolean | null) => cluster.world.client('user:me').patch({ kind: 'Node', name: 'n1' }, { type: 'merge', body: { spec: { unschedulable } } })
  await cordon(true)
  await cluster.clock.run(100)
  assert.deepEqual(taints(cluster, 'n1'), ['node.kubernetes.io/unschedulable:NoSchedule'])
  await cordon(null)
  await cluster.clock.run(100)
  assert.deepEqual(taints(cluster, 'n1'), [])
  await cluster.stop()
})
