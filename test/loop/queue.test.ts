import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Queue } from '../../core/loop/queue.ts'
import { FakeClock, settle } from './fake-clock.ts'

const never = new AbortController().signal

test('a key added often runs once', async () => {
  const queue = new Queue<string>(new FakeClock())
  queue.add('a')
  queue.add('a')
  queue.add('b')
  assert.equal(await queue.next(never), 'a')
  assert.equal(await queue.next(never), 'b')
  assert.equal(queue.size, 0)
})

test('a key dirtied while it runs is queued again when done, never side by side', async () => {
  const queue = new Queue<string>(new FakeClock())
  queue.add('a')
  const key = await queue.next(never)
  queue.add('a')
  assert.equal(queue.size, 0)
  queue.done(key!)
  assert.equal(await queue.next(never), 'a')
})

test('of two deadlines the earliest wins, and a run in between takes their place', async () => {
  const clock = new FakeClock()
  const queue = new Queue<string>(clock)
  queue.addAt('a', clock.now() + 100)
  queue.addAt('a', clock.now() + 50)
  queue.addAt('a', clock.now() + 70)
  await clock.run(49)
  assert.equal(queue.size, 0)
  await clock.run(1)
  assert.equal(await queue.next(never), 'a')
  queue.done('a')
  await clock.run(1_000)
  assert.equal(queue.size, 0)
})

test('retries wait 5 ms, twice as long each time, up to 1,000 s; forget starts over', async () => {
  const clock = new FakeClock()
  const queue = new Queue<string>(clock)
  for (const waitMs of [5, 10, 20, 40]) {
    queue.retry('a')
    await clock.run(waitMs - 1)
    assert.equal(queue.size, 0, `before ${waitMs}`)
    await clock.run(1)
    assert.equal(await queue.next(never), 'a')
    queue.done('a')
  }
  for (let i = 0; i < 30; i++) queue.retry('b')
  queue.retry('b')
  await clock.run(1_000_000)
  assert.equal(queue.size, 1)
  queue.forget('a')
  assert.equal(queue.failures('a'), 0)
})

test('next gives up when its signal aborts', async () => {
  const queue = new Queue<string>(new FakeClock())
  const abort = new AbortController()
  const waiting = queue.next(abort.signal)
  await settle()
  abort.abort()
  assert.equal(await waiting, undefined)
})

test('an idle queue holds no timer, and lateness shows a suspension', async () => {
  const clock = new FakeClock()
  const queue = new Queue<string>(clock)
  assert.equal(clock.armed, 0)
  queue.addAt('a', clock.now() + 1_000)
  assert.equal(clock.armed, 1)
  clock.sleep(60_000)
  assert.equal(queue.lateMs, 59_000)
  queue.close()
  assert.equal(clock.armed, 0)
})
