/** A port of the machine has one holder: another Pod that wants it is refused for good, and taken once the port is free. */
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
