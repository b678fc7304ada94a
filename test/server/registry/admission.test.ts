import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod, Service } from '../../../core/api/types/core.ts'
import { ApiError } from '../../../core/api/status.ts'
import { Scope } from '../../../core/base/scope.ts'
import { expireObjects } from '../../../core/server/registry/event-expiry.ts'
import { GenericRegistry } from '../../../core/server/registry/generic-registry.ts'
import { body, caller, namespace, openRegistry } from './open-registry.ts'
import type { Opened } from './open-registry.ts'
import { kindList } from '../../../core/api/kinds.ts'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { systemClock } from '../../../core/base/clock.ts'

const fails = (work: Promise<unknown>, reason: string, words: RegExp) =>
  assert.rejects(work, (error) => (error instanceof ApiError && error.reason === reason && words.test(error.message)) || assert.fail(String(error)))
const named = (kind: string, name: string, rest: Record<string, unknown>) => ({ kind, apiVersion: 'v1', metadata: { name } as { namespace?: string }, ...rest })
const service = (name: string, spec: Record<string, unknown> = {}) => named('Service', name, { spec: { ports: [{ port: 80 }], ...spec } })
const asService = async (work: Promise<{ object: unknown }>) => (await work).object as Service
const services = { addresses: '10.9.0.0/24', nodePorts: { from: 30_000, to: 30_099 } }
const remove = ({ registry }: Opened, kind: string, name: string) => registry.delete(registry.kind(kind), { namespace, name }, {}, caller)

describe('registry: admission', () => {
  it('refuses what goes into a missing or terminating namespace, and ends a namespace through finalize', async () => {
    const opened = await openRegistry()
    const { registry } = opened
    const map = named('ConfigMap', 'a', {})
    await fails(registry.create(registry.kind('ConfigMap'), 'nowhere', body(map), {}, caller), 'NotFound', /^namespaces "nowhere" not found$/)
    const face = registry.kind('Namespace')
    const deleted = await registry.delete(face, { name: namespace }, {}, caller)
    assert.equal(deleted.gone, false)
    assert.match(deleted.json, /"phase":"Terminating"/)
    await fails(opened.create(map), 'Forbidden', /^configmaps "a" is forbidden: unable to create new content in namespace golden because it is being terminated$/)
    const finished = await registry.update(face, { name: namespace }, body({ metadata: { name: namespace }, spec: { finalizers: [] } }), { subresource: 'finalize' }, caller)
    assert.equal(finished.object.metadata.name, namespace)
    await fails(registry.get(face, { name: namespace }), 'NotFound', /namespaces "golden" not found/)
    await opened.create(named('Namespace', 'default', {}))
    await fails(registry.delete(face, { name: 'default' }, {}, caller), 'Forbidden', /this namespace may not be deleted/)
  })

  it('gives Pods their account, priority and tolerations', async () => {
    const opened = await openRegistry()
    const containers = [{ name: 'c', image: 'i' }]
    const { spec } = (await opened.create(named('Pod', 'p', { spec: { containers } }))).object as unknown as Pod
    assert.deepEqual([spec.serviceAccountName, spec.serviceAccount, spec.priority, spec.preemptionPolicy], ['default', 'default', 0, 'PreemptLowerPriority'])
    assert.deepEqual(spec.tolerations?.map(({ key, effect, tolerationSeconds }) => [key, effect, tolerationSeconds]), [
      ['node.kubernetes.io/not-ready', 'NoExecute', 300], ['node.kubernetes.io/unreachable', 'NoExecute', 300],
    ])
    await fails(opened.create(named('Pod', 'q', { spec: { containers, serviceAccountName: 'robot' } })), 'Forbidden', /^pods "q" is forbidden: error looking up service account golden\/robot: serviceaccount "robot" not found$/)
    await fails(opened.create(named('Pod', 'q', { spec: { containers, priorityClassName: 'high' } })), 'Forbidden', /no PriorityClass with name high was found/)
    await fails(opened.create(named('Pod', 'r', { spec: { containers, runtimeClassName: 'gvisor' } })), 'Forbidden', /pods "r" is forbidden: pod rejected: RuntimeClass "gvisor" not found/)
    const node = await opened.create(named('Node', 'n', {}))
    assert.match(node.json, /"taints":\[\{"key":"node.kubernetes.io\/not-ready","effect":"NoSchedule"\}\]/)
  })

  it('gives admin access to devices only in namespaces that are labelled for it', async () => {
    const opened = await openRegistry()
    const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }, { name: 's', exactly: { deviceClassName: 'c', adminAccess: true } }] }
    const claim = (kind: string, spec: Record<string, unknown>) => ({ ...named(kind, kind.toLowerCase(), { spec }), apiVersion: 'resource.k8s.io/v1' })
    const words = /is invalid: spec\.devices\.requests\[1\]\.adminAccess: Forbidden: admin access to devices requires the `resource\.kubernetes\.io\/admin-access: true` label on the containing namespace$/
    await fails(opened.create(claim('ResourceClaim', { devices })), 'Invalid', words)
    await fails(opened.create(claim('ResourceClaimTemplate', { spec: { devices } })), 'Invalid', words)
    await opened.registry.patch(opened.registry.kind('Namespace'), { name: namespace }, { type: 'merge', body: { metadata: { labels: { 'resource.kubernetes.io/admin-access': 'true' } } } }, {}, caller)
    await opened.create(claim('ResourceClaim', { devices }))
  })

  it('gives out addresses and ports, and takes them back', async () => {
    const opened = await openRegistry(undefined, { services })
    const first = await asService(opened.create(service('a')))
    // The low band is for those who ask by name.
    assert.ok(Number(first.spec.clusterIP!.split('.')[3]) > 16)
    assert.deepEqual(first.spec.clusterIPs, [first.spec.clusterIP])
    assert.equal((await asService(opened.create(service('dns', { clusterIP: '10.9.0.10' })))).spec.clusterIP, '10.9.0.10')
    await fails(opened.create(service('b', { clusterIP: '10.9.0.10' })), 'Invalid', /^Service "b" is invalid: spec.clusterIPs: Invalid value: \["10.9.0.10"\]: failed to allocate IP 10.9.0.10: provided IP is already allocated$/)
    await fails(opened.create(service('b', { clusterIP: '10.8.0.1' })), 'Invalid', /failed to allocate IP 10.8.0.1: the provided network does not match the current range$/)
    await remove(opened, 'Service', 'dns')
    await opened.create(service('again', { clusterIP: '10.9.0.10' }))
    const headless = await asService(opened.create(service('h', { clusterIP: 'None' })))
    assert.deepEqual(headless.spec.clusterIPs, ['None'])

    const port = await asService(opened.create(service('np', { type: 'NodePort', ports: [{ name: 't', port: 53 }, { name: 'u', port: 53, protocol: 'UDP' }] })))
    const [tcp, udp] = port.spec.ports!
    assert.equal(tcp!.nodePort, udp!.nodePort)
    await fails(opened.create(service('np2', { type: 'NodePort', ports: [{ port: 1, nodePort: tcp!.nodePort }] })), 'Invalid', /spec.ports\[0\].nodePort: Invalid value: \d+: provided port is already allocated$/)
    await fails(opened.create(service('np2', { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] })), 'Invalid', /provided port is not in the valid range. The range of valid ports is 30000-30099$/)
    const plain = await asService(opened.patch('Service', 'np', { type: 'merge', body: { spec: { type: 'ClusterIP' } } }))
    assert.equal(plain.spec.ports![0]!.nodePort, undefined)
    await opened.create(service('np3', { type: 'NodePort', ports: [{ port: 1, nodePort: tcp!.nodePort }] }))
    const external = await asService(opened.patch('Service', 'a', { type: 'merge', body: { spec: { type: 'ExternalName', externalName: 'example.com' } } }))
    assert.equal(external.spec.clusterIP, undefined)
    await opened.create(service('heir', { clusterIP: first.spec.clusterIP }))
  })

  it('knows after a restart what is given out, and gives nothing for refused writes', async () => {
    const opened = await openRegistry(undefined, { services: { ...services, addresses: '10.9.0.0/29' } })
    const { store, clock } = opened.registry.machinery
    for (let i = 0; i < 5; i++) await opened.create(service(`s${i}`))
    await fails(opened.create(service('s0')), 'AlreadyExists', /services "s0" already exists/)
    await opened.create(service('dry'), { dryRun: true })
    const again = new GenericRegistry({ store, clock, facts: kubernetesFacts, kinds: kindList, services: { ...services, addresses: '10.9.0.0/29' } })
    const face = again.kind('Service')
    const last = await asService(again.create(face, namespace, body(service('last')), {}, caller))
    const all = (await again.list(face, { namespace })).items.map(({ object }) => (object as unknown as Service).spec.clusterIP)
    assert.equal(new Set(all).size, 6)
    assert.ok(all.includes(last.spec.clusterIP))
    await fails(again.create(face, namespace, body(service('more')), {}, caller), 'InternalError', /range is full/)
  })

  it('lets Events go after an hour', async () => {
    let now = systemClock.now()
    const timers: { atMs: number; fn: () => void }[] = []
    const clock = { now: () => now, after: (ms: number, fn: () => void) => (timers.push({ atMs: now + ms, fn }), () => {}) }
    const opened = await openRegistry(clock)
    const { registry } = opened
    const scope = new Scope('test')
    const face = registry.kind('Event')
    await expireObjects(registry.machinery.store, clock, face.definition, scope)
    const event = { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', namespace, name: 'p' }, reason: 'R', type: 'Normal' }
    await registry.create(face, namespace, body(event), {}, caller)
    const pass = async (ms: number) => {
      now += ms
      for (const timer of timers.splice(0)) timer.fn()
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await pass(30 * 60_000)
    await registry.patch(face, { namespace, name: 'e' }, { type: 'merge', body: { count: 2 } }, {}, caller)
    await pass(31 * 60_000)
    await registry.get(face, { namespace, name: 'e' })
    await pass(30 * 60_000)
    await fails(registry.get(face, { namespace, name: 'e' }), 'NotFound', /events "e" not found/)
    await scope.close()
  })
})
