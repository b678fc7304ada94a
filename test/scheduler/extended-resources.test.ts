/** Devices that Pods ask for as resources: what is asked of whom (recorded from upstream v1.36.3), on which nodes, and what an attempt leaves behind. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { Pod, PodSpec } from '../../core/api/types/core.ts'
import type { DeviceClass, ResourceClaim } from '../../core/api/types/resource.ts'
import type { Step } from '../../core/loop/plan.ts'
import { cycle } from '../../core/scheduler/cycle.ts'
import { resourceClasses, wishOn } from '../../core/scheduler/devices/extended-resources.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { nodeInfo } from '../../core/scheduler/node-info.ts'
import { dynamicResources } from '../../core/scheduler/plugins/dynamic-resources.ts'
import { nodeResourcesFit } from '../../core/scheduler/plugins/node-resources-fit.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { LiveCache } from '../loop/live-cache.ts'
import { cluster } from './cluster.ts'
import { node, pod } from './world.ts'

const resource = 'h.example.com/gpu'
const of = (kind: string, name: string, rest: object, metadata: object = {}): KubeObject =>
  ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name, uid: `${kind}-${name}`, resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata }, ...rest }) as KubeObject
const classOf = (name: string, extendedResourceName?: string, creationTimestamp = '2026-01-01T00:00:00Z'): DeviceClass =>
  of('DeviceClass', name, { spec: extendedResourceName ? { extendedResourceName } : {} }, { creationTimestamp }) as DeviceClass
const slice = (on: string, ...devices: string[]): KubeObject =>
  of('ResourceSlice', on, { spec: { driver: 'h.example.com', nodeName: on, pool: { name: on, generation: 1, resourceSliceCount: 1 }, devices: devices.map((name) => ({ name })) } })
const asking = (name: string, count: number, of = resource): Pod => pod(name, { spec: { containers: [{ name: 'c', image: 'x:1', resources: { requests: { [of]: String(count) }, limits: { [of]: String(count) } } }] } })
const offering = (name: string, count: number) => node(name, { allocatable: { cpu: '4', memory: '8Gi', pods: '10', [resource]: String(count) } })
const stepsOf = (outcome: ReturnType<typeof cycle>): readonly Step[] => outcome.reservations.flatMap(({ steps }) => steps)

interface Recorded {
  name: string
  spec: PodSpec
  requests: object[]
  mappings: object[]
  generateName: string
  annotations: object
  owner: object
}

for (const recorded of JSON.parse(readFileSync(new URL('../golden/extended-resources.json', import.meta.url), 'utf8')) as Recorded[]) {
  test(`the claim of ${recorded.name} is upstream's`, () => {
    const info = podInfo(pod(recorded.name, { spec: recorded.spec }))
    const wish = wishOn(nodeInfo(node('n1')), info, resourceClasses(info, new LiveCache().put(classOf('h-gpu', resource))))!
    assert.deepEqual(wish.claim.spec.devices?.requests, recorded.requests)
    assert.deepEqual(wish.mappings, recorded.mappings)
    const { generateName, annotations, ownerReferences } = wish.claim.metadata
    assert.deepEqual([generateName, annotations, ownerReferences], [recorded.generateName, recorded.annotations, [{ ...recorded.owner, uid: info.uid }]])
  })
}

test('the claim is made, allocated and named in the Pod before it is bound; until then its devices count as taken', () => {
  const machines = Machines.of(new LiveCache().put(node('n1'), node('n2'), classOf('gpu', resource), slice('n2', 'a', 'b', 'c')))
  const first = cycle(podInfo(asking('p', 2)), machines, 0)
  assert.equal(first.chosen?.name, 'n2')
  const [create, allocate, tell, ...more] = stepsOf(first)
  assert.deepEqual(more, [])
  assert.ok(create?.do === 'create' && allocate?.do === 'patch' && tell?.do === 'patch')
  const { name } = create.object.metadata
  assert.match(name!, /^p-extended-resources-[b-df-hj-np-tv-xz2-9]{5}$/)
  assert.deepEqual(create.object['spec'], { devices: { requests: [{ name: 'container-0-request-0', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } }] } })
  assert.equal(allocate.ref.name, name)
  assert.deepEqual((allocate.patch['status'] as { allocation: { devices: { results: { device: string }[] } } }).allocation.devices.results.map(({ device }) => device), ['a', 'b'])
  assert.deepEqual(tell.patch['status'], { extendedResourceClaimStatus: { resourceClaimName: name, requestMappings: [{ containerName: 'c', resourceName: resource, requestName: 'container-0-request-0' }] } })
  machines.objects.assume('uid-p', first.reservations.flatMap(({ assume = [] }) => assume))
  assert.equal(cycle(podInfo(asking('q', 2)), machines, 0).chosen, undefined)
  assert.equal(cycle(podInfo(asking('q', 1)), machines, 0).chosen?.name, 'n2')
})

test('a promise of what is to be made holds while the server shows it half made', () => {
  const world = new LiveCache().put(node('n1'), classOf('gpu', resource), slice('n1', 'a'))
  const machines = Machines.of(world)
  const [reservation] = cycle(podInfo(asking('p', 1)), machines, 0).reservations
  machines.objects.assume('uid-p', reservation!.assume!)
  const { name } = reservation!.assume![0]!.metadata
  world.put(of('ResourceClaim', name, { spec: {} }, { namespace: 'default' }))
  assert.equal(cycle(podInfo(asking('q', 1)), machines, 0).chosen, undefined)
})

test('a node that offers the resource itself wants no claim; one that has none left is not helped by devices', () => {
  const world = new LiveCache().put(offering('n1', 2), classOf('gpu', resource), slice('n1', 'a', 'b', 'c', 'd'))
  const own = cycle(podInfo(asking('p', 2)), Machines.of(world), 0)
  assert.equal(own.chosen?.name, 'n1')
  assert.deepEqual(stepsOf(own), [])
  const much = cycle(podInfo(asking('p', 3)), Machines.of(world), 0)
  assert.equal(much.message, `0/1 nodes are available: 1 Insufficient ${resource}. still not schedulable, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`)
})

test('no class, no devices; the name of a class will do; of two classes the newer stands for it', () => {
  const world = (...classes: DeviceClass[]) => Machines.of(new LiveCache().put(node('n1'), slice('n1', 'a'), ...classes))
  assert.match(cycle(podInfo(asking('p', 1)), world(classOf('gpu')), 0).message, /Insufficient h\.example\.com\/gpu/)
  assert.equal(cycle(podInfo(asking('p', 1, 'deviceclass.resource.kubernetes.io/gpu')), world(classOf('gpu')), 0).chosen?.name, 'n1')
  const two = stepsOf(cycle(podInfo(asking('p', 1)), world(classOf('a', resource), classOf('b', resource, '2026-02-01T00:00:00Z')), 0))
  assert.match(JSON.stringify(two[0]), /"deviceClassName":"b"/)
  assert.equal(cycle(podInfo(asking('p', 2)), world(classOf('gpu', resource)), 0).message, '0/1 nodes are available: 1 cannot allocate all claims. still not schedulable, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.')
})

test('the claim of an attempt that failed goes first, and its going wakes the Pod', () => {
  const old = of('ResourceClaim', 'p-extended-resources-abcde', { spec: {}, status: {} }, {
    namespace: 'default', finalizers: ['resource.kubernetes.io/delete-protection'], annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', controller: true }],
  })
  const machines = Machines.of(new LiveCache().put(node('n1'), classOf('gpu', resource), slice('n1', 'a'), old))
  const info = podInfo(asking('p', 1))
  const outcome = cycle(info, machines, 0)
  assert.equal(outcome.message, '0/1 nodes are available: 1 cannot schedule extended resource claim. deletion of ResourceClaim completed, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.')
  assert.deepEqual(outcome.rescue?.steps?.map((step) => [step.do, step.do === 'patch' ? step.patch : undefined]), [['patch', { metadata: { resourceVersion: '7', finalizers: [] } }], ['delete', undefined]])
  assert.equal(dynamicResources.helps(info, { kind: 'ResourceClaim', what: 'removed', object: old }, machines), true)
})

test('a class that comes to stand for the resource wakes those who ask for it', () => {
  const machines = Machines.of(new LiveCache().put(node('n1')))
  const helps = (object: DeviceClass, previous?: DeviceClass) =>
    nodeResourcesFit.helps(podInfo(asking('p', 1)), { kind: 'DeviceClass', what: previous ? 'changed' : 'added', object, ...(previous ? { previous } : {}) }, machines)
  assert.deepEqual([helps(classOf('gpu', resource)), helps(classOf('gpu')), helps(classOf('gpu', resource), classOf('gpu')), helps(classOf('gpu', resource), classOf('gpu', resource))], [true, false, true, false])
})

test('a refused binding takes its claim away again; the next attempt makes another', async () => {
  const c = cluster(node('n1'), classOf('gpu', resource), slice('n1', 'a'), asking('p', 1))
  c.state.refuse = new ApiError('InternalError', 'disk full')
  await c.settle()
  const [first] = c.cache.list<ResourceClaim>('ResourceClaim')
  assert.equal(c.binds.length, 0)
  assert.deepEqual(c.deleted, [first!.metadata.name])
  assert.equal(first!.metadata.finalizers, undefined)
  c.change('DELETED', first!)
  delete c.state.refuse
  await c.clock.run(1_000)
  await c.settle()
  const [second, ...more] = c.cache.list<ResourceClaim>('ResourceClaim')
  assert.deepEqual(more, [])
  assert.notEqual(second!.metadata.name, first!.metadata.name)
  assert.deepEqual(second!.status.reservedFor, [{ resource: 'pods', name: 'p', uid: 'uid-p' }])
  assert.equal(c.cache.get<Pod>('Pod', 'default', 'p')!.status.extendedResourceClaimStatus?.resourceClaimName, second!.metadata.name)
  assert.deepEqual(c.binds.map(({ pod, node }) => [pod, node]), [['p', 'n1']])
  await c.end()
})
