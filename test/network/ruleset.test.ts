import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleset, type RulesetOptions } from '../../core/network/ruleset.ts'
import type { Near } from '../../core/network/near.ts'
import { trafficOf } from '../../core/network/services.ts'
import { node, pod, service, slice, worldOf } from './world.ts'

const options: RulesetOptions = {
  cluster: 'abc', pods: '10.64.0.0/20', services: '10.96.0.0/20', bridge: 'orr-abc', masquerade: 'hairpin',
  own: [{ address: '10.96.0.1', port: 443, protocol: 'tcp', to: { address: '10.64.0.1', port: 6443 } }],
}
const http = [{ name: 'http', port: 80, protocol: 'TCP' }]
const web = (more: object = {}) => service('web', { clusterIP: '10.96.0.20', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], ...more })
const ready = (address: string) => ({ addresses: [address], conditions: { ready: true, serving: true, terminating: false } })

test('ready endpoints share a Service; the text does not depend on the order of things', () => {
  const slices = [slice('web', http, [ready('10.64.0.3')]), slice('web', http, [ready('10.64.0.2'), { addresses: ['10.64.0.9'], conditions: { ready: false } }])]
  const text = ruleset(trafficOf(worldOf(web(), ...slices)), options)
  assert.equal(ruleset(trafficOf(worldOf(...slices.reverse(), web())), options), text)
  assert.match(text, /10\.96\.0\.20 \. tcp \. 8080 : goto svc\/default\/web\/http\/tcp/)
  assert.match(text, /numgen random mod 2 map \{ 0 : 10\.64\.0\.2 \. 80, 1 : 10\.64\.0\.3 \. 80 \}/)
  assert.doesNotMatch(text, /10\.64\.0\.9/)
  assert.match(text, /^table ip orrery-abc \{\}\ndelete table ip orrery-abc\ntable ip orrery-abc \{/)
})

test('terminating endpoints serve only while nothing else does', () => {
  const leaving = { addresses: ['10.64.0.7'], conditions: { ready: false, serving: true, terminating: true } }
  const targets = (...endpoints: object[]) => trafficOf(worldOf(web(), slice('web', http, endpoints as never))).balanced[0]!.targets.map(({ address }) => address)
  assert.deepEqual(targets(leaving, ready('10.64.0.2')), ['10.64.0.2'])
  assert.deepEqual(targets(leaving), ['10.64.0.7'])
  assert.deepEqual(targets({ addresses: ['10.64.0.8'], conditions: { ready: false, serving: false, terminating: true } }), [])
})

test('no endpoints: refused; node ports and host ports; own addresses win', () => {
  const objects = [
    node('n1', '10.64.0.5'), node('n2', '10.64.0.6'),
    web({ type: 'NodePort', ports: [{ name: 'http', port: 8080, nodePort: 30080, protocol: 'TCP' }] }),
    service('kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] }),
    service('headless', { clusterIP: 'None', ports: [{ port: 80 }] }), service('far', { type: 'ExternalName', externalName: 'x.org' }),
    ...['n2', 'n1'].map((name) => pod(`p-${name}`, { nodeName: name, containers: [{ ports: [{ containerPort: 80, hostPort: 8888 }] }] }, { phase: 'Running', podIP: name === 'n1' ? '10.64.0.31' : '10.64.0.32' })),
  ]
  const text = ruleset(trafficOf(worldOf(...objects)), options)
  assert.match(text, /set refused \{\n.*\n\s+elements = \{ 10\.96\.0\.20 \. tcp \. 8080 \}/)
  assert.match(text, /elements = \{ tcp \. 30080 \}/)
  assert.match(text, /10\.96\.0\.1 \. tcp \. 443 : goto own\//)
  assert.match(text, /10\.64\.0\.5 \. tcp \. 8888 : goto host\/default\/p-n1/)
  assert.match(text, /10\.64\.0\.6 \. tcp \. 8888 : goto host\/default\/p-n2/)
  assert.match(text, /elements = \{ tcp \. 8888 : goto host\/default\/p-n1/, "the machine's own port goes to one of them")
  assert.doesNotMatch(text, /headless|far/)
})

test('1,000 Services are worked out in a few milliseconds', () => {
  const world = worldOf(...Array.from({ length: 1_000 }, (_, i) => [
    service(`s${i}`, { clusterIP: `10.96.${i >> 8}.${i & 255}`, ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
    slice(`s${i}`, http, [ready('10.64.0.2'), ready('10.64.0.3')]),
  ]).flat())
  const began = performance.now()
  ruleset(trafficOf(world), options)
  assert.ok(performance.now() - began < 500)
})

const zoned = (name: string, address: string, zone: string) => node(name, address, { 'topology.kubernetes.io/zone': zone })
const nodes = [zoned('n1', '10.64.0.5', 'east'), zoned('n2', '10.64.0.6', 'west'), zoned('n3', '10.64.0.7', 'north')]
const client = (name: string, nodeName: string, podIP: string) => pod(name, { nodeName, containers: [] }, { phase: 'Running', podIP })
const at = (address: string, nodeName: string, hints: object = {}) => ({ ...ready(address), nodeName, hints })
const zone = (name: string) => ({ forZones: [{ name }] })
const nearOf = (...objects: Parameters<typeof worldOf>) => {
  const { balanced, places } = trafficOf(worldOf(...nodes, ...objects))
  const [one] = balanced
  const show = (near: readonly Near[] | undefined) => Object.fromEntries((near ?? []).map(({ nodes: names, targets }) => [names.join(), targets.map(({ address }) => address).join()]))
  return { near: show(one!.near), entry: one!.entry && show(one!.entry.near), places: [...places.keys()].join() }
}

test('hints: a zone uses its own endpoints, one without any uses all; all ready endpoints must have them', () => {
  const [east, west] = [at('10.64.0.21', 'n1', zone('east')), at('10.64.0.22', 'n2', zone('west'))]
  assert.deepEqual(nearOf(web(), slice('web', http, [east, west])), { near: { n1: '10.64.0.21', n2: '10.64.0.22' }, entry: undefined, places: 'n1,n2' })
  assert.deepEqual(nearOf(web(), slice('web', http, [east, at('10.64.0.22', 'n2')])).near, {}, 'one has no hint')
  const notReady = { ...west, conditions: { ready: false, serving: false, terminating: false }, hints: {} }
  assert.deepEqual(nearOf(web(), slice('web', http, [east, at('10.64.0.23', 'n1', zone('west')), notReady])).near, { n1: '10.64.0.21', n2: '10.64.0.23' }, 'only ready ones count')
  const forNode = (endpoint: typeof east, name: string) => ({ ...endpoint, hints: { ...endpoint.hints, forNodes: [{ name }] } })
  assert.deepEqual(nearOf(web(), slice('web', http, [forNode(east, 'n3'), forNode(west, 'n2')])).near, { 'n1,n3': '10.64.0.21', n2: '10.64.0.22' }, "a node's hints go before its zone's")
})

test('local policies: no endpoint of another node, and none where the node has none', () => {
  const slices = slice('web', http, [at('10.64.0.21', 'n1'), at('10.64.0.22', 'n2')])
  const leaving = slice('web', http, [{ addresses: ['10.64.0.23'], nodeName: 'n3', conditions: { ready: false, serving: true, terminating: true } }])
  assert.deepEqual(nearOf(web({ internalTrafficPolicy: 'Local' }), slices).near, { n1: '10.64.0.21', n2: '10.64.0.22', n3: '' })
  assert.deepEqual(nearOf(web({ internalTrafficPolicy: 'Local' }), slices, leaving).near, { n1: '10.64.0.21', n2: '10.64.0.22', n3: '10.64.0.23' }, 'each node falls back by itself')
  const outside = { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ name: 'http', port: 8080, nodePort: 30080, protocol: 'TCP' }] }
  assert.deepEqual(nearOf(web(outside), slices), { near: {}, entry: { n1: '10.64.0.21', n2: '10.64.0.22', n3: '' }, places: 'n1,n2,n3' })
})

test('clients are told by the addresses of their node', () => {
  const objects = [...nodes, client('a', 'n1', '10.64.0.31'), client('b', 'n3', '10.64.0.33')]
  const slices = slice('web', http, [at('10.64.0.21', 'n1'), at('10.64.0.22', 'n2')])
  const text = ruleset(trafficOf(worldOf(...objects, web({ internalTrafficPolicy: 'Local' }), slices)), options)
  assert.match(text, /set at\/n1 \{\n.*\n\s+elements = \{ 10\.64\.0\.5, 10\.64\.0\.31 \}/)
  assert.match(text, /ip saddr @at\/n1 goto svc\/default\/web\/http\/tcp\/n1\n\s+ip saddr @at\/n2 goto svc\/default\/web\/http\/tcp\/n2\n\s+ip saddr @at\/n3 drop/)
  const plain = ruleset(trafficOf(worldOf(...objects, web(), slices)), options)
  assert.doesNotMatch(plain, /set at/, 'Pods cost nothing where nobody asks where they are')
})
