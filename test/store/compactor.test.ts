import assert from 'node:assert/strict'
import { it } from 'node:test'
import { silent } from '../../core/base/log.ts'
import { Scope } from '../../core/base/scope.ts'
import { keepHistory } from '../../core/store/compactor.ts'
import { memoryStore } from '../../core/store/memory.ts'
import { cause, put } from '../contract/store.ts'

it('history is kept as long as promised, and not much longer', async () => {
  let now = 0
  let timers: (() => void)[] = []
  const clock = { now: () => now, after: (_ms: number, fn: () => void) => (timers.push(fn), () => {}) }
  const store = memoryStore(clock)
  const scope = new Scope('test')
  keepHistory(store, clock, scope, silent, { keepMs: 600_000, everyMs: 300_000 })
  const oldest: number[] = []
  for (let i = 0; i < 5; i++) {
    await store.write('/a', put(String(i)), cause)
    now += 300_000
    for (const fn of timers.splice(0)) fn()
    await new Promise((resolve) => setImmediate(resolve))
    oldest.push(store.oldest)
  }
  assert.deepEqual(oldest, [0, 0, 1, 2, 3])
  assert.equal((await store.getAt('/a', 3))?.value, '2')
  await scope.close()
  timers = []
  await store.close()
})
