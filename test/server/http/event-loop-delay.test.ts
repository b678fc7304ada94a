import assert from 'node:assert/strict'
import test from 'node:test'
import { EventLoopDelay } from '../../../core/server/http/event-loop-delay.ts'
import { systemClock } from '../../../core/base/clock.ts'

test('begins with the first question, and measures from one question to the next', async () => {
  const delay = new EventLoopDelay(systemClock)
  try {
    assert.equal(delay.take(), undefined)
    const turns = async (n: number) => {
      for (let i = 0; i < n; i++) await new Promise((resolve) => setTimeout(resolve, 11))
    }
    await turns(3)
    const until = performance.now() + 60
    while (performance.now() < until);
    await turns(3)
    const late = delay.take()!
    assert.ok(late.max > 0.03, `a block of 60 ms was seen as ${late.max}`)
    assert.ok(late.p50 <= late.p99 && late.p99 <= late.max)
    await turns(3)
    assert.ok((delay.take()?.max ?? 0) < late.max, 'the block belongs to the window before')
  } finally {
    delay.stop()
  }
})
