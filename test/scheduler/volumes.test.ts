/** The volume plugins: where a Pod's claims let it go, and what is promised there. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import type { Filter, Plugin, Refusal } from '../../core/scheduler/plugin.ts'
import { nodeVolumeLimits } from '../../core/scheduler/plugins/node-volume-limits.ts'
import { volumeBinding } from '../../core/scheduler/plugins/volume-binding.ts'
import { volumeRestrictions } from '../../core/scheduler/plugins/volume-restrictions.ts'
import { volumeZone } from '../../core/scheduler/plugins/volume-zone.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { node, pod } from './world.ts'
import { LiveCache } from '../loop/live-cache.ts'

const object = (kind: string, name: string, fields: object, meta: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, uid: `uid-${name}`, resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z', ...meta }, ...fields }) as unknown as KubeObject
const claim = (name: string, spec: object = {}, meta: object = {}, status: object = { phase: 'Pending' }) =>
  object('PersistentVolumeClaim', name, { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'slow', resources: { requests: { storage: '1Gi' } }, ...spec }, status }, { namespace: 'default', ...meta })
const bound = (name: string, volumeName: string, spec: object = {}) => claim(name, { volumeName, ...spec }, { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }, { phase: 'Bound' })
const volume = (name: string, spec: object = {}, meta: object = {}, status: object = { phase: 'Available' }) =>
  object('PersistentVolume', name, { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'slow', capacity: { storage: '1Gi' }, ...spec }, status }, meta)
const storageClass = (name: string, provisioner: string, mode = 'WaitForFirstConsumer', more: object = {}) => object('StorageClass', name, { provisioner, volumeBindingMode: mode, ...more })
const on = (host: string) => ({ nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [host] }] }] } } })
const using = (...names: string[]) => pod('web', { spec: { volumes: names.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) } })

function ask(plugin: Plugin, wanted: ReturnType<typeof pod>, ...objects: KubeObject[]) {
  const world = new LiveCache().put(node('n1', { labels: { zone: 'a' } }), node('n2', { labels: { zone: 'b' } }), ...objects)
  const view = Machines.of(world)
  const answer = plugin.filter?.(podInfo(wanted), view, 0)
  return { answer, view, world, at: (name: string) => view.node(name)! }
}
const filter = (answer: Filter | Refusal | undefined): Filter => {
  assert.ok(answer && !('refused' in answer), 'a filter, not a refusal')
  return answer
}
const refusal = (answer: Filter | Refusal | undefined): string => {
  assert.ok(answer && 'refused' in answer, 'a refusal')
  return answer.refused.reasons.join(', ')
}

test('a Pod without its claim goes nowhere, and the words say why', () => {
  assert.equal(refusal(ask(volumeBinding, using('data')).answer), 'persistentvolumeclaim "data" not found')
  assert.equal(refusal(ask(volumeBinding, using('data'), claim('data', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })).answer), 'persistentvolumeclaim "data" is being deleted')
  assert.equal(refusal(ask(volumeBinding, using('data'), claim('data'), storageClass('slow', 'x', 'Immediate')).answer), 'pod has unbound immediate PersistentVolumeClaims')
  assert.equal(refusal(ask(volumeBinding, using('data'), claim('data', { volumeName: 'v' }, {}, { phase: 'Lost' })).answer), 'persistentvolumeclaim "data" bound to non-existent persistentvolume "v"')
  assert.equal(ask(volumeBinding, pod('plain')).answer, undefined)
})

test('a bound volume is reached from its node alone', () => {
  const { answer, at } = ask(volumeBinding, using('data'), bound('data', 'v'), volume('v', on('n2')))
  assert.deepEqual(filter(answer).test(at('n1')), { reasons: ["node(s) didn't match PersistentVolume's node affinity"], unresolvable: true })
  assert.equal(filter(answer).test(at('n2')), undefined)
  assert.equal(filter(answer).reserve?.(at('n2'), 0), undefined, 'nothing is left to promise')
})

test('a claim that waits takes the smallest volume of the node, and the promise says so', () => {
  const { answer, at, world } = ask(volumeBinding, using('data'), claim('data'), storageClass('slow', 'kubernetes.io/no-provisioner'), volume('large', { capacity: { storage: '9Gi' }, ...on('n1') }), volume('small', on('n1')))
  const asked = filter(answer)
  assert.deepEqual(asked.test(at('n2'))?.reasons, ["node(s) didn't find available persistent volumes to bind"])
  assert.equal(asked.test(at('n1')), undefined)
  const promise = asked.reserve?.(at('n1'), 0)
  assert.equal(promise?.steps.length, 1)
  const [step] = promise!.steps
  assert.ok(step?.do === 'patch' && step.ref.name === 'small')
  assert.deepEqual(step.patch, {
    metadata: { resourceVersion: '7', annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
    spec: { claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: 'uid-data', resourceVersion: '7' } },
  })
  assert.deepEqual(promise!.ready?.(world), { waits: 'waits until claim data is bound' })
  world.put(bound('data', 'small'))
  assert.equal(promise!.ready?.(world), 'ready')
})

test('two waiting claims never get one volume', () => {
  const { answer, at } = ask(volumeBinding, using('a', 'b'), claim('a'), claim('b'), storageClass('slow', 'kubernetes.io/no-provisioner'), volume('only', on('n1')))
  assert.ok(filter(answer).test(at('n1')))
})

test('a provisioner is asked for the chosen node; the choice taken back fails the placement', () => {
  const { answer, at, world } = ask(volumeBinding, using('data'), claim('data'), storageClass('slow', 'x.example.com', 'WaitForFirstConsumer', { allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['b'] }] }] }))
  assert.ok(filter(answer).test(at('n1')), 'not allowed there')
  const promise = filter(answer).reserve?.(at('n2'), 0)
  const [step] = promise!.steps
  assert.ok(step?.do === 'patch')
  assert.deepEqual(step.patch, { metadata: { resourceVersion: '7', annotations: { 'volume.kubernetes.io/selected-node': 'n2' } } })
  assert.equal((promise!.assume?.[0] as KubeObject).metadata.annotations?.['volume.kubernetes.io/selected-node'], 'n2')
  assert.deepEqual(promise!.ready?.(world), { failed: 'binding volumes: provisioning failed for PVC "data"' })
  world.put(claim('data', {}, { annotations: { 'volume.kubernetes.io/selected-node': 'n2' } }))
  assert.deepEqual(promise!.ready?.(world), { waits: 'waits until claim data is bound' })
})

test('a driver that tells its capacity is believed', () => {
  const driver = object('CSIDriver', 'x.example.com', { spec: { storageCapacity: true } })
  const capacity = object('CSIStorageCapacity', 'c', { storageClassName: 'slow', capacity: '5Gi', nodeTopology: { matchLabels: { zone: 'a' } } }, { namespace: 'default' })
  const { answer, at } = ask(volumeBinding, using('data'), claim('data'), storageClass('slow', 'x.example.com'), driver, capacity)
  assert.equal(filter(answer).test(at('n1')), undefined)
  assert.deepEqual(filter(answer).test(at('n2'))?.reasons, ['node(s) did not have enough free storage'])
})

test('a volume of a zone stays in its zone', () => {
  const { answer, at } = ask(volumeZone, using('data'), bound('data', 'v'), volume('v', {}, { labels: { 'topology.kubernetes.io/zone': 'z1__z2' } }), node('n1', { labels: { 'topology.kubernetes.io/zone': 'z2' } }), node('n2', { labels: { 'topology.kubernetes.io/zone': 'z3' } }))
  assert.equal(filter(answer).test(at('n1')), undefined)
  assert.deepEqual(filter(answer).test(at('n2')), { reasons: ['node(s) had no available volume zone'], unresolvable: true })
})

test('a claim for one Pod at a time keeps a second one waiting until the first goes', () => {
  const other = { ...using('data'), metadata: { ...pod('other').metadata, name: 'other', uid: 'uid-other' } }
  const first = { ...other, spec: { ...other.spec, nodeName: 'n1' }, status: { phase: 'Running' } } as unknown as KubeObject
  const { answer, at, view } = ask(volumeRestrictions, using('data'), bound('data', 'v', { accessModes: ['ReadWriteOncePod'] }), first)
  assert.deepEqual(filter(answer).test(at('n2'))?.unresolvable, false)
  const going = [...view.podsOn('n1')]
  assert.equal(filter(answer).assuming?.({ node: at('n1'), added: [], removed: going }).test(at('n1')), undefined)
})

test('a disk is not mounted twice on a node', () => {
  const disk = (name: string, nodeName?: string) => pod(name, { spec: { volumes: [{ name: 'd', gcePersistentDisk: { pdName: 'disk' } }], ...(nodeName ? { nodeName } : {}) }, ...(nodeName ? { status: { phase: 'Running' } } : {}) })
  const { answer, at } = ask(volumeRestrictions, disk('web'), disk('first', 'n1'))
  assert.deepEqual(filter(answer).test(at('n1'))?.reasons, ['node(s) had no available disk'])
  assert.equal(filter(answer).test(at('n2')), undefined)
})

test('a node takes as many volumes of a driver as it says', () => {
  const csi = (name: string) => volume(name, { csi: { driver: 'd', volumeHandle: name } }, {}, { phase: 'Bound' })
  const running = { ...pod('first', { spec: { nodeName: 'n1', volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'a' } }] } }), status: { phase: 'Running' } } as unknown as KubeObject
  const csiNode = object('CSINode', 'n1', { spec: { drivers: [{ name: 'd', nodeID: 'n1', allocatable: { count: 1 } }] } }, { uid: 'csi-node-n1' })
  const { answer, at } = ask(nodeVolumeLimits, using('b'), bound('a', 'va'), bound('b', 'vb'), csi('va'), csi('vb'), running, csiNode)
  assert.deepEqual(filter(answer).test(at('n1'))?.reasons, ['node(s) exceed max volume count'])
  assert.equal(filter(answer).tell(at('n1')), 'would have 2 volumes of d, 1 are the most')
  assert.equal(filter(answer).test(at('n2')), undefined)
  const same = ask(nodeVolumeLimits, using('a'), bound('a', 'va'), csi('va'), running, csiNode)
  assert.equal(filter(same.answer).test(same.at('n1')), undefined, 'the volume is there already')
})
