import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaseEveryMs, untilTurnMs } from '../../../core/node/registration/heartbeats.ts'

test('a few nodes renew as a kubelet does, thousands less often, and never closer than 20 s to the controller’s patience', () => {
  assert.deepEqual([1, 1_000, 2_000, 5_000, 100_000].map(leaseEveryMs), [10_000, 10_000, 20_000, 30_000, 30_000])
})

test('turns come once an interval, on whole seconds, spread over it', () => {
  const perSecond = new Map<number, number>()
  for (let node = 0; node < 5_000; node++) {
    let now = 1_700_000_000_123
    for (let turn = 0; turn < 4; turn++) {
      const wait = untilTurnMs(now, 30_000, node / 5_000)
      if (turn > 0) assert.equal(wait, 30_000)
      assert.ok(wait >= 7_500 && wait <= 37_500, `waits ${wait} ms`)
      now += wait
    }
    assert.equal(now % 1_000, 0)
    perSecond.set(now % 30_000, (perSecond.get(now % 30_000) ?? 0) + 1)
  }
  assert.equal(perSecond.size, 30)
  for (const count of perSecond.values()) assert.ok(Math.abs(count - 5_000 / 30) < 2)
})

test('a timer that fires a moment early or late neither takes a turn twice nor drifts', () => {
  assert.equal(untilTurnMs(29_999, 30_000, 0), 30_001)
  assert.equal(untilTurnMs(30_040, 30_000, 0), 29_960)
})
