import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pastOf, reachOf, stepsOf, wantedAt } from '../../../renderer/words/autoscaling.ts'
import type { JournalEntry } from '../../../electron/contract.ts'

test('Pods as a function of load: a step for each, within the bounds', () => {
  const rule = { min: 2, max: 5, target: 60 }
  assert.deepEqual([0, 1.2, 1.21, 1.8, 3, 30].map((load) => wantedAt(load, rule)), [2, 2, 3, 3, 5, 5])
  assert.deepEqual(stepsOf(rule, 10), [{ load: 0, pods: 2 }, { load: 1.2, pods: 3 }, { load: 1.8, pods: 4 }, { load: 2.4, pods: 5 }])
  for (const { load, pods } of stepsOf(rule, 10).slice(1)) assert.deepEqual([wantedAt(load, rule), wantedAt(load + 1e-6, rule)], [pods - 1, pods])
  assert.ok(reachOf([rule], 1) > 3 && reachOf([rule], 20) === 25)
})

test('the past from its journal, whole lists and single numbers alike', () => {
  const entry = (revision: number, changes: JournalEntry['changes']) => ({ revision, atMs: revision * 1000, changes }) as JournalEntry
  const past = pastOf([
    entry(3, [{ path: 'status.currentReplicas', before: 2, after: 4 }, { path: 'status.currentMetrics[Resource].resource.current.averageUtilization', before: 165, after: 82 }, { path: 'status.currentMetrics[Resource].resource.current.averageValue', before: '165m', after: '82m' }]),
    entry(1, [{ path: 'status.currentMetrics', after: '[{"resource":{"current":{"averageUtilization":165,"averageValue":"165m"},"name":"cpu"}…' }]),
  ])
  assert.deepEqual(past.pods.map(({ value }) => value), [2, 4])
  assert.deepEqual(past.measured, [{ atMs: 1000, value: 165 }, { atMs: 3000, value: 82 }])
})
