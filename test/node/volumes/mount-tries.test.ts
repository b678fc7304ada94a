import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import type { Volume } from '../../../core/api/types/core.ts'
import { Decisions } from '../../../core/loop/decisions.ts'
import { SimulatedRuntime, type SimulatedOptions } from '../../../core/node/runtime/simulated.ts'
import { FakeClock, settle } from '../../loop/fake-clock.ts'
import { startNode, type TestNode } from '../node-under-test.ts'

interface Stage {
  node: TestNode<SimulatedRuntime>
  clock: FakeClock
  decisions: Decisions
  /** How often each failed mount was told. */
  failures(): Record<string, number>
  last(): { say: string; why: string; inMs: number | undefined; error: string | undefined }
  create(volumes: Volume[]): Promise<void>
  runs(): boolean
}

const settled = () => settle(12)
const secretVolume = (name: string, secretName = name): Volume => ({ name, secret: { secretName } })
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' } })

const withPod = (body: (stage: Stage) => Promise<void>) => withPodOf({}, body)

async function withPodOf(simulated: Partial<SimulatedOptions>, body: (stage: Stage) => Promise<void>): Promise<void> {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  const decisions = new Decisions()
  const podsRoot = await mkdtemp(join(tmpdir(), 'orrery-pods-'))
  const node = await startNode(new SimulatedRuntime({ clock, ...simulated }), { podsRoot, clock, decisions })
  const told = () => node.client.cache.list<KubeObject & { reason?: string; message?: string; count?: number }>('Event').filter(({ reason }) => reason === 'FailedMount')
  try {
    await body({
      node,
      clock,
      decisions,
      failures: () => Object.fromEntries(told().map(({ message, count = 1 }) => [message!.split(' : ')[1]!, count])),
      last: () => {
        const { because, dueMs, error } = decisions.of({ kind: 'Pod', namespace: 'default', name: 'web' }).at(-1)!
        return { say: because.say, why: because.why, inMs: dueMs === undefined ? undefined : dueMs - clock.now(), error }
      },
      create: (volumes) => node.create('web', { containers: [{ name: 'app', image: 'nginx:1.25' }], volumes }).then(settled),
      runs: () => node.get('web')!.status!.containerStatuses![0]!.ready,
    })
  } finally {
    await node.close()
    await rm(podsRoot, { recursive: true, force: true })
  }
}

test('a volume that can’t be mounted is tried after 0.5, 1, 2 … seconds, 122 at most, and each failure is told', () =>
  withPod(async ({ clock, create, failures, last, node }) => {
    await create([secretVolume('v', 'gone')])
    assert.deepEqual(last(), { say: 'web waits for volume v', why: 'secret "gone" not found', inMs: 500, error: 'MountVolume.SetUp failed for volume "v" : secret "gone" not found' })
    const gaps: number[] = []
    let seen = 1
    let sinceMs = clock.now()
    while (gaps.length < 10) {
      await clock.run(500)
      const count = failures()['secret "gone" not found']!
      assert.ok(count - seen <= 1)
      if (count === seen) continue
      gaps.push((clock.now() - sinceMs) / 1000)
      sinceMs = clock.now()
      seen = count
    }
    assert.deepEqual(gaps, [0.5, 1, 2, 4, 8, 16, 32, 64, 122, 122])
    assert.equal(last().inMs, 122_000)
    assert.equal(node.get('web')!.status!.containerStatuses![0]!.state!.waiting!.reason, 'ContainerCreating')
  }))

test('news of other things is no reason to try sooner', () =>
  withPod(async ({ clock, create, failures, node }) => {
    await create([secretVolume('v', 'gone')])
    await clock.run(4_000)
    const before = failures()
    await node.client.patch({ kind: 'Pod', namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } })
    await settled()
    assert.deepEqual(failures(), before)
  }))

test('what was missing appears: the Pod starts at once, and nothing waits any more', () =>
  withPod(async ({ clock, create, last, node, runs }) => {
    await create([secretVolume('v', 'late')])
    await clock.run(70_000)
    assert.ok(last().inMs! > 30_000)
    await node.client.create(secret('late'))
    await settled()
    assert.ok(runs())
    assert.deepEqual(last(), { say: 'everything that web mounts is there', why: 'the last try set up every volume', inMs: undefined, error: undefined })
  }))

test('a claim that is bound, and then its volume, are noticed at once', () =>
  withPod(async ({ clock, create, last, node, runs }) => {
    await node.client.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default', uid: 'c' }, spec: {}, status: { phase: 'Pending' } })
    await create([{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }])
    await clock.run(40_000)
    assert.match(last().why, /PVC is not bound$/)
    const claim = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' }
    await node.client.patch(claim, { type: 'merge', body: { spec: { volumeName: 'pv' } } })
    await node.client.patch(claim, { type: 'merge', body: { status: { phase: 'Bound' } } }, { subresource: 'status' })
    await settled()
    assert.match(last().why, /persistentvolumes "pv" not found$/)
    await node.client.create({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv' }, spec: { hostPath: { path: '/data' }, claimRef: { namespace: 'default', name: 'data', uid: 'c' } }, status: { phase: 'Bound' } })
    await settled()
    assert.ok(runs())
  }))

test('each volume waits for itself, and all that is missing is named at the first try', () =>
  withPod(async ({ clock, create, failures, last, node, runs }) => {
    await create([secretVolume('a'), secretVolume('b')])
    assert.deepEqual(failures(), { 'secret "a" not found': 1, 'secret "b" not found': 1 })
    assert.equal(last().say, 'web waits for volumes a and b')
    await node.client.create(secret('a'))
    await settled()
    assert.deepEqual(failures(), { 'secret "a" not found': 1, 'secret "b" not found': 2 })
    assert.deepEqual([last().say, last().inMs], ['web waits for volume b', 1_000])
    assert.equal(runs(), false)
    await clock.run(1_000)
    assert.deepEqual(failures(), { 'secret "a" not found': 1, 'secret "b" not found': 3 })
    await node.client.create(secret('b'))
    await settled()
    assert.ok(runs())
  }))

test('a container that runs again under another agent waits for a volume that is gone meanwhile', () =>
  withPod(async ({ clock, failures, last, node }) => {
    await node.client.create(secret('v'))
    await node.create('web', { containers: [{ name: 'app', image: 'nginx:1.25' }], volumes: [secretVolume('v')] }, { 'simulate.orrery.dev/run-ms': '60000', 'simulate.orrery.dev/exit-code': '1' })
    await clock.run(1_000)
    await node.restart()
    await node.client.delete({ kind: 'Secret', namespace: 'default', name: 'v' })
    await clock.run(65_000)
    const app = () => node.get('web')!.status!.containerStatuses![0]!
    assert.deepEqual(app().state!.waiting, { reason: 'ContainerCreating', message: 'MountVolume.SetUp failed for volume "v" : secret "v" not found' })
    assert.ok(failures()['secret "v" not found']! > 1)
    assert.ok(last().inMs! > 0)
    await node.client.create(secret('v'))
    await settled()
    assert.ok(app().state!.running)
    assert.equal(last().inMs, undefined)
  }))

test('an image that can’t be pulled: until when it waits, and that it came', () => {
  let missing = true
  return withPodOf({ missing: () => missing }, async ({ clock, create, last, node, runs }) => {
    await create([])
    await clock.run(3_000)
    assert.equal(last().say, 'can\'t pull nginx:1.25')
    assert.ok(last().inMs! > 2_000 && last().inMs! <= 10_000)
    missing = false
    node.agents.retryPull(node.get('web')!.metadata.uid)
    await settled()
    assert.ok(runs())
    assert.equal(last().inMs, undefined)
  })
})
