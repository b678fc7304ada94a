/** Pieces of the Job controller that goldens and models do not show one by one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { nextTry } from '../../../core/controllers/job/backoff.ts'
import { firstMissing, has, overlap, parseIndexes, printIndexes, total, union, withIndexes } from '../../../core/controllers/job/indexes.ts'
import { job } from '../../../core/controllers/job/job.ts'
import { Cache } from '../../../core/loop/cache.ts'

test('sets of indexes: read, joined, asked, printed', () => {
  const some = parseIndexes('0,2-4,7', 100)
  assert.equal(printIndexes(some), '0,2-4,7')
  assert.equal(total(some), 5)
  assert.deepEqual([0, 1, 3, 7, 8].map((i) => has(some, i)), [true, false, true, true, false])
  assert.equal(printIndexes(withIndexes(some, [1, 6, 6])), '0-4,6,7')
  assert.equal(printIndexes(union(parseIndexes('0-9', 100), parseIndexes('3-12,20', 100))), '0-12,20')
  assert.equal(printIndexes(parseIndexes('0-9,12', 5)), '0-4', 'what lies beyond the completions is cut off')
  assert.equal(printIndexes(parseIndexes('x,1,2-', 5)), '1', 'what cannot be read is left out')
  assert.deepEqual(firstMissing(some, 4, 100), [1, 5, 6, 8])
  assert.deepEqual(firstMissing(some, 9, 7), [1, 5, 6])
  assert.equal(overlap(some, parseIndexes('3-7', 100)), 3)
})

const ended = (at: number): Pod => ({ metadata: { creationTimestamp: '2026-01-01T00:00:00Z' }, spec: {}, status: { containerStatuses: [{ state: { terminated: { exitCode: 1, finishedAt: new Date(at).toISOString() } } }] } }) as unknown as Pod

test('the wait doubles with each failure since the last success, up to ten minutes', () => {
  const at = Date.parse('2026-01-01T01:00:00Z')
  const failures = (n: number) => Array.from({ length: n }, (_, i) => ended(at - i * 1000))
  assert.equal(nextTry([], []), undefined)
  assert.deepEqual([1, 2, 3, 6, 7, 50].map((n) => (nextTry([], failures(n))! - at) / 1000), [10, 20, 40, 320, 600, 600])
  assert.equal(nextTry([ended(at + 1)], failures(3)), undefined)
  assert.equal(nextTry([ended(at - 1500)], failures(3))! - at, 20_000)
})

test('a Pod that is refused is told, and whoever is gone is not', () => {
  const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work', namespace: 'default', uid: 'u', resourceVersion: '1' }, spec: {} } as unknown as KubeObject
  const ref = { kind: 'Job', namespace: 'default', name: 'work' }
  const input = { object, ref, snapshot: new Cache(), now: 0, awakeSinceMs: 0 }
  const step = { do: 'create', object: { kind: 'Pod', metadata: {} }, because: { code: 'SuccessfulCreate', say: '', why: '' } } as never
  const [told] = job.onFailure!(input, { step, reason: 'Forbidden', message: 'exceeded quota' })
  assert.deepEqual(told?.because.event, { type: 'Warning', message: 'Error creating: exceeded quota' })
  assert.deepEqual(job.onFailure!({ ...input, object: undefined }, { step, reason: 'Forbidden', message: 'x' }), [])
})
