/** What the window is told of a Pod's last attempt: whom it displaces stays told while it waits for them to leave. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../core/api/types/core.ts'
import { cycle, type Outcome } from '../../core/scheduler/cycle.ts'
import { Cycles } from '../../core/scheduler/cycles.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { LiveCache } from '../loop/live-cache.ts'
import { node, pod } from './world.ts'

const low = (priority = 1, meta: object = {}, status: object = {}): Pod => pod('low', { spec: { nodeName: 'n1', priority, containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu: '4' } } }] }, status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z', ...status }, meta })
/** On its way out for a preemption. */
const leaving = low(1, { deletionTimestamp: '2026-01-01T00:00:30Z' }, { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] })
const high = (status: object = {}): Pod => pod('high', { requests: { cpu: '2' }, spec: { priority: 9 }, status: { phase: 'Pending', ...status } })
const run = (one: Pod, ...others: Pod[]): Outcome => cycle(podInfo(one), Machines.of(new LiveCache().put(node('n1'), ...others)), 0)

const uid = 'uid-high'

test('whom it displaces is told by later attempts too, as long as it waits for that node', () => {
  const cycles = new Cycles()
  cycles.set(run(high(), low()), 1)
  const first = cycles.of(uid)?.preemption
  assert.equal(first?.chosen, 'n1')
  assert.deepEqual(first?.candidates.map(({ node: on, victims }) => [on, victims]), [['n1', ['default/low']]])

  const second = run(high({ nominatedNodeName: 'n1' }), leaving)
  assert.equal(second.rescue?.preemption, undefined, 'the attempt itself only says that it waits')
  cycles.set(second, 2, 5_000)
  const told = cycles.of(uid)
  assert.deepEqual([told?.attempt, told?.nextTryMs], [2, 5_000])
  assert.equal(told?.preemption?.say, second.rescue?.say, 'the words are those of the last attempt')
  assert.deepEqual([told?.preemption?.chosen, told?.preemption?.candidates], [first?.chosen, first?.candidates])

  cycles.set(run(high({ nominatedNodeName: 'n1' }), leaving), 3)
  assert.deepEqual(cycles.of(uid)?.preemption?.candidates, first?.candidates, 'and by the third')
})

test('it is told no more once the node is not promised to it, or it has one', () => {
  const cycles = new Cycles()
  cycles.set(run(high(), low()), 1)
  cycles.set(run(high(), low(20)), 2)
  assert.deepEqual(cycles.of(uid)?.preemption?.candidates ?? [], [], 'nothing is promised')

  cycles.set(run(high(), low()), 3)
  cycles.set(run(high({ nominatedNodeName: 'n2' }), low(20)), 4)
  assert.deepEqual(cycles.of(uid)?.preemption?.candidates ?? [], [], 'another node is')

  cycles.set(run(high(), low()), 5)
  cycles.set(run(high({ nominatedNodeName: 'n1' })), 6)
  assert.deepEqual([cycles.of(uid)?.chosen, cycles.of(uid)?.preemption], ['n1', undefined], 'it is placed')
  cycles.set(run(high({ nominatedNodeName: 'n1' }), leaving), 7)
  assert.deepEqual(cycles.of(uid)?.preemption?.candidates ?? [], [], 'and what was before is forgotten')
})

test('a Pod that is forgotten has no cycle', () => {
  const cycles = new Cycles()
  cycles.set(run(high(), low()), 1)
  cycles.forget(uid)
  cycles.forget('nobody')
  assert.equal(cycles.of(uid), undefined)
  cycles.set(run(high({ nominatedNodeName: 'n1' }), leaving), 2)
  assert.deepEqual(cycles.of(uid)?.preemption?.candidates ?? [], [], 'nor whom it displaced')
})

test('only so many looked-at nodes are kept: the oldest cycles go first', () => {
  const cycles = new Cycles()
  const outcome = run(high())
  for (let i = 0; i < 3; i++) cycles.set({ ...outcome, looked: 150_000, pod: { ...outcome.pod, uid: `p${i}` } }, 1)
  assert.deepEqual(['p0', 'p1', 'p2'].map((one) => cycles.of(one) !== undefined), [false, true, true])
  cycles.set({ ...outcome, looked: 1, pod: { ...outcome.pod, uid: 'p1' } }, 2)
  cycles.set({ ...outcome, looked: 150_000, pod: { ...outcome.pod, uid: 'p3' } }, 1)
  assert.deepEqual(['p1', 'p2', 'p3'].map((one) => cycles.of(one) !== undefined), [true, true, true], 'a new attempt replaces the old one, and its weight')
})
