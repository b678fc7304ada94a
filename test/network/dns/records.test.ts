import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookup, type Zone } from '../../../core/network/dns/records.ts'
import { namespace, service, slice, worldOf } from '../world.ts'

const zone: Zone = { domain: 'cluster.local', dns: '10.96.0.10', ranges: ['10.96.0.0/20', '10.64.0.0/20'] }
const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }]
const world = worldOf(
  namespace('default'), namespace('empty'),
  service('web', { clusterIP: '10.96.0.20', clusterIPs: ['10.96.0.20'], ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] }),
  service('db', { clusterIP: 'None', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
  service('none', { clusterIP: 'None', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
  service('far', { type: 'ExternalName', externalName: 'example.org' }),
  slice('web', ports, [{ addresses: ['10.64.0.9'], conditions: { ready: true } }]),
  slice('db', ports, [{ addresses: ['10.64.0.2'], hostname: 'db-0', conditions: { ready: true } }, { addresses: ['10.64.0.3'], conditions: { ready: true } }, { addresses: ['10.64.0.4'], conditions: { ready: false } }]),
)
const ask = (name: string, type = 'A') => {
  const found = lookup(name, type, world, zone)
  return found.found === 'records' ? found.answers.map((answer) => ('data' in answer ? answer.data : answer)) : found.found
}

test('Services, headless ones and their Pods', () => {
  assert.deepEqual(ask('web.default.svc.cluster.local'), ['10.96.0.20'])
  assert.deepEqual(ask('WEB.Default.svc.cluster.LOCAL.'), ['10.96.0.20'])
  assert.equal(ask('web.default.svc.cluster.local', 'AAAA'), 'no-data')
  assert.deepEqual(ask('db.default.svc.cluster.local'), ['10.64.0.2', '10.64.0.3'])
  assert.deepEqual(ask('db-0.db.default.svc.cluster.local'), ['10.64.0.2'])
  assert.deepEqual(ask('10-64-0-3.db.default.svc.cluster.local'), ['10.64.0.3'])
  assert.equal(ask('10-64-0-9.web.default.svc.cluster.local'), 'no-name')
  assert.equal(ask('none.default.svc.cluster.local'), 'no-data')
  assert.deepEqual(ask('10-64-0-200.default.pod.cluster.local'), ['10.64.0.200'])
  assert.deepEqual(ask('far.default.svc.cluster.local'), ['example.org'])
})

test('SRV', () => {
  assert.deepEqual(ask('_http._tcp.web.default.svc.cluster.local', 'SRV'), [{ priority: 0, weight: 100, port: 80, target: 'web.default.svc.cluster.local' }])
  assert.deepEqual(ask('_http._tcp.db.default.svc.cluster.local', 'SRV'), [
    { priority: 0, weight: 50, port: 8080, target: 'db-0.db.default.svc.cluster.local' },
    { priority: 0, weight: 50, port: 8080, target: '10-64-0-3.db.default.svc.cluster.local' },
  ])
  assert.equal(ask('_http._udp.web.default.svc.cluster.local', 'SRV'), 'no-name')
  assert.equal(ask('_nope._tcp.db.default.svc.cluster.local', 'SRV'), 'no-name')
})

test('what is not there, what is empty, what is not ours', () => {
  for (const name of ['nope.default.svc.cluster.local', 'web.nope.svc.cluster.local', 'web.default.svc.cluster.local.default.svc.cluster.local', 'example.org.default.svc.cluster.local', 'x.cluster.local']) {
    assert.equal(ask(name), 'no-name', name)
  }
  for (const name of ['cluster.local', 'svc.cluster.local', 'default.svc.cluster.local', 'pod.cluster.local']) assert.equal(ask(name), 'no-data', name)
  for (const name of ['example.org', 'notcluster.local', '8.8.8.8.in-addr.arpa']) assert.equal(ask(name), 'elsewhere', name)
  assert.deepEqual(ask('dns-version.cluster.local', 'TXT'), ['1.1.0'])
})

test('addresses back to names', () => {
  assert.deepEqual(ask('20.0.96.10.in-addr.arpa', 'PTR'), ['web.default.svc.cluster.local'])
  assert.deepEqual(ask('2.0.64.10.in-addr.arpa', 'PTR'), ['db-0.db.default.svc.cluster.local'])
  assert.equal(ask('99.0.96.10.in-addr.arpa', 'PTR'), 'no-name')
})
