import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from '../../../../core/node/runtime/docker/turns.ts'
import { FakeClock } from '../../../loop/fake-clock.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

function stage(atOnce: number) {
  const clock = new FakeClock()
  const turns = new Turns(atOnce, clock)
  const order: string[] = []
  const end = new Map<string, (error?: Error) => void>()
  const work = (name: string) => () => {
    order.push(name)
    return new Promise<string>((resolve, reject) => end.set(name, (error) => (error ? reject(error) : resolve(name))))
  }
  return { clock, turns, order, work, end: (name: string, error?: Error) => (end.get(name)!(error), settled()) }
}

test('no more at once than allowed; a Pod under way goes before a new one', async () => {
  const { turns, order, work, end } = stage(2)
  const answers = [turns.begin(work('a')), turns.begin(work('b')), turns.begin(work('c')), turns.goOn(work('a starts'))]
  await settled()
  assert.deepEqual(order, ['a', 'b'])
  await end('a')
  assert.deepEqual(order, ['a', 'b', 'a starts'])
  await end('b')
  assert.deepEqual(order, ['a', 'b', 'a starts', 'c'])
  await end('a starts')
  await end('c')
  assert.deepEqual(await Promise.all(answers), ['a', 'b', 'c', 'a starts'])
})

test('a failure ends a turn and is passed on', async () => {
  const { turns, order, work, end } = stage(1)
  const refused = assert.rejects(turns.begin(work('a')), /refused/)
  void turns.begin(work('b'))
  await end('a', new Error('refused'))
  await refused
  assert.deepEqual(order, ['a', 'b'])
})

test('a start that hangs holds up nobody for longer than ten seconds, and gives up one place only', async () => {
  const { clock, turns, order, work, end } = stage(1)
  const [slow] = [turns.begin(work('slow')), turns.begin(work('b')), turns.begin(work('c'))]
  await settled()
  await clock.run(9_999)
  await settled()
  assert.deepEqual(order, ['slow'])
  await clock.run(1)
  await settled()
  assert.deepEqual(order, ['slow', 'b'])
  await end('slow')
  assert.equal(await slow, 'slow')
  assert.deepEqual(order, ['slow', 'b'])
  await end('b')
  assert.deepEqual(order, ['slow', 'b', 'c'])
})
