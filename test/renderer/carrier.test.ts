import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ToCluster, ToWindow } from '../../electron/contract.ts'
import { ApiError } from '../../core/api/status.ts'
import { Connection, type PipeEvents } from '../../renderer/cluster/carrier.ts'

/** A clock that is stepped by hand. */
class StepClock {
  ms = 0
  #timers: { at: number; fn: () => void }[] = []
  now = () => this.ms
  after = (delay: number, fn: () => void) => {
    const timer = { at: this.ms + delay, fn }
    this.#timers.push(timer)
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer))
  }
  step(ms: number): void {
    this.ms += ms
    const due = this.#timers.filter((one) => one.at <= this.ms)
    this.#timers = this.#timers.filter((one) => one.at > this.ms)
    for (const timer of due) timer.fn()
  }
}

function setUp(failing = 0) {
  const clock = new StepClock()
  const sent: ToCluster[] = []
  const links: PipeEvents[] = []
  let left = failing
  const connection = new Connection(async (events) => {
    if (left-- > 0) throw new ApiError('ServiceUnavailable', 'no answer')
    links.push(events)
    return { send: (frame) => sent.push(frame), close: () => {} }
  }, clock)
  const settle = () => new Promise<void>((done) => setImmediate(done))
  const frame = (value: ToWindow) => links.at(-1)!.frame(value)
  return { clock, sent, links, connection, settle, frame }
}

test('a call made before the pipe is open waits for it, and is answered by id', async () => {
  const { connection, sent, settle, frame } = setUp()
  const first = connection.call('kinds', {})
  const second = connection.call('get', { kind: 'Pod', namespace: 'default', name: 'x' })
  await settle()
  assert.deepEqual(sent.map((one) => one.id), [1, 2])
  frame({ id: 2, error: new ApiError('NotFound', 'pods "x" not found').toStatus() })
  frame({ id: 1, result: [] })
  assert.deepEqual(await first, [])
  await assert.rejects(second, (error: unknown) => error instanceof ApiError && error.reason === 'NotFound')
})

test('a lost pipe fails what is pending, ends streams, and comes back with growing pauses', async () => {
  const { connection, clock, links, settle } = setUp()
  const states: string[] = []
  connection.onState((state) => states.push(state))
  await settle()
  const pending = connection.call('kinds', {})
  let ended: ApiError | undefined
  connection.open('journal', {}, { message: () => {}, end: (error) => (ended = error) })
  links[0]!.closed()
  await assert.rejects(pending, (error: unknown) => error instanceof ApiError && error.reason === 'ServiceUnavailable')
  assert.equal(ended?.reason, 'ServiceUnavailable')
  await assert.rejects(connection.call('kinds', {}), ApiError)
  clock.step(249)
  await settle()
  assert.equal(links.length, 1)
  clock.step(1)
  await settle()
  assert.equal(links.length, 2)
  assert.deepEqual(states, ['open', 'lost', 'open'])
})

test('pauses double up to five seconds; retry does not wait', async () => {
  const { connection, clock, links, settle } = setUp(8)
  for (const pause of [250, 500, 1_000, 2_000, 4_000, 5_000]) {
    await settle()
    assert.equal(connection.state, 'lost')
    clock.step(pause)
  }
  await settle()
  connection.retry()
  await settle()
  connection.retry()
  await settle()
  assert.equal(links.length, 1)
  assert.equal(connection.state, 'open')
})

test('a refused session is not asked again', async () => {
  const clock = new StepClock()
  let asked = 0
  const connection = new Connection(async () => {
    asked++
    throw new ApiError('Unauthorized', 'no session')
  }, clock)
  await new Promise<void>((done) => setImmediate(done))
  clock.step(60_000)
  assert.equal(asked, 1)
  assert.equal(connection.state, 'refused')
})

test('a closed stream gets nothing more; frames of an old pipe are ignored', async () => {
  const { connection, sent, links, settle, clock } = setUp()
  await settle()
  const got: unknown[] = []
  const stream = connection.open('status', {}, { message: (message) => got.push(message), end: () => got.push('end') })
  links[0]!.frame({ id: 1, message: { a: 1 } })
  stream.close()
  links[0]!.frame({ id: 1, message: { a: 2 } })
  links[0]!.frame({ id: 1, end: true })
  assert.deepEqual(got, [{ a: 1 }])
  assert.deepEqual(sent.at(-1), { id: 1, close: true })
  links[0]!.closed()
  clock.step(250)
  await settle()
  const late = connection.call('kinds', {})
  links[0]!.frame({ id: 2, result: 'old' })
  links[1]!.frame({ id: 2, result: [] })
  assert.deepEqual(await late, [])
})
