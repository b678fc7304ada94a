/** What a node refuses of Pods that name it themselves, in the real one's words. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SimulatedRuntime } from '../../../core/node/runtime/simulated.ts'
import { FakeClock, settle } from '../../loop/fake-clock.ts'
import { startNode } from '../node-under-test.ts'

const holding = (hostPort: number, more: object = {}) => ({ containers: [{ name: 'app', image: 'nginx:1.25', ports: [{ containerPort: 80, hostPort, ...more }] }] })

test('a Pod whose host port another Pod holds is refused; others are not', async () => {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  const podsRoot = await mkdtemp(join(tmpdir(), 'orrery-pods-'))
  const node = await startNode(new SimulatedRuntime({ clock }), { podsRoot, clock })
  const phase = (name: string) => node.get(name)?.status?.phase
  try {
    await node.create('first', holding(8080))
    await settle(12)
    await node.create('second', holding(8080))
    await node.create('other-protocol', holding(8080, { protocol: 'UDP' }))
    await node.create('other-port', holding(8081))
    await settle(12)
    assert.deepEqual(['first', 'second', 'other-protocol', 'other-port'].map(phase), ['Running', 'Failed', 'Running', 'Running'])
    const { reason, message } = node.get('second')!.status!
    const why = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
    assert.deepEqual([reason, message], ['NodePorts', `Pod was rejected: ${why}`])
    assert.ok(node.events().includes(`NodePorts: ${why}`))
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'first' }, { gracePeriodSeconds: 0 })
    await node.create('third', holding(8080))
    await settle(12)
    assert.deepEqual(['second', 'third'].map(phase), ['Failed', 'Running'])
  } finally {
    await node.close()
    await rm(podsRoot, { recursive: true, force: true })
  }
})

test('a Pod that asks for more than is left, or for another node, is refused', async () => {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  const podsRoot = await mkdtemp(join(tmpdir(), 'orrery-pods-'))
  const node = await startNode(new SimulatedRuntime({ clock }), { podsRoot, clock })
  const said = (name: string) => [node.get(name)?.status?.phase, node.get(name)?.status?.reason, node.get(name)?.status?.message]
  const asking = (requests: Record<string, string>, more: object = {}) => ({ containers: [{ name: 'app', image: 'nginx:1.25', resources: { requests } }], ...more })
  try {
    await node.create('half', asking({ cpu: '3' }))
    await settle(12)
    await node.create('much', asking({ cpu: '1500m' }))
    await node.create('fat', asking({ memory: '80Gi' }))
    await node.create('fits', asking({ cpu: '1' }))
    await node.create('elsewhere', asking({}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['other'] }] }] } } } }))
    await settle(12)
    assert.deepEqual(said('half').slice(0, 1), ['Running'])
    assert.deepEqual(said('fits').slice(0, 1), ['Running'])
    assert.deepEqual(said('much'), ['Failed', 'OutOfcpu', "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000"])
    assert.equal(said('fat')[1], 'OutOfmemory')
    assert.deepEqual(said('elsewhere'), ['Failed', 'NodeAffinity', "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"])
  } finally {
    await node.close()
    await rm(podsRoot, { recursive: true, force: true })
  }
})
