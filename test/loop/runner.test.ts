import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewObject } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { ConfigMap, Event } from '../../core/api/types/core.ts'
import type { Controller, PlanInput } from '../../core/loop/controller.ts'
import type { Plan, Reason } from '../../core/loop/plan.ts'
import { namespace, startCluster } from '../controllers/cluster.ts'

const because: Reason = { code: 'Done', say: 'did it', why: '1 wanted, 0 there' }
const config = (name: string, data: Record<string, string> = {}): NewObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data })
const ref = (name: string) => ({ kind: 'ConfigMap', namespace: 'default', name })

async function run(plan: (input: PlanInput<ConfigMap>) => Plan, more: Partial<Controller<ConfigMap>> = {}) {
  const passes: PlanInput<ConfigMap>[] = []
  const controller: Controller<ConfigMap> = {
    name: 'test-controller',
    reconciles: 'ConfigMap',
    wakesOn: [],
    plan(input) {
      passes.push(input)
      return plan(input)
    },
    ...more,
  }
  const cluster = await startCluster([controller], (world) => world.put(namespace('default')))
  return { ...cluster, passes }
}

test('a key is not planned again before the snapshot holds what it wrote', async () => {
  const seen: number[] = []
  const { apply, clock, world, stop } = await run(({ object, snapshot }) => {
    const n = Number(object?.data?.['n'] ?? 0)
    seen.push(n)
    assert.ok(snapshot.revision >= Number(object?.metadata.resourceVersion))
    return n < 3 ? { steps: [{ do: 'patch', ref: ref('a'), patch: { data: { n: String(n + 1) } }, because }], because } : { steps: [], because }
  })
  apply(config('a'))
  await clock.run(500)
  assert.deepEqual(seen, [0, 1, 2, 3])
  assert.equal(world.get<ConfigMap>('ConfigMap', 'default', 'a')?.data?.['n'], '3')
  await stop()
})

test('a burst of changes costs one pass, and all of them are named as its cause', async () => {
  const { apply, clock, world, passes, stop } = await run(({ object }) => {
    const { n = '0', mirror } = object?.data ?? {}
    return mirror === n ? { steps: [], because } : { steps: [{ do: 'patch', ref: ref('a'), patch: { data: { mirror: n } }, because }], because }
  })
  apply(config('a', { mirror: '0' }))
  await clock.run(100)
  passes.length = 0
  const revisions: number[] = []
  const me = world.client('user:me')
  for (let i = 1; i <= 40; i++) revisions.push(Number((await me.patch(ref('a'), { type: 'merge', body: { data: { n: String(i) } } })).metadata.resourceVersion))
  await clock.run(100)
  assert.ok(passes.length <= 4, `${passes.length} passes`)
  const led = world.writes.filter(({ actor }) => actor === 'controller:test-controller').flatMap(({ options }) => options.because?.led ?? [])
  assert.ok(led.includes(revisions.at(-1)!))
  await stop()
})

test('a conflict is planned again without noise', async () => {
  let refused = 0
  const { apply, clock, world, decisions, stop } = await run(({ object }) =>
    object?.data?.['done'] ? { steps: [], because } : { steps: [{ do: 'patch', ref: ref('a'), patch: { data: { done: 'yes' } }, because }], because },
  )
  world.refuse = () => {
    if (refused++ < 2) throw new ApiError('Conflict', 'the object has been modified')
  }
  apply(config('a'))
  await clock.run(200)
  assert.equal(world.get<ConfigMap>('ConfigMap', 'default', 'a')?.data?.['done'], 'yes')
  assert.ok(decisions.of(ref('a')).every(({ outcome }) => outcome === 'done'))
  await stop()
})

test('a refusal is written down, recorded and retried with growing patience', async () => {
  const { apply, clock, world, decisions, passes, stop } = await run(
    ({ object }) => (object?.data?.['made'] ? { steps: [], because } : { steps: [{ do: 'create', object: config('b'), because }], because }),
    {
      onFailure: (_, { message }) => [{ do: 'note', ref: ref('a'), because: { code: 'FailedCreate', say: 'could not', why: message, event: { type: 'Warning', message: `Error creating: ${message}` } } }],
      concerns: ({ object }) => object.metadata.name === 'a',
    },
  )
  world.refuse = (verb, { kind }) => {
    if (verb === 'create' && kind === 'ConfigMap') throw new ApiError('ServiceUnavailable', 'not now')
  }
  apply(config('a'))
  await clock.run(5 + 10 + 20 + 40 + 10)
  assert.equal(passes.length, 5)
  const [decision] = decisions.of(ref('a'))
  assert.equal(decision?.outcome, 'failed')
  assert.equal(decision?.error, 'not now')
  const events = world.list<Event>('Event')
  assert.equal(events.length, 1)
  assert.equal(events[0]?.count, 5)
  assert.equal(events[0]?.reason, 'FailedCreate')
  assert.equal(events[0]?.source?.component, 'test-controller')
  await stop()
})

test('what another attempt cannot mend waits long', async () => {
  const { apply, clock, world, passes, stop } = await run(() => ({ steps: [{ do: 'create', object: config('b'), because }], because }), { concerns: ({ object }) => object.metadata.name === 'a' })
  world.refuse = (verb) => {
    if (verb === 'create') throw new ApiError('Invalid', 'never')
  }
  apply(config('a'))
  await clock.run(9_000)
  assert.equal(passes.length, 1)
  await clock.run(2_000)
  assert.equal(passes.length, 2)
  await stop()
})

test('creates are slow-started: one refusal stops the rest', async () => {
  let asked = 0
  const { apply, clock, world, stop } = await run(
    ({ object }) => ({ steps: object ? Array.from({ length: 100 }, () => ({ do: 'create' as const, object: { ...config(''), metadata: { generateName: 'x-', namespace: 'default' } }, because })) : [], because }),
    { concerns: ({ object }) => object.metadata.name === 'a' },
  )
  world.refuse = (verb) => {
    if (verb === 'create' && ++asked > 5) throw new ApiError('Forbidden', 'exceeded quota')
  }
  apply(config('a'))
  await clock.run(1_000)
  // 1, 2 and 4 side by side; two of the four are refused, the other 93 are never asked for.
  assert.equal(asked, 7)
  await stop()
})

test('requeueAt comes up by itself, and nothing is armed when nothing is due', async () => {
  const { apply, clock, passes, stop } = await run(({ now }) => ({ steps: [], because, ...(passes.length < 3 ? { requeueAt: now + 60_000 } : {}) }))
  apply(config('a'))
  await clock.run(59_000)
  assert.equal(passes.length, 1)
  await clock.run(120_000)
  assert.equal(passes.length, 3)
  await clock.run(3_600_000)
  assert.equal(passes.length, 3)
  assert.equal(clock.armed, 0)
  await stop()
})

test('a suspension is noticed: patience starts over', async () => {
  const { apply, clock, passes, stop } = await run(({ now }) => ({ steps: [], because, requeueAt: now + 10_000 }))
  apply(config('a'))
  await clock.run(10_500)
  const [first, second] = passes
  assert.equal(first?.awakeSinceMs, second?.awakeSinceMs)
  clock.sleep(3_600_000)
  await clock.run(100)
  assert.equal(passes.at(-1)?.awakeSinceMs, passes.at(-1)?.now)
  await stop()
})

test('a broken planner does not stop the others', async () => {
  const { apply, clock, passes, stop } = await run(({ object }) => {
    if (object?.metadata.name === 'a') throw new Error('bug')
    return { steps: [], because }
  })
  apply(config('a'))
  apply(config('b'))
  await clock.run(100)
  assert.deepEqual(passes.map((input) => input.ref.name).sort(), ['a', 'b'])
  await stop()
})
