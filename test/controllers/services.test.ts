import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewObject } from '../../core/api/meta.ts'
import type { ConfigMap, Endpoints, Service } from '../../core/api/types/core.ts'
import type { EndpointSlice } from '../../core/api/types/discovery.ts'
import { allControllers, namespace, rolloutControllers, startCluster, type Cluster } from './cluster.ts'

const service = (spec: object = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.7', ipFamilies: ['IPv4'], selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }], ...spec },
})
const pod = (n: number, more: { ready?: boolean; leaving?: boolean; port?: number } = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `web-${String(n).padStart(4, '0')}`, namespace: 'default', labels: { app: 'web' }, ...(more.leaving ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'nginx', ports: [{ name: 'http', containerPort: more.port ?? 8080, protocol: 'TCP' }] }] },
  status: { phase: 'Running', podIP: `10.1.${n >> 8}.${n & 255}`, podIPs: [{ ip: `10.1.${n >> 8}.${n & 255}` }], conditions: [{ type: 'Ready', status: more.ready === false ? 'False' : 'True' }] },
})
const started = async (...pods: NewObject[]): Promise<Cluster> => {
  const cluster = await startCluster(rolloutControllers(), (world) => {
    world.put(namespace('default'))
    for (const item of pods) world.put(item)
    world.put(service())
  })
  await cluster.clock.run(1_000)
  return cluster
}
const slices = ({ world }: Cluster) => world.list<EndpointSlice>('EndpointSlice')
const conditions = (cluster: Cluster) => slices(cluster).flatMap(({ endpoints }) => endpoints ?? []).map(({ targetRef, conditions: c }) => [targetRef?.name, c?.ready, c?.serving, c?.terminating])

test('ready, unready and leaving Pods stand in the slice with their conditions', async () => {
  const cluster = await started(pod(1), pod(2, { ready: false }), pod(3, { leaving: true }))
  assert.deepEqual(conditions(cluster), [['web-0001', true, true, false], ['web-0002', false, false, false], ['web-0003', false, true, true]])
  const [slice] = slices(cluster)
  assert.deepEqual(slice?.ports, [{ name: '', port: 8080, protocol: 'TCP' }])
  assert.deepEqual(slice?.metadata.labels, { app: 'web', 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' })
  const [older] = cluster.world.list<Endpoints>('Endpoints')
  assert.deepEqual(older?.subsets?.map(({ addresses, notReadyAddresses, ports }) => [addresses?.map(({ ip }) => ip), notReadyAddresses?.map(({ ip }) => ip), ports]), [[['10.1.0.1'], ['10.1.0.2'], [{ port: 8080, protocol: 'TCP' }]]])
  await cluster.stop()
})

test('a Pod that is being deleted takes no new traffic from then on', async () => {
  const cluster = await started(pod(1))
  assert.deepEqual(conditions(cluster), [['web-0001', true, true, false]])
  await cluster.world.client('user').patch({ kind: 'Pod', namespace: 'default', name: 'web-0001' }, { type: 'merge', body: { metadata: { deletionTimestamp: '2026-01-01T00:00:30Z' } } })
  await cluster.clock.run(1_000)
  assert.deepEqual(conditions(cluster), [['web-0001', false, true, true]])
  await cluster.stop()
})

test('a node that moves to another zone takes its endpoints along', async () => {
  const zone = 'topology.kubernetes.io/zone'
  const cluster = await started(pod(1), { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { [zone]: 'east' } }, spec: {}, status: {} })
  const zones = () => slices(cluster).flatMap(({ endpoints }) => endpoints ?? []).map(({ zone }) => zone)
  assert.deepEqual(zones(), ['east'])
  await cluster.world.client('user').patch({ kind: 'Node', name: 'n1' }, { type: 'merge', body: { metadata: { labels: { [zone]: 'west' } } } })
  await cluster.clock.run(1_000)
  assert.deepEqual(zones(), ['west'])
  await cluster.stop()
})

test('named ports that differ between Pods make a slice each', async () => {
  const cluster = await started(pod(1), pod(2, { port: 9090 }))
  assert.deepEqual(slices(cluster).map(({ ports }) => ports?.[0]?.port).sort(), [8080, 9090])
  await cluster.stop()
})

test('250 Pods make three slices of at most 100; one Pod more or less changes one slice', async () => {
  const cluster = await started(...Array.from({ length: 250 }, (_, i) => pod(i + 1)))
  assert.deepEqual(slices(cluster).map(({ endpoints }) => endpoints?.length).sort(), [100, 100, 50])
  const before = cluster.world.writes.length
  await cluster.world.client('node').delete({ kind: 'Pod', namespace: 'default', name: 'web-0007' }, { gracePeriodSeconds: 0 })
  cluster.apply(pod(300))
  await cluster.clock.run(1_000)
  const written = cluster.world.writes.slice(before).filter(({ ref }) => ref.kind === 'EndpointSlice')
  assert.ok(written.length <= 2, `${written.length} slices written`)
  assert.equal(conditions(cluster).length, 250)
  await cluster.stop()
})

test('a Service without Pods has one empty slice, and a deleted slice comes back', async () => {
  const cluster = await started()
  assert.deepEqual(slices(cluster).map(({ endpoints, ports }) => [endpoints, ports]), [[[], []]])
  const [slice] = slices(cluster)
  await cluster.world.client('user:me').delete({ kind: 'EndpointSlice', namespace: 'default', name: slice!.metadata.name })
  await cluster.clock.run(500)
  assert.equal(slices(cluster).length, 1)
  await cluster.stop()
})

test('with the Service go its slices and Endpoints', async () => {
  const cluster = await started(pod(1))
  await cluster.world.client('user:me').delete({ kind: 'Service', namespace: 'default', name: 'web' })
  await cluster.clock.run(1_000)
  assert.deepEqual([slices(cluster).length, cluster.world.list('Endpoints').length], [0, 0])
  await cluster.stop()
})

test('an empty store becomes a cluster: Namespaces, accounts, certificates, Service kubernetes', async () => {
  const cluster = await startCluster(allControllers())
  await cluster.clock.run(2_000)
  const { world } = cluster
  assert.deepEqual(world.list('Namespace').map(({ metadata }) => metadata.name).sort(), ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
  assert.equal(world.list('ServiceAccount').length, 4)
  assert.deepEqual(world.list<ConfigMap>('ConfigMap').map(({ data }) => data), Array.from({ length: 4 }, () => ({ 'ca.crt': 'CA' })))
  assert.equal(world.get<Service>('Service', 'default', 'kubernetes')?.spec.clusterIP, '10.96.0.1')
  assert.deepEqual(world.get<Endpoints>('Endpoints', 'default', 'kubernetes')?.subsets, [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }])
  assert.deepEqual(world.get<EndpointSlice>('EndpointSlice', 'default', 'kubernetes')?.endpoints, [{ addresses: ['192.0.2.1'], conditions: { ready: true } }])
  for (const [kind, name] of [['ConfigMap', 'kube-root-ca.crt'], ['ServiceAccount', 'default'], ['Service', 'kubernetes']] as const) await world.client('user:me').delete({ kind, namespace: 'default', name })
  await cluster.clock.run(1_000)
  assert.ok(world.get('ConfigMap', 'default', 'kube-root-ca.crt') && world.get('ServiceAccount', 'default', 'default') && world.get('Service', 'default', 'kubernetes'))
  const { revision } = world
  await cluster.clock.run(3_600_000)
  assert.equal(world.revision, revision)
  await cluster.stop()
})
