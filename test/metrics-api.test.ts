/** metrics.k8s.io over the registry: lists, selectors, one Pod, nodes, tables, and that nothing can be written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isReason } from '../core/api/status.ts'
import type { PodUsage } from '../core/api/metrics/usage.ts'
import { metricsApi } from '../core/cluster/metrics-api.ts'
import { Cache } from '../core/loop/cache.ts'
import type { KubeObject } from '../core/api/meta.ts'
import type { UsageMeter } from '../core/node/usage/usage-meter.ts'
import { TablePrinter } from '../core/server/table/table.ts'
import { openRegistry } from './server/registry/open-registry.ts'
import { systemClock } from '../core/base/clock.ts'

const object = (kind: string, name: string, metadata: Record<string, unknown> = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata } }) as unknown as KubeObject
const usage = (name: string, node: string, milli: number): PodUsage => ({ uid: name, namespace: 'd', name, node, atMs: Date.parse('2026-01-01T00:00:10Z'), windowMs: 15_000, containers: [{ name: 'c', cpuNanos: milli * 1e6, memoryBytes: 3 * 2 ** 20 }] })

async function open() {
  const cache = new Cache()
  cache.replace([object('Node', 'n1'), object('Node', 'n2'), object('Pod', 'a', { namespace: 'd', labels: { app: 'web' } }), object('Pod', 'b', { namespace: 'd' }), object('Pod', 'unmeasured', { namespace: 'd' })], 1)
  const samples = [usage('a', 'n1', 100), usage('b', 'n1', 50)]
  const meter = { fresh: async () => {}, pods: () => samples, pod: (uid: string) => samples.find((sample) => sample.uid === uid) } as unknown as UsageMeter
  const { registry } = await openRegistry(systemClock, { derived: metricsApi(() => ({ meter, snapshot: cache, signal: new AbortController().signal })) })
  const face = (plural: string) => registry.face('metrics.k8s.io', 'v1beta1', plural)!
  return { registry, face }
}

test('Pods that were measured are listed, with their labels, and can be selected by them', async () => {
  const { registry, face } = await open()
  const names = async (params: Record<string, string>) => (await registry.list(face('pods'), params)).items.map(({ object: { metadata } }) => metadata.name)
  assert.deepEqual(await names({}), ['a', 'b'])
  assert.deepEqual(await names({ namespace: 'd', labelSelector: 'app=web' }), ['a'])
  assert.deepEqual(await names({ namespace: 'other' }), [])
  const { object: one } = await registry.get(face('pods'), { namespace: 'd', name: 'a' })
  assert.deepEqual([one['containers'], one['window'], one['timestamp']], [[{ name: 'c', usage: { cpu: '100000000n', memory: '3072Ki' } }], '15s', '2026-01-01T00:00:10Z'])
  await assert.rejects(registry.get(face('pods'), { namespace: 'd', name: 'unmeasured' }), (error) => isReason(error, 'NotFound') && error.message === 'pods.metrics.k8s.io "unmeasured" not found')
})

test('a node uses what its Pods use', async () => {
  const { registry, face } = await open()
  const { items } = await registry.list(face('nodes'), {})
  assert.deepEqual(items.map(({ object: { metadata, usage: used } }) => [metadata.name, used]), [['n1', { cpu: '150000000n', memory: '6144Ki' }], ['n2', { cpu: '0n', memory: '0Ki' }]])
  assert.deepEqual(new TablePrinter(face('nodes')).table([items[0]!.object], {}, 'None', 'v1', 0).rows[0]!.cells, ['n1', '150000000n', '6144Ki', '15s'])
})
