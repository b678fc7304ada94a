/** Devices by claims: selectors in CEL, constraints, what is taken, where they can be used. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { cycle } from '../../core/scheduler/cycle.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { node, pod } from './world.ts'
import { LiveCache } from '../loop/live-cache.ts'

const driver = 'gpu.example.com'
const of = (kind: string, name: string, namespace: string | undefined, rest: object): KubeObject =>
  ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name, ...(namespace ? { namespace } : {}), uid: `${kind}-${name}`, resourceVersion: '7', creationTimestamp: '' }, ...rest }) as KubeObject
const gpu = (name: string, model: string, memory: string, numa: number, more: object = {}) => ({ name, attributes: { model: { string: model }, numa: { int: numa } }, capacity: { memory: { value: memory } }, ...more })
const slice = (on: string, devices: object[], pool: object = {}) => of('ResourceSlice', `slice-${on}`, undefined, { spec: { driver, nodeName: on, pool: { name: on, generation: 1, resourceSliceCount: 1, ...pool }, devices } })
const gpuClass = of('DeviceClass', 'gpu', undefined, { spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }], config: [{ opaque: { driver, parameters: { mode: 'fast' } } }] } })
const claim = (name: string, devices: object, status: object = {}) => of('ResourceClaim', name, 'default', { spec: { devices }, status })
const asking = (name: string, ...claims: string[]): Pod => pod(name, { spec: { resourceClaims: claims.map((resourceClaimName) => ({ name: resourceClaimName, resourceClaimName })), containers: [{ name: 'c', image: 'x:1' }] } })
const exactly = (more: object = {}) => ({ requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1, ...more } }] })
const run = (world: LiveCache, one: Pod) => cycle(podInfo(one), Machines.of(world), 0)
const selected = (expression: string) => exactly({ selectors: [{ cel: { expression } }] })

const base = () => new LiveCache().put(node('n1'), node('n2'), gpuClass, slice('n1', [gpu('a', 'small', '8Gi', 0)]), slice('n2', [gpu('a', 'big', '80Gi', 0), gpu('b', 'big', '80Gi', 1)]))

test('a claim gets the device that its selector picks, and the Pod its node', () => {
  const outcome = run(base().put(claim('c', selected(`device.capacity["${driver}"].memory.compareTo(quantity("40Gi")) >= 0 && device.attributes["${driver}"].model == "big"`))), asking('p', 'c'))
  assert.equal(outcome.chosen?.name, 'n2')
  const [guard, write] = outcome.reservations[0]!.steps as unknown as { patch: { metadata?: object; status?: { allocation: object; reservedFor: object[] } } }[]
  assert.deepEqual(guard!.patch.metadata, { resourceVersion: '7', finalizers: ['resource.kubernetes.io/delete-protection'] })
  assert.deepEqual(write!.patch.status, {
    reservedFor: [{ resource: 'pods', name: 'p', uid: 'uid-p' }],
    allocation: {
      allocationTimestamp: '1970-01-01T00:00:00Z',
      devices: { results: [{ request: 'r', driver, pool: 'n2', device: 'a' }], config: [{ source: 'FromClass', requests: ['r'], opaque: { driver, parameters: { mode: 'fast' } } }] },
      nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }] },
    },
  })
})

test('what is taken is not given again; what is promised counts as taken', () => {
  const world = base().put(claim('one', exactly({ count: 2 })), claim('two', exactly({ count: 2 })))
  const machines = Machines.of(world)
  const first = cycle(podInfo(asking('p', 'one')), machines, 0)
  assert.equal(first.chosen?.name, 'n2')
  machines.objects.assume('uid-p', first.reservations[0]!.assume!)
  const second = cycle(podInfo(asking('q', 'two')), machines, 0)
  assert.equal(second.message, '0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.')
  machines.objects.takeBack('uid-p')
  assert.equal(cycle(podInfo(asking('q', 'two')), machines, 0).chosen?.name, 'n2')
})

test('constraints, alternatives, all of them, taints', () => {
  const near = { requests: [...exactly().requests, { ...exactly().requests[0], name: 's' }], constraints: [{ matchAttribute: `${driver}/numa` }] }
  assert.equal(run(base().put(claim('c', near)), asking('p', 'c')).chosen, undefined)
  const mixed = { requests: [{ name: 'r', firstAvailable: [{ name: 'many', deviceClassName: 'gpu', count: 3 }, { name: 'few', deviceClassName: 'gpu', count: 1, selectors: [{ cel: { expression: `device.attributes["${driver}"].model == "small"` } }] }] }] }
  const few = run(base().put(claim('c', mixed)), asking('p', 'c'))
  assert.equal(few.chosen?.name, 'n1')
  assert.match(JSON.stringify(few.reservations), /"request":"r\/few"/)
  const all = run(base().put(claim('c', exactly({ allocationMode: 'All', selectors: [{ cel: { expression: `device.attributes["${driver}"].model == "big"` } }] }))), asking('p', 'c'))
  assert.equal((JSON.stringify(all.reservations[0]!.steps).match(/"device":/g) ?? []).length, 2)
  const tainted = new LiveCache().put(node('n1'), gpuClass, slice('n1', [gpu('a', 'x', '1Gi', 0, { taints: [{ key: 'broken', effect: 'NoSchedule' }] })]))
  assert.equal(run(tainted.put(claim('c', exactly())), asking('p', 'c')).chosen, undefined)
  assert.equal(run(tainted.put(claim('c', exactly({ tolerations: [{ key: 'broken', operator: 'Exists' }] }))), asking('p', 'c')).chosen?.name, 'n1')
})

test('an allocated claim pins its Pods; who asks for what is not there waits with upstream’s words', () => {
  const allocation = { devices: { results: [{ request: 'r', driver, pool: 'n1', device: 'a' }] }, nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }] } }
  const world = base().put(claim('c', exactly(), { allocation, reservedFor: [{ resource: 'pods', name: 'other', uid: 'other' }] }))
  const outcome = run(world, asking('p', 'c'))
  assert.equal(outcome.chosen?.name, 'n1')
  assert.equal(outcome.reservations[0]!.steps.length, 1)
  assert.match(run(world, asking('p', 'none')).message, /^0\/2 nodes are available: resourceclaim "none" not found\. /)
  assert.match(run(world.put(claim('d', { requests: [{ name: 'r', exactly: { deviceClassName: 'fpga' } }] })), asking('p', 'd')).message, /request r: device class fpga does not exist/)
  const partial = base().put(slice('n1', [gpu('a', 'small', '8Gi', 0)], { resourceSliceCount: 2 }), claim('e', selected(`device.attributes["${driver}"].model == "small"`)))
  assert.equal(run(partial, asking('p', 'e')).chosen, undefined, 'a pool that is being updated is left out')
  assert.match(run(base().put(claim('f', selected('device.nonsense =='))), asking('p', 'f')).message, /2 /)
})

test('devices that share counters', () => {
  const part = (name: string) => gpu(name, 'part', '4Gi', 0, { consumesCounters: [{ counterSet: 'card', counters: { memory: { value: '4Gi' } } }] })
  const pool = { name: 'n1', generation: 1, resourceSliceCount: 2 }
  const counters = of('ResourceSlice', 'counters-n1', undefined, { spec: { driver, nodeName: 'n1', pool, sharedCounters: [{ name: 'card', counters: { memory: { value: '8Gi' } } }] } })
  const shared = slice('n1', ['a', 'b', 'c'].map(part), pool)
  const world = new LiveCache().put(node('n1'), gpuClass, shared, counters)
  assert.equal(run(world.put(claim('c', exactly({ count: 2 }))), asking('p', 'c')).chosen?.name, 'n1')
  assert.equal(run(world.put(claim('d', exactly({ count: 3 }))), asking('p', 'd')).chosen, undefined)
})

test('a shared device gives each claim its part, until it has no more', () => {
  const memory = { memory: { value: '8Gi', requestPolicy: { default: '1Gi', validRange: { min: '1Gi', step: '1Gi' } } } }
  const world = new LiveCache().put(node('n1'), gpuClass, slice('n1', [gpu('a', 'x', '8Gi', 0, { allowMultipleAllocations: true, capacity: memory })]))
  const wants = (requests: object) => exactly({ capacity: { requests } })
  const first = run(world.put(claim('c', wants({ memory: '2500Mi' }))), asking('p', 'c'))
  assert.match(JSON.stringify(first.reservations[0]!.steps), /"shareID":"[0-9a-f-]{36}","consumedCapacity":\{"memory":"3Gi"\}/)
  const machines = Machines.of(world.put(claim('d', wants({ memory: '5Gi' })), claim('e', wants({ memory: '6Gi' })), claim('f', wants({ watts: '1' }))))
  machines.objects.assume('uid-p', first.reservations[0]!.assume!)
  assert.equal(cycle(podInfo(asking('q', 'd')), machines, 0).chosen?.name, 'n1')
  assert.equal(cycle(podInfo(asking('r', 'e')), machines, 0).chosen, undefined, '3Gi + 6Gi are too much')
  assert.equal(cycle(podInfo(asking('s', 'f')), machines, 0).chosen, undefined, 'a capacity that it does not have')
})

test('devices that are bound step by step: the Pod waits for its driver; a failure or ten minutes let go of them', () => {
  const conditions = { bindingConditions: ['Attached'], bindingFailureConditions: ['Broken'] }
  const world = new LiveCache().put(node('n1'), gpuClass, slice('n1', [gpu('a', 'x', '8Gi', 0, { ...conditions, bindsToNode: true })]), claim('c', exactly()))
  const outcome = cycle(podInfo(asking('p', 'c')), Machines.of(world), 60_000)
  const [{ steps, ready, waitsOn, timeoutMs, assume }] = outcome.reservations as [(typeof outcome.reservations)[0]]
  assert.deepEqual(steps.at(-1)?.because.event, { type: 'Normal', message: 'waiting for binding conditions for device on node n1' })
  assert.deepEqual([waitsOn, timeoutMs], [['ResourceClaim'], 600_000])
  const [allocated] = assume as unknown as [{ status: object }]
  const told = (...list: [string, string][]) => world.put({ ...(allocated as object), status: { ...allocated.status, devices: [{ driver, pool: 'n1', device: 'a', conditions: list.map(([type, status]) => ({ type, status, reason: 'R', message: 'm' })) }] } } as never)
  assert.deepEqual(ready!(world.put(allocated as never)), { waits: 'waits for device a of c to be Attached' })
  assert.equal(ready!(told(['Attached', 'True'])), 'ready')
  assert.deepEqual(ready!(told(['Attached', 'True'], ['Broken', 'True'])), { failed: 'device binding failed: claim=c, reason=R, message="m"' })
  const again = cycle(podInfo(asking('p', 'c')), Machines.of(world), 61_000)
  assert.match(again.message, /^0\/1 nodes are available: 1 resourceclaim not available on the node\. deallocation of ResourceClaim completed/)
  assert.deepEqual((again.rescue!.steps![0] as unknown as { patch: { status: object } }).patch.status, { allocation: null, reservedFor: null, devices: null })
  const later = (seconds: number) => cycle(podInfo(asking('p', 'c')), Machines.of(told(['Attached', 'False'])), 60_000 + seconds * 1_000)
  assert.equal(later(599).chosen?.name, 'n1', 'it waits on')
  assert.equal(later(601).chosen, undefined)
})
