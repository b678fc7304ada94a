import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DecisionRecord, QueuePlace, SchedulingCycle } from '../../../../electron/contract.ts'
import { compared } from '../../../../renderer/views/why/compared.ts'
import { decidedRows, queueWords, telling } from '../../../../renderer/views/why/decided.ts'

const now = 1_000_000
const ref = { kind: 'StatefulSet', namespace: 'default', name: 'web' }
const record = (actor: string, say: string, more: Partial<DecisionRecord> = {}): DecisionRecord => ({ actor, ref, revision: 1, because: { code: 'X', say, why: 'because' }, steps: [], firstMs: now - 5_000, lastMs: now - 5_000, count: 1, outcome: 'done', tookMs: 1, ...more })

test('decisions: the newest of each planner, failures and waits first, with a countdown', () => {
  const rows = decidedRows([
    record('controller:statefulset-controller', 'nothing to do', { lastMs: now - 90_000 }),
    record('controller:statefulset-controller', 'waiting for web-1 to be Ready', { dueMs: now + 12_000, lastMs: now - 1_000 }),
    record('controller:garbage-collector-controller', 'nothing to do'),
    record('controller:job-controller', 'makes 3 Pods', { outcome: 'failed', error: 'quota exceeded', dueMs: now + 4_000 }),
  ], ref, now)
  assert.deepEqual(rows.map((row) => [row.mark, row.say, row.due]), [['failing', 'makes 3 Pods', 'next try in 4 s'], ['waiting', 'waiting for web-1 to be Ready', 'looks again in 12 s'], ['finished', 'nothing to do', undefined]])
  assert.deepEqual(telling(rows, now).map((row) => row.mark), ['failing', 'waiting'])
  assert.equal(rows[0]!.about, undefined)
})

test('the queue in a sentence, for each place in it', () => {
  const place = (state: QueuePlace['state'], more: Partial<QueuePlace> = {}): QueuePlace => ({ state, sinceMs: now - 60_000, attempts: 3, priority: 0, rejectedBy: [], wakesOn: [], gates: [], ...more })
  assert.match(queueWords(place('gated', { gates: ['a', 'b'] }), now).say, /Held by 2 scheduling gates: a and b\. Nothing is tried until they are lifted/)
  assert.match(queueWords(place('backing-off', { dueMs: now + 4_000 }), now).say, /In back-off; next try in 4 s/)
  const waiting = queueWords(place('waiting', { dueMs: now + 60_000, rejectedBy: ['NodeResourcesFit'], wakesOn: ['Node', 'Pod removed'] }), now)
  assert.equal(waiting.say, 'Waits until something helps: a machine joins or changes, a Pod goes. Tried again in 1 min in any case.')
  assert.equal(waiting.detail, 'Tried 3 times; in the queue for 1 min, priority 0. Said no: NodeResourcesFit.')
})

test('a cycle by machine: who said no with the numbers, who gave points; the chosen first', () => {
  const cycle: SchedulingCycle = {
    pod: { namespace: 'default', name: 'p', uid: 'u' }, atMs: now, attempt: 1, chosen: 'n2', message: '', say: '',
    verdicts: [
      { plugin: 'NodeResourcesFit', node: 'n1', stage: 'filter', outcome: 'unschedulable', reason: 'Insufficient memory', say: 'needs 4 GiB, 2.1 GiB free' },
      { plugin: 'TaintToleration', node: 'n1', stage: 'filter', outcome: 'fits', say: 'no taints' },
      { plugin: 'NodeResourcesFit', node: 'n2', stage: 'filter', outcome: 'fits', say: 'needs 4 GiB, 6 GiB free' },
      { plugin: 'NodeResourcesFit', node: 'n2', stage: 'score', outcome: 'score', say: '6 GiB free', score: 80, weight: 2 },
    ],
  }
  const [first, second] = compared(cycle)
  assert.deepEqual([first!.node, first!.total, first!.plugins.map((p) => [p.name, p.no, p.score, p.say])], ['n2', 160, [['NodeResourcesFit', false, 80, 'needs 4 GiB, 6 GiB free; 6 GiB free']]])
  assert.deepEqual(second!.plugins.map((p) => [p.name, p.no]), [['NodeResourcesFit', true], ['TaintToleration', false]])
})
