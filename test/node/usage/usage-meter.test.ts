/** Measuring what Pods use: only while somebody needs it, over its own window, shared loads in equal parts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silent } from '../../../core/base/log.ts'
import { Scope } from '../../../core/base/scope.ts'
import { SimulatedRuntime } from '../../../core/node/runtime/simulated.ts'
import { UsageMeter } from '../../../core/node/usage/usage-meter.ts'
import { FakeClock } from '../../loop/fake-clock.ts'

async function run(runtime: SimulatedRuntime, name: string, labels: Record<string, string>): Promise<void> {
  const pod = { namespace: 'default', name, uid: name }
  const sandbox = await runtime.createSandbox({ pod, node: 'n1', attempt: 0, hostname: name, hostNetwork: false, sysctls: {}, ports: [], holds: [], labels: {} })
  await runtime.startSandbox(sandbox)
  const id = await runtime.createContainer({ pod, node: 'n1', sandbox, name: 'app', attempt: 0, kind: 'app', image: 'i', imageId: '', env: [], mounts: [], resources: {}, security: {}, stdin: false, stdinOnce: false, tty: false, labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [`simulate.orrery.dev/${key}`, value])) })
  await runtime.start(id)
}

async function withMeter(body: (meter: UsageMeter, runtime: SimulatedRuntime, clock: FakeClock, want: (wanted: boolean) => void) => Promise<void>): Promise<void> {
  const clock = new FakeClock(Date.parse('2026-11-22T12:00:00Z'))
  const runtime = new SimulatedRuntime({ clock })
  const scope = new Scope('meter')
  let wanted = false
  const meter = new UsageMeter({ runtime, clock, log: silent, wanted: () => wanted })
  meter.start(scope)
  try {
    await body(meter, runtime, clock, (now) => void (wanted = now))
  } finally {
    await scope.close()
  }
}
const milli = (meter: UsageMeter, uid: string) => Math.round((meter.pod(uid)?.containers[0]?.cpuNanos ?? 0) / 1e6)

test('nothing is measured while nobody wants it', () =>
  withMeter(async (meter, runtime, clock, want) => {
    await run(runtime, 'web', { cpu: '250m', memory: '64Mi' })
    await clock.run(60_000)
    assert.equal(meter.revision, 0)
    want(true)
    await clock.run(45_000)
    assert.deepEqual(meter.pod('web')?.containers, [{ name: 'app', cpuNanos: 250_000_000, memoryBytes: 64 * 2 ** 20 }])
    assert.equal(meter.pod('web')?.windowMs, 15_000)
    assert.ok(meter.history('web', 'app').length >= 2)
  }))

test('who asks waits for a first window, and keeps the meter going for a while', () =>
  withMeter(async (meter, runtime, clock) => {
    await run(runtime, 'web', { cpu: '100m' })
    const fresh = meter.fresh(new AbortController().signal)
    await clock.run(1_500)
    await fresh
    assert.equal(milli(meter, 'web'), 100)
    const { revision } = meter
    await clock.run(60_000)
    assert.ok(meter.revision >= revision + 3)
    await clock.run(200_000)
    const rested = meter.revision
    await clock.run(60_000)
    assert.equal(meter.revision, rested)
  }))

test('containers of one load share it in equal parts', () =>
  withMeter(async (meter, runtime, clock, want) => {
    want(true)
    await run(runtime, 'a', { 'shared-cpu': 'web=900m' })
    await clock.run(31_000)
    assert.equal(milli(meter, 'a'), 900)
    for (const name of ['b', 'c']) await run(runtime, name, { 'shared-cpu': 'web=900m' })
    await clock.run(61_000)
    assert.deepEqual(['a', 'b', 'c'].map((name) => milli(meter, name)), [300, 300, 300])
  }))

test('a round is whole once it tells shares of CPU', () =>
  withMeter(async (meter, runtime, clock) => {
    assert.equal(meter.measuredMs, Number.NEGATIVE_INFINITY)
    await run(runtime, 'web', { cpu: '100m' })
    const began = clock.now()
    const fresh = meter.fresh(new AbortController().signal)
    await clock.run(500)
    assert.equal(meter.measuredMs, Number.NEGATIVE_INFINITY)
    await clock.run(1_000)
    await fresh
    assert.ok(meter.measuredMs >= began + 1_000)
  }))
