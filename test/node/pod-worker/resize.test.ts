/** In-place resize of running Pods on simulated containers. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Pod, ResourceRequirements } from '../../../core/api/types/core.ts'
import { SimulatedRuntime } from '../../../core/node/runtime/simulated.ts'
import type { ContainerSpec } from '../../../core/node/runtime.ts'
import { FakeClock, settle } from '../../loop/fake-clock.ts'
import { startNode, type TestNode } from '../node-under-test.ts'

class WatchedRuntime extends SimulatedRuntime {
  readonly updates: ContainerSpec['resources'][] = []
  fails: string | undefined

  override async update(id: string, resources?: ContainerSpec['resources']): Promise<void> {
    if (this.fails !== undefined) throw new Error(this.fails)
    await super.update(id)
    if (resources) this.updates.push(resources)
  }
}

async function withNode(body: (node: TestNode<WatchedRuntime>, clock: FakeClock) => Promise<void>): Promise<void> {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  const podsRoot = await mkdtemp(join(tmpdir(), 'orrery-pods-'))
  const node = await startNode(new WatchedRuntime({ clock, cpus: 2 }), { podsRoot, clock })
  try {
    await body(node, clock)
  } finally {
    await node.close()
    await rm(podsRoot, { recursive: true, force: true })
  }
}

const amounts = (cpu: string, memory = '64Mi'): ResourceRequirements => ({ requests: { cpu, memory }, limits: { cpu, memory } })
const create = (node: TestNode<WatchedRuntime>, name: string, resources: ResourceRequirements, restartPolicy = 'NotRequired') =>
  node.create(name, { containers: [{ name: 'app', image: 'nginx:1.25', resources, resizePolicy: [{ resourceName: 'cpu', restartPolicy }] }] })
const ask = async (node: TestNode<WatchedRuntime>, name: string, resources: ResourceRequirements) => {
  const pod = node.get(name)!
  const containers = pod.spec.containers.map((container) => ({ ...container, resources }))
  await node.client.patch({ kind: 'Pod', namespace: 'default', name }, { type: 'merge', body: { metadata: { generation: (pod.metadata.generation ?? 1) + 1 }, spec: { containers } } })
  await settle(12)
}
const app = (pod: Pod | undefined) => pod!.status!.containerStatuses![0]!
const condition = (pod: Pod | undefined, type: string) => pod!.status!.conditions!.find((one) => one.type === type)

test('a container gets what was asked without a restart, and the status says so', () =>
  withNode(async (node) => {
    await create(node, 'web', amounts('100m'))
    await settle(12)
    await ask(node, 'web', amounts('200m', '128Mi'))
    const pod = node.get('web')
    assert.deepEqual(node.runtime.updates.map(({ cpuQuotaMillis, memoryBytes }) => [cpuQuotaMillis, memoryBytes]), [[200, 128 * 2 ** 20]])
    assert.deepEqual([app(pod).resources, app(pod).allocatedResources, app(pod).restartCount], [amounts('200m', '128Mi'), amounts('200m', '128Mi').requests, 0])
    assert.equal(pod!.status!.observedGeneration, pod!.metadata.generation)
    assert.deepEqual([condition(pod, 'PodResizePending'), condition(pod, 'PodResizeInProgress')], [undefined, undefined])
    assert.deepEqual(node.events().filter((event) => event.startsWith('Resize')).map((event) => event.split(': {')[0]), ['ResizeStarted: Pod resize started', 'ResizeCompleted: Pod resize completed'])
  }))

test('a container whose policy says so starts anew with it', () =>
  withNode(async (node) => {
    await create(node, 'web', amounts('100m'), 'RestartContainer')
    await settle(12)
    await ask(node, 'web', amounts('200m'))
    const pod = node.get('web')
    assert.deepEqual([app(pod).restartCount, app(pod).resources, node.runtime.updates.length, pod!.status!.phase], [1, amounts('200m'), 0, 'Running'])
    assert.ok(node.events().some((event) => event === 'Killing: Container app resize requires restart, will be restarted'))
  }))

test('what does not fit waits, and is granted once there is room', () =>
  withNode(async (node, clock) => {
    await create(node, 'big', amounts('1500m'))
    await create(node, 'web', amounts('100m'))
    await settle(12)
    await ask(node, 'web', amounts('1'))
    const waiting = condition(node.get('web'), 'PodResizePending')
    assert.deepEqual([waiting?.status, waiting?.reason, waiting?.message], ['True', 'Deferred', "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000"])
    assert.deepEqual(app(node.get('web')).resources, amounts('100m'))
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'big' }, { gracePeriodSeconds: 0 })
    await clock.run(6_000)
    assert.deepEqual([app(node.get('web')).resources, condition(node.get('web'), 'PodResizePending')], [amounts('1'), undefined])
  }))

test('an engine that refuses is asked again, and meanwhile the status says why', () =>
  withNode(async (node, clock) => {
    await create(node, 'web', amounts('100m'))
    await settle(12)
    node.runtime.fails = 'memory in use'
    await ask(node, 'web', amounts('100m', '32Mi'))
    const going = condition(node.get('web'), 'PodResizeInProgress')
    assert.deepEqual([going?.reason, going?.message, app(node.get('web')).resources], ['Error', 'memory in use', amounts('100m')])
    node.runtime.fails = undefined
    await clock.run(11_000)
    assert.deepEqual([condition(node.get('web'), 'PodResizeInProgress'), app(node.get('web')).resources], [undefined, amounts('100m', '32Mi')])
  }))

test('another agent goes on with what the one before had granted', () =>
  withNode(async (node) => {
    await create(node, 'web', amounts('100m'))
    await settle(12)
    await node.restart()
    await settle(12)
    assert.equal(node.runtime.updates.length, 0)
    await ask(node, 'web', amounts('300m'))
    assert.deepEqual([app(node.get('web')).resources, node.runtime.updates.length], [amounts('300m'), 1])
  }))
