import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CSINode } from '../../../core/api/types/storage.ts'
import { silent } from '../../../core/base/log.ts'
import { Recorder } from '../../../core/loop/recorder.ts'
import { conditionEvents, schedulableEvent } from '../../../core/node/registration/node-events.ts'
import { NodeRegistration } from '../../../core/node/registration/node-registration.ts'
import { FakeClock } from '../../loop/fake-clock.ts'
import { MemoryClient } from '../memory-client.ts'

const engine = { name: 'docker', version: '28', os: 'Linux', arch: 'x86_64', kernel: '6', cpus: 4, memoryBytes: 2 ** 33 }

async function registered(client: MemoryClient, clock: FakeClock, state: { notReady?: string } = {}) {
  const recorder = new Recorder({ client, clock, log: silent })
  const facts = () => ({ name: 'n1', ip: '10.0.0.2', engine, shareOf: 1, diskBytes: 2 ** 36, pods: 110, images: [], version: 'v1.36.3', machineId: 'm', bootId: 'b', ...state })
  const registration = new NodeRegistration({ client, clock, log: silent, leaseEveryMs: 10_000, place: 0, events: recorder, facts })
  await registration.start()
  await recorder.flush()
  return { registration, recorder, state }
}

const told = (client: MemoryClient) => client.cache.list('Event').map((event) => `${String(event['reason'])} ${String(event['message'])}`)
const open = () => {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  return { clock, client: new MemoryClient(() => clock.now()) }
}

test('a machine that joins tells it in upstream’s words, and says which drivers it has', async () => {
  const { clock, client } = open()
  const { registration, recorder, state } = await registered(client, clock)
  assert.deepEqual(told(client), ['Starting Starting kubelet.', 'NodeHasSufficientMemory Node n1 status is now: NodeHasSufficientMemory', 'NodeHasNoDiskPressure Node n1 status is now: NodeHasNoDiskPressure', 'NodeHasSufficientPID Node n1 status is now: NodeHasSufficientPID', 'NodeReady Node n1 status is now: NodeReady'])
  const csiNode = client.find<CSINode>('CSINode', undefined, 'n1')!
  assert.deepEqual(csiNode.spec.drivers, [{ name: 'docker-volume.orrery.dev', nodeID: 'n1' }])
  assert.equal(csiNode.metadata.ownerReferences![0]!.uid, client.find('Node', undefined, 'n1')!.metadata.uid)
  assert.match(csiNode.metadata.annotations!['storage.alpha.kubernetes.io/migrated-plugins']!, /^kubernetes.io\/aws-ebs,.*,kubernetes.io\/vsphere-volume$/)

  state.notReady = 'the engine is away'
  await registration.refresh()
  delete state.notReady
  await registration.refresh()
  registration.schedulable(true)
  await recorder.flush()
  assert.deepEqual(told(client).slice(4).map((line) => line.split(' ')[0]).sort(), ['NodeNotReady', 'NodeNotSchedulable', 'NodeReady'])
  assert.equal(client.cache.list('Event').find((event) => event['reason'] === 'NodeReady')!['count'], 2)
  registration.close()
})

test('a CSINode that another node of that name left behind is replaced; a driver of somebody else stays', async () => {
  const { clock, client } = open()
  const of = (uid: string, drivers: object[]) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'n1', ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid }] }, spec: { drivers } })
  await client.create(of('another', [{ name: 'old', nodeID: 'x' }]))
  const { registration } = await registered(client, clock)
  registration.close()
  const csiNode = () => client.find<CSINode>('CSINode', undefined, 'n1')!
  assert.deepEqual(csiNode().spec.drivers!.map(({ name }) => name), ['docker-volume.orrery.dev'])

  const { uid } = client.find('Node', undefined, 'n1')!.metadata
  await client.delete({ kind: 'CSINode', name: 'n1' })
  await client.create(of(uid, [{ name: 'theirs', nodeID: 'x' }]))
  const again = await registered(client, clock)
  again.registration.close()
  assert.deepEqual(csiNode().spec.drivers!.map(({ name }) => name), ['theirs', 'docker-volume.orrery.dev'])
  assert.equal(told(client).filter((line) => line.startsWith('NodeReady')).length, 1, 'it was ready all the time')
})

test('what a condition becomes is told once, and that a new node is not ready yet is no news', () => {
  const reasons = (before: string | undefined, after: string, type = 'Ready') => conditionEvents('n', before === undefined ? [] : [{ type, status: before }], [{ type, status: after }]).map(({ reason }) => reason)
  assert.deepEqual([reasons(undefined, 'False'), reasons(undefined, 'True'), reasons('True', 'True'), reasons('Unknown', 'True'), reasons('True', 'False')], [[], ['NodeReady'], [], ['NodeReady'], ['NodeNotReady']])
  assert.deepEqual(reasons('False', 'True', 'MemoryPressure'), ['NodeHasInsufficientMemory'])
  assert.deepEqual(reasons(undefined, 'True', 'Other'), [])
  assert.equal(schedulableEvent('n', false).message, 'Node n status is now: NodeSchedulable')
})
