import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleset, type RulesetOptions } from '../../core/network/ruleset.ts'
import { trafficOf } from '../../core/network/services.ts'
import { node, pod, service, slice, World } from './world.ts'

const options: RulesetOptions = {
  cluster: 'abc', pods: '10.64.0.0/20', services: '10.96.0.0/20', bridge: 'orr-abc', masquerade: 'hairpin',
  own: [{ address: '10.96.0.1', port: 443, protocol: 'tcp', to: { address: '10.64.0.1', port: 6443 } }],
}
const http = [{ name: 'http', port: 80, protocol: 'TCP' }]
const web = (more: object = {}) => service('web', { clusterIP: '10.96.0.20', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }], ...more })
const ready = (address: string) => ({ addresses: [address], conditions: { ready: true, serving: true, terminating: false } })

test('ready endpoints share a Service; the text does not depend on the order of things', () => {
  const slices = [slice('web', http, [ready('10.64.0.3')]), slice('web', http, [ready('10.64.0.2'), { addresses: ['10.64.0.9'], conditions: { ready: false } }])]
  const text = ruleset(trafficOf(new World(web(), ...slices)), options)
  assert.equal(ruleset(trafficOf(new World(...slices.reverse(), web())), options), text)
  assert.match(text, /10\.96\.0\.20 \. tcp \. 8080 : goto svc\/default\/web\/http\/tcp/)
  assert.match(text, /numgen random mod 2 map \{ 0 : 10\.64\.0\.2 \. 80, 1 : 10\.64\.0\.3 \. 80 \}/)
  assert.doesNotMatch(text, /10\.64\.0\.9/)
  assert.match(text, /^table ip orrery-abc \{\}\ndelete table ip orrery-abc\ntable ip orrery-abc \{/)
})

test('terminating endpoints serve only while nothing else does', () => {
  const leaving = { addresses: ['10.64.0.7'], conditions: { ready: false, serving: true, terminating: true } }
  const targets = (...endpoints: object[]) => trafficOf(new World(web(), slice('web', http, endpoints as never))).balanced[0]!.targets.map(({ address }) => address)
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
  const text = ruleset(trafficOf(new World(...objects)), options)
  assert.match(text, /set refused \{\n.*\n\s+elements = \{ 10\.96\.0\.20 \. tcp \. 8080 \}/)
  assert.match(text, /elements = \{ tcp \. 30080 \}/)
  assert.match(text, /10\.96\.0\.1 \. tcp \. 443 : goto own\//)
  assert.match(text, /10\.64\.0\.5 \. tcp \. 8888 : goto host\/default\/p-n1/)
  assert.match(text, /10\.64\.0\.6 \. tcp \. 8888 : goto host\/default\/p-n2/)
  assert.match(text, /elements = \{ tcp \. 8888 : goto host\/default\/p-n1/, "the machine's own port goes to one of them")
  assert.doesNotMatch(text, /headless|far/)
})

test('1,000 Services are worked out in a few milliseconds', () => {
  const world = new World(...Array.from({ length: 1_000 }, (_, i) => [
    service(`s${i}`, { clusterIP: `10.96.${i >> 8}.${i & 255}`, ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
    slice(`s${i}`, http, [ready('10.64.0.2'), ready('10.64.0.3')]),
  ]).flat())
  const began = performance.now()
  ruleset(trafficOf(world), options)
  assert.ok(performance.now() - began < 500)
})
