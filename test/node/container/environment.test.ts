import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { Cache } from '../../../core/loop/cache.ts'
import { commandLine, ConfigError, environment, expand, type EnvironmentFacts } from '../../../core/node/container/environment.ts'
import { hostsFile, resolvFile } from '../../../core/node/container/network-files.ts'
import { qosClass } from '../../../core/api/kinds/pod-spec/qos.ts'
import type { Container } from '../../../core/api/types/core.ts'
import { engineResources } from '../../../core/node/container/qos.ts'
import { container, pod } from '../builders.ts'

const object = (kind: string, name: string, rest: Record<string, unknown>, namespace = 'default') => ({ apiVersion: 'v1', kind, metadata: { name, namespace, uid: `${kind}-${name}`, resourceVersion: '1', creationTimestamp: '' }, ...rest }) as KubeObject
const cache = new Cache()
cache.replace(
  [
    object('ConfigMap', 'conf', { data: { one: '1', '2nd.': 'x', two: '2' } }),
    object('Secret', 'keys', { data: { token: Buffer.from('s3cret').toString('base64') } }),
    object('Service', 'web-app', { spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } }),
    object('Service', 'headless', { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }),
    object('Service', 'kubernetes', { spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] } }),
  ],
  1,
)
const facts = (change: Partial<EnvironmentFacts> = {}): EnvironmentFacts => ({ pod: pod({ enableServiceLinks: false }), podIP: '10.244.0.9', hostIP: '10.0.0.2', snapshot: cache, allocatable: { cpu: '4', memory: '8Gi' }, ...change })
const env = (change: Partial<Container>, f = facts()) => Object.fromEntries(environment(container('app', change), f).map(({ name, value }) => [name, value]))
const own = (values: Record<string, string>) => Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('KUBERNETES_')))

test('expansion: known, unknown, escaped', () => {
  const lookup = (name: string) => ({ A: 'a' })[name]
  assert.equal(expand('$(A)-$(B)-$$(A)-$A', lookup), 'a-$(B)-$(A)-$A')
})

test('environment: literals see what was set before them', () => {
  assert.deepEqual(own(env({ env: [{ name: 'A', value: '1' }, { name: 'B', value: '$(A)2' }, { name: 'C', value: '$(D)' }] })), { A: '1', B: '12', C: '$(D)' })
})

test('environment: from ConfigMap, Secret, field and resource', () => {
  const values = env({
    resources: { limits: { memory: '64Mi' } },
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'conf' } }],
    env: [
      { name: 'S', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'gone', key: 'x', optional: true } } },
    ],
  })
  assert.deepEqual(own(values), { P_one: '1', 'P_2nd.': 'x', P_two: '2', S: 's3cret', NAME: 'web-x2k7m', IP: '10.244.0.9', MEMORY: '64', CPU: '4' })
})

test('environment: what is missing, in upstream’s words', () => {
  assert.throws(() => env({ envFrom: [{ configMapRef: { name: 'gone' } }] }), (e) => e instanceof ConfigError && e.message === 'configmap "gone" not found')
  assert.throws(() => env({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'keys', key: 'no' } } }] }), /couldn't find key no in Secret default\/keys/)
})

test('environment: Service links', () => {
  const values = env({}, facts({ pod: pod() }))
  assert.equal(values['WEB_APP_SERVICE_HOST'], '10.96.0.7')
  assert.equal(values['WEB_APP_SERVICE_PORT_HTTP'], '80')
  assert.equal(values['WEB_APP_PORT_80_TCP'], 'tcp://10.96.0.7:80')
  assert.equal(values['HEADLESS_SERVICE_HOST'], undefined)
  assert.equal(env({})['KUBERNETES_SERVICE_HOST'], '10.96.0.1')
})

test('command and args: each replaces its own part of the image’s', () => {
  const values = [{ name: 'X', value: 'y' }]
  assert.deepEqual(commandLine(container('a', { args: ['$(X)'] }), values), { args: ['y'] })
  assert.deepEqual(commandLine(container('a', { command: ['sh', '-c'], args: ['$(X)'] }), values), { entrypoint: ['sh', '-c'], args: ['y'] })
})

test('quality of service and what the engine gets', () => {
  const guaranteed = pod({ containers: [container('a', { resources: { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '0.5', memory: '64Mi' } } })] })
  assert.equal(qosClass(guaranteed.spec), 'Guaranteed')
  assert.deepEqual(engineResources(guaranteed, guaranteed.spec.containers[0]!, 2 ** 33), { cpuShares: 512, cpuQuotaMillis: 500, memoryBytes: 67_108_864, oomScoreAdj: -997 })
  const burstable = pod({ containers: [container('a', { resources: { requests: { memory: '1Gi' } } })] })
  assert.equal(qosClass(burstable.spec), 'Burstable')
  assert.deepEqual(engineResources(burstable, burstable.spec.containers[0]!, 2 ** 33), { cpuShares: 2, oomScoreAdj: 875 })
  assert.equal(qosClass(pod().spec), 'BestEffort')
})

test('hosts and resolv.conf', () => {
  const dns = { server: '10.96.0.10', domain: 'cluster.local', host: { servers: ['192.0.2.1'], searches: ['lan'] } }
  assert.match(hostsFile(pod({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }], hostname: 'h', subdomain: 's' }), '10.244.0.9', 'cluster.local'), /\n10\.244\.0\.9\th\.s\.default\.svc\.cluster\.local\th\n\n# Entries added by HostAliases\.\n1\.2\.3\.4\ta\tb\n$/)
  assert.equal(resolvFile(pod({ dnsConfig: { options: [{ name: 'ndots', value: '2' }] } }), dns), 'search default.svc.cluster.local svc.cluster.local cluster.local lan\nnameserver 10.96.0.10\noptions ndots:2\n')
  assert.equal(resolvFile(pod({ dnsPolicy: 'Default' }), dns), 'search lan\nnameserver 192.0.2.1\n')
  assert.equal(resolvFile(pod({ dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'] } }), dns), 'nameserver 9.9.9.9\n')
})
