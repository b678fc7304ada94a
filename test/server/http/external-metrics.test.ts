/** external.metrics.k8s.io as an autoscaler elsewhere, or kubectl --raw, reads it; the values are those of ConfigMaps. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { externalMetricsApi } from '../../../core/cluster/external-metrics-api.ts'
import { Cache } from '../../../core/loop/cache.ts'
import { openDoor, type Door } from './door.ts'

const configMap = (namespace: string, name: string, data: Record<string, string>, labels: Record<string, string> = { 'orrery.dev/external-metrics': 'true' }) => ({
  apiVersion: 'v1', kind: 'ConfigMap', data,
  metadata: { name, namespace, uid: `${namespace}-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels, managedFields: [{ manager: 'kubectl', operation: 'Update', time: '2026-01-02T00:00:00Z' }] },
})
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' } })
const base = '/apis/external.metrics.k8s.io/v1beta1'
let door: Door

before(async () => {
  const cache = new Cache()
  cache.replace([
    namespace('home'), namespace('away'),
    configMap('home', 'values', { queue_depth: ' 30\n', load: '1.5', series: 'unread{box="in"} 12\nunread{box="spam"} 500 1700000000000\nnonsense here now\n', note: 'no metric' }),
    configMap('away', 'values', { queue_depth: '7k' }),
    configMap('home', 'settings', { secret_number: '5' }, {}),
  ], 1)
  door = await openDoor({ externalMetrics: externalMetricsApi(cache) })
})
after(() => door.close())

test('the group is discovered, and its resources are the metrics that are told', async () => {
  const groups = await door.request('GET', '/apis')
  assert.ok((groups.json['groups'] as { name: string }[]).some(({ name }) => name === 'external.metrics.k8s.io'))
  const { json } = await door.request('GET', base)
  assert.equal(json['groupVersion'], 'external.metrics.k8s.io/v1beta1')
  assert.deepEqual((json['resources'] as { name: string }[]).map(({ name }) => name), ['load', 'queue_depth', 'unread'])
  assert.deepEqual((json['resources'] as unknown[])[0], { name: 'load', singularName: '', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get'] })
})

test('values of one namespace, chosen by labels; what nobody tells is an empty list', async () => {
  const list = async (path: string) => (await door.request('GET', `${base}/namespaces/${path}`)).json
  assert.deepEqual(await list('home/queue_depth'), {
    kind: 'ExternalMetricValueList', apiVersion: 'external.metrics.k8s.io/v1beta1', metadata: {},
    items: [{ metricName: 'queue_depth', metricLabels: {}, timestamp: '2026-01-02T00:00:00Z', value: '30' }],
  })
  const values = async (path: string) => (await list(path)).items?.map(({ value }) => value)
  assert.deepEqual(await values('away/queue_depth'), ['7k'])
  assert.deepEqual(await values('home/load'), ['1500m'])
  assert.deepEqual(await values('home/unread'), ['12', '500'])
  assert.deepEqual(await values('home/unread?labelSelector=box!%3Dspam'), ['12'])
  assert.deepEqual(await values('home/sunshine'), [])
  assert.deepEqual(await values('home/secret_number'), [], 'without the label a ConfigMap tells nothing')
  assert.equal((await door.request('GET', `${base}/namespaces/home/unread?labelSelector=!!`)).status, 400)
  assert.equal((await door.request('DELETE', `${base}/namespaces/home/unread`)).status, 405)
  assert.equal((await door.request('GET', `${base}/namespaces/home/unread/more`)).status, 404)
})
