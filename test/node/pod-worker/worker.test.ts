import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Pod, PodSpec } from '../../../core/api/types/core.ts'
import { SimulatedRuntime, type SimulatedOptions } from '../../../core/node/runtime/simulated.ts'
import type { AgentsOptions } from '../../../core/node/agents.ts'
import { FakeClock, settle } from '../../loop/fake-clock.ts'
import { startNode, type TestNode } from '../node-under-test.ts'

type Node = TestNode<SimulatedRuntime>

/** A node on simulated containers and fake time. */
async function withNode(body: (node: Node, clock: FakeClock) => Promise<void>, simulated: Partial<SimulatedOptions> = {}, options: Pick<Partial<AgentsOptions>, 'beforeStop'> = {}): Promise<void> {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  const podsRoot = await mkdtemp(join(tmpdir(), 'orrery-pods-'))
  const node = await startNode(new SimulatedRuntime({ clock, ...simulated }), { podsRoot, clock, ...options })
  try {
    await body(node, clock)
  } finally {
    await node.close()
    await rm(podsRoot, { recursive: true, force: true })
  }
}

const one: Pick<PodSpec, 'containers'> = { containers: [{ name: 'app', image: 'nginx:1.25' }] }
const app = (pod: Pod | undefined) => pod!.status!.containerStatuses![0]!
const simulate = (values: Record<string, string>) => Object.fromEntries(Object.entries(values).map(([key, value]) => [`simulate.orrery.dev/${key}`, value]))
const settled = () => settle(12)
/** Runs of the container, by the second. */
const startsOf = (node: Node) => node.client.writes.filter(({ object, because }) => object.kind === 'Pod' && because?.code === 'Started').length

test('a Pod runs, with words for why, and its Events in upstream’s order', () =>
  withNode(async (node) => {
    await node.create('web', one)
    await settled()
    const pod = node.get('web')!
    assert.equal(pod.status!.phase, 'Running')
    assert.ok(app(pod).ready)
    const said = node.client.writes.filter(({ object }) => object.kind === 'Pod').at(-1)!.because!
    assert.equal(said.say, 'started nginx:1.25')
    assert.equal(said.led.length, 1)
    assert.deepEqual(node.events(), ['Pulled: Container image "nginx:1.25" already present on machine and can be accessed by the pod', 'Created: Container created', 'Started: Container started'])
  }))

test('a readiness gate that someone opens or closes makes the Pod ready or not', () =>
  withNode(async (node) => {
    await node.create('gated', { ...one, readinessGates: [{ conditionType: 'example.com/ok' }] })
    await settled()
    const ready = () => node.get('gated')!.status!.conditions!.find(({ type }) => type === 'Ready')!
    assert.equal(ready().reason, 'ReadinessGatesNotReady')
    const gate = async (status: string) => {
      await node.client.patch({ kind: 'Pod', namespace: 'default', name: 'gated' }, { type: 'strategic', body: { status: { conditions: [{ type: 'example.com/ok', status }] } } }, { subresource: 'status' })
      await settled()
    }
    await gate('True')
    assert.equal(ready().status, 'True')
    await gate('False')
    assert.equal(ready().status, 'False')
  }))

test('a crash loop: at once, then after 10, 20, 40 … seconds, 300 at most', () =>
  withNode(async (node, clock) => {
    await node.create('crash', one, simulate({ 'run-ms': '1000', 'exit-code': '1' }))
    const gaps: number[] = []
    let last = clock.now()
    let seen = 0
    for (let second = 0; second < 1_500 && gaps.length < 9; second++) {
      await clock.run(1_000)
      const restarts = app(node.get('crash')).restartCount
      if (restarts > seen) {
        gaps.push(Math.round((clock.now() - last) / 1000))
        last = clock.now()
        seen = restarts
      }
    }
    assert.deepEqual(gaps, [1, 11, 21, 41, 81, 161, 301, 301, 301])
    assert.equal(node.get('crash')!.status!.phase, 'Running')
    await clock.run(2_000)
    assert.equal(app(node.get('crash')).state?.waiting!.reason, 'CrashLoopBackOff')
    assert.match(app(node.get('crash')).state?.waiting!.message!, /^back-off 5m0s restarting failed container=app pod=crash_default\(/)
    assert.equal((await node.runtime.pod(node.get('crash')!.metadata.uid)).filter(({ kind }) => kind === 'app').length <= 2, true)
  }))

test('ten quiet minutes forget the delay', () =>
  withNode(async (node, clock) => {
    await node.create('rare', one, simulate({ 'run-ms': '700000', 'exit-code': '1' }))
    await clock.run(700_000 * 3 + 5_000)
    assert.equal(app(node.get('rare')).restartCount, 3)
  }))

test('deleted: preStop, stop signal, final status, then the object goes, with its reason', () =>
  withNode(async (node, clock) => {
    await node.create('web', { containers: [{ name: 'app', image: 'nginx:1.25', lifecycle: { preStop: { sleep: { seconds: 3 } } } }] }, simulate({ 'stop-ms': '2000' }))
    await settled()
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'web' })
    await clock.run(4_900)
    assert.ok(node.get('web'), 'still stopping')
    await clock.run(200)
    assert.equal(node.get('web'), undefined)
    assert.deepEqual(await node.runtime.containers(), [])
    assert.equal(node.lastStatus('web')!.containerStatuses![0]!.state?.terminated!.exitCode, 0)
    assert.equal(node.client.writes.at(-1)!.because!.why, 'it was deleted; took 5.0 s of 30 s allowed')
    assert.ok(node.events().includes('Killing: Stopping container app'))
  }))

test('a second delete with less grace hurries the first', () =>
  withNode(async (node, clock) => {
    await node.create('slow', one, simulate({ 'stop-ms': '60000' }))
    await settled()
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'slow' })
    await clock.run(1_000)
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'slow' }, { gracePeriodSeconds: 2 })
    await clock.run(2_100)
    assert.equal(node.get('slow'), undefined)
    assert.equal(node.lastStatus('slow')!.containerStatuses![0]!.state?.terminated!.exitCode, 137)
  }))

test('the network lets go before the stop signal, within a second', () => {
  const order: string[] = []
  return withNode(
    async (node, clock) => {
      await node.create('web', one)
      await settled()
      const stop = node.runtime.stop.bind(node.runtime)
      node.runtime.stop = (id, grace) => {
        order.push('signal')
        return stop(id, grace)
      }
      await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'web' })
      await settled()
      assert.deepEqual(order, ['asked'])
      await clock.run(1_000)
      assert.deepEqual(order, ['asked', 'signal'])
      assert.equal(node.get('web'), undefined)
    },
    {},
    { beforeStop: () => (order.push('asked'), new Promise(() => {})) },
  )
})

test('a Pod removed from the API is taken off the machine at once', () =>
  withNode(async (node) => {
    await node.create('web', one)
    await settled()
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 })
    await settled()
    assert.deepEqual(await node.runtime.containers(), [])
  }))

test('init containers in turn, sidecars around, everything ends in order', () =>
  withNode(async (node, clock) => {
    const spec: PodSpec = {
      restartPolicy: 'Never',
      initContainers: [
        { name: 'first', image: 'i' },
        { name: 'side', image: 's', restartPolicy: 'Always' },
        { name: 'second', image: 'i' },
      ],
      containers: [{ name: 'app', image: 'a' }],
    }
    await node.create('job', spec, simulate({ 'first.run-ms': '1000', 'second.run-ms': '1000', 'app.run-ms': '5000' }))
    await settled()
    const state = () => [...node.get('job')!.status!.initContainerStatuses!, ...node.get('job')!.status!.containerStatuses!].map((s) => `${s.name}:${Object.keys(s.state ?? {})[0]}`).join(' ')
    assert.equal(state(), 'first:running side:waiting second:waiting app:waiting')
    await clock.run(1_100)
    assert.equal(state(), 'first:terminated side:running second:running app:waiting')
    assert.equal(node.get('job')!.status!.phase, 'Pending')
    await clock.run(1_000)
    assert.equal(state(), 'first:terminated side:running second:terminated app:running')
    assert.equal(node.get('job')!.status!.phase, 'Running')
    await clock.run(6_000)
    assert.equal(node.get('job')!.status!.phase, 'Succeeded')
    assert.equal(state(), 'first:terminated side:terminated second:terminated app:terminated')
    assert.deepEqual((await node.runtime.containers()).filter(({ kind }) => kind === 'sandbox'), [])
    assert.ok((await node.runtime.containers()).length > 0, 'kept for its logs')
  }))

test('without declared times a Job’s containers end at once, others run on', () =>
  withNode(async (node, clock) => {
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: 'u', controller: true }]
    await node.client.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'of-a-job', namespace: 'default', ownerReferences }, spec: { ...one, nodeName: 'n1', restartPolicy: 'Never' } })
    await node.create('plain', { ...one, restartPolicy: 'Never' })
    await settled()
    await clock.run(1_100)
    assert.equal(node.get('of-a-job')!.status!.phase, 'Succeeded')
    assert.equal(node.get('plain')!.status!.phase, 'Running')
  }))

test('readiness follows the check; liveness ends the container', () =>
  withNode(async (node, clock) => {
    const probe = { httpGet: { path: '/ok', port: 80 }, periodSeconds: 2 }
    await node.create('web', { containers: [{ name: 'app', image: 'n', readinessProbe: probe }] }, simulate({ 'ready-after-ms': '5000' }))
    await clock.run(1_000)
    assert.equal(node.get('web')!.status!.phase, 'Running')
    assert.equal(app(node.get('web')).ready, false)
    await clock.run(6_000)
    await node.eventually(() => app(node.get('web')).ready)
    const said = node.client.writes.filter(({ object }) => object.kind === 'Pod').at(-1)!.because!
    assert.deepEqual([said.say, said.why], ['web is ready', 'GET /ok on port 80 answered 200'])
    assert.ok(node.events().some((line) => line.startsWith('Unhealthy: Readiness probe failed: Get "http://10.244.')))

    await node.create('dead', { containers: [{ name: 'app', image: 'n', livenessProbe: { exec: { command: ['x'] }, failureThreshold: 2, periodSeconds: 1 } }] }, simulate({ 'ready-after-ms': '900000' }))
    await clock.run(2_000)
    assert.equal(app(node.get('dead')).restartCount, 1)
    assert.ok(node.events().includes('Killing: Container app failed liveness probe, will be restarted'))
  }))

test('images: the error, the back-off, the retry; progress for the window', () => {
  let missing = true
  return withNode(
    async (node, clock) => {
      await node.create('typo', { containers: [{ name: 'app', image: 'nginx:1.99' }] })
      await clock.run(100)
      assert.deepEqual(app(node.get('typo')).state?.waiting, { reason: 'ErrImagePull', message: 'manifest for nginx:1.99 not found: manifest unknown: manifest unknown' })
      await clock.run(2_000)
      assert.deepEqual(app(node.get('typo')).state?.waiting, { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nginx:1.99": ErrImagePull: manifest for nginx:1.99 not found: manifest unknown: manifest unknown' })
      missing = false
      node.agents.retryPull(node.get('typo')!.metadata.uid)
      await settled()
      assert.equal(node.agents.pulls.current[0]!.image, 'nginx:1.99')
      await clock.run(100)
      assert.ok(app(node.get('typo')).ready)
      assert.equal(node.client.writes.filter(({ object }) => object.kind === 'Pod').at(-1)!.because!.say, 'pulled nginx:1.99 and started it')
    },
    { pullMs: 80, missing: () => missing },
  )
})

test('an init container whose image is missing waits for its time, and takes none of the machine’s', () =>
  withNode(async (node, clock) => {
    await node.create('web', { ...one, initContainers: [{ name: 'first', image: 'typo:1' }] })
    await settled()
    await clock.run(3_000)
    assert.equal(node.get('web')!.status!.initContainerStatuses![0]!.state!.waiting!.reason, 'ImagePullBackOff')
    assert.ok(node.client.writes.length < 20, `${node.client.writes.length} writes`)
  }, { missing: (image) => image === 'typo:1' }))

test('a volume from an image that can’t be pulled is its container’s reason to wait; other containers start', () => {
  let missing = true
  return withNode(
    async (node, clock) => {
      const volumes = [{ name: 'model', image: { reference: 'models/cat:7', pullPolicy: 'IfNotPresent' as const } }]
      await node.create('cats', { volumes, containers: [{ name: 'app', image: 'nginx:1.25', volumeMounts: [{ name: 'model', mountPath: '/model' }] }, { name: 'other', image: 'nginx:1.25' }] })
      await settled()
      const [waits, runs] = node.get('cats')!.status!.containerStatuses!
      assert.equal(waits!.state?.waiting!.reason, 'ErrImagePull')
      assert.ok(runs!.state?.running)
      assert.deepEqual(node.events().filter((line) => /models|Error/.test(line)).map((line) => line.split(':').slice(0, 2).join(':')), ['Pulling: Pulling image "models/cat', 'Failed: Failed to pull image "models/cat', 'Failed: Error'])
      await clock.run(2_500)
      assert.equal(app(node.get('cats')).state?.waiting!.reason, 'ImagePullBackOff')
      missing = false
      await clock.run(12_000)
      assert.ok(app(node.get('cats')).ready)
      assert.deepEqual(app(node.get('cats')).volumeMounts, [{ name: 'model', mountPath: '/model' }])
    },
    { missing: (name) => missing && name.startsWith('models/') },
  )
})

test('a volume of a driver that does not run here is named, in upstream’s words and in plain ones', () =>
  withNode(async (node) => {
    await node.client.create({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv' }, spec: { csi: { driver: 'ebs.example', volumeHandle: 'h' }, claimRef: { uid: 'c' } }, status: { phase: 'Bound' } })
    await node.client.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default', uid: 'c' }, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } })
    await node.create('db', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }], ...one })
    await settled()
    assert.ok(node.events().includes('FailedMount: MountVolume.MountDevice failed for volume "pv" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ebs.example not found in the list of registered CSI drivers'))
    const said = node.client.writes.filter(({ object }) => object.kind === 'Pod').at(-1)!.because!
    assert.deepEqual([said.say, said.why], ['db waits for volume d', 'its driver ebs.example does not run on n1'])
  }))

test('an image that is always pulled comes at once, and an init container ends', () =>
  withNode(async (node, clock) => {
    await node.create('web', { initContainers: [{ name: 'first', image: 'busybox', imagePullPolicy: 'Always' }, { name: 'beside', image: 'proxy:1', restartPolicy: 'Always' }], containers: [{ name: 'app', image: 'nginx', imagePullPolicy: 'Always' }] })
    await clock.run(1_000)
    const { phase, initContainerStatuses } = node.get('web')!.status!
    assert.equal(phase, 'Running')
    assert.equal(initContainerStatuses![0]!.state!.terminated?.exitCode, 0)
    assert.ok(initContainerStatuses![1]!.state!.running)
  }))

test('configuration that is missing is waited for, and named', () =>
  withNode(async (node, clock) => {
    await node.create('conf', { containers: [{ name: 'app', image: 'n', envFrom: [{ configMapRef: { name: 'later' } }] }] })
    await settled()
    assert.deepEqual(app(node.get('conf')).state?.waiting, { reason: 'CreateContainerConfigError', message: 'configmap "later" not found' })
    await node.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'later', namespace: 'default' }, data: {} })
    await settled()
    assert.ok(app(node.get('conf')).ready, 'at once, not after a delay')

    await node.create('volume', { ...one, volumes: [{ name: 'v', secret: { secretName: 'gone' } }] })
    await clock.run(100)
    assert.ok(node.events().includes('FailedMount: MountVolume.SetUp failed for volume "v" : secret "gone" not found'))
    assert.equal(app(node.get('volume')).state?.waiting!.reason, 'ContainerCreating')
  }))

test('what cannot be started says so and is tried again', () =>
  withNode(async (node, clock) => {
    await node.create('broken', one, simulate({ fails: 'start' }))
    await clock.run(500)
    assert.ok(node.events().includes('Failed: Error: declared to fail at its start'))
    await clock.run(5_000)
    assert.equal(app(node.get('broken')).state?.waiting!.reason, 'CrashLoopBackOff')
    assert.equal(app(node.get('broken')).lastState?.terminated!.reason, 'StartError')
  }))

test('a deadline fails the Pod in upstream’s words', () =>
  withNode(async (node, clock) => {
    await node.create('late', { ...one, activeDeadlineSeconds: 5 })
    await clock.run(4_000)
    assert.equal(node.get('late')!.status!.phase, 'Running')
    await clock.run(2_000)
    const { phase, reason, message } = node.get('late')!.status!
    assert.deepEqual([phase, reason, message], ['Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'])
  }))

test('the engine goes away: the node says so; it comes back: nothing was touched', () =>
  withNode(async (node, clock) => {
    await node.create('web', one)
    await settled()
    const before = app(node.get('web'))
    const ready = () => (node.client.find('Node', undefined, 'n1')!['status'] as { conditions: { type: string; status: string; message: string }[] }).conditions.find(({ type }) => type === 'Ready')!
    assert.equal(ready().status, 'True')
    node.runtime.setReachable(false)
    await settled()
    assert.equal(ready().status, 'False')
    assert.match(ready().message, /engine .*: the simulated engine is switched off/)
    node.runtime.setReachable(true)
    await clock.run(6_000)
    assert.equal(ready().status, 'True')
    assert.deepEqual(app(node.get('web')), before)
  }))

test('another agent adopts what runs: no write, no start', () =>
  withNode(async (node, clock) => {
    await node.create('web', one)
    await settled()
    const starts = startsOf(node)
    const status = node.get('web')!.status
    const writes = node.client.writes.filter(({ object }) => object.kind === 'Pod').length
    await node.restart()
    await clock.run(1_000)
    assert.equal(startsOf(node), starts)
    assert.deepEqual(node.get('web')!.status, status)
    assert.equal(node.client.writes.filter(({ object }) => object.kind === 'Pod').length, writes)
  }))

test('a Pod deleted while the agent was away is taken away by the next', () =>
  withNode(async (node, clock) => {
    await node.create('web', one)
    await settled()
    const { uid } = node.get('web')!.metadata
    assert.equal((await node.runtime.pod(uid)).length, 2)
    // Two agents' lives: between them the object goes.
    const gone = node.restart()
    await node.client.delete({ kind: 'Pod', namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 })
    await gone
    await clock.run(1_000)
    assert.deepEqual(await node.runtime.pod(uid), [])
  }))

test('the lease is renewed every ten seconds, the status only when something changed', () =>
  withNode(async (node, clock) => {
    await settled()
    const count = (kind: string) => node.client.writes.filter(({ object }) => object.kind === kind).length
    const [nodes, leases] = [count('Node'), count('Lease')]
    await clock.run(60_000)
    assert.equal(count('Lease') - leases, 6)
    assert.equal(count('Node') - nodes, 0)
    await clock.run(300_000)
    assert.equal(count('Node') - nodes, 1)
    assert.ok(node.client.writes.filter(({ object }) => object.kind === 'Lease').every(({ because }) => because?.quiet))
  }))

test('a thousand Pods on many nodes in about a second', async (context) => {
  const { systemClock } = await import('../../../core/base/clock.ts')
  const podsRoot = await mkdtemp(join(tmpdir(), 'orrery-pods-'))
  const nodes = Array.from({ length: 20 }, (_, i) => `n${i}`)
  const node = await startNode(new SimulatedRuntime({ clock: systemClock, nodes: 20 }), { podsRoot, clock: systemClock, nodes })
  try {
    const running = new Set<string>()
    const finished = new Promise<void>((resolve) =>
      node.client.cache.subscribe((events) => {
        for (const { object } of events) if (object.kind === 'Pod' && (object as Pod).status?.phase === 'Running') running.add(object.metadata.name)
        if (running.size === 1_000) resolve()
      }),
    )
    const begun = performance.now()
    for (let i = 0; i < 1_000; i++) await node.create(`p${i}`, { ...one, nodeName: nodes[i % 20]! })
    await finished
    const perSecond = Math.round(1_000 / ((performance.now() - begun) / 1000))
    const writes = node.client.writes.filter(({ object, verb }) => object.kind === 'Pod' && verb === 'patch').length
    context.diagnostic(`${perSecond} Pods/s, ${writes / 1_000} status writes a Pod`)
    // Low enough for a machine that is busy with other tests.
    assert.ok(perSecond > 50)
    assert.ok(writes <= 2_000)
  } finally {
    await node.close()
    await rm(podsRoot, { recursive: true, force: true })
  }
})
