import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Machines } from '../../core/scheduler/machines.ts'
import { nodeInfo } from '../../core/scheduler/node-info.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { SchedulingQueue } from '../../core/scheduler/queue.ts'
import { node, pod } from './world.ts'
import { LiveCache } from '../loop/live-cache.ts'

const view = Machines.of(new LiveCache())
const info = (name: string, spec: object = {}) => podInfo(pod(name, { spec }))
const added = (name: string) => ({ kind: 'Node' as const, what: ['added' as const], node: nodeInfo(node(name)) })
const fit = new Set(['NodeResourcesFit'])

test('highest priority first, then the order of arrival', () => {
  const queue = new SchedulingQueue()
  for (const [name, priority] of [['a', 0], ['b', 10], ['c', 0], ['d', 10]] as const) queue.put(info(name, { priority }), false, 0)
  assert.deepEqual([1, 2, 3, 4].map(() => queue.pop(0)?.info.pod.metadata.name), ['b', 'd', 'a', 'c'])
  assert.equal(queue.pop(0), undefined)
})

test('a Pod that failed waits for a change that helps, and backs off while others are active', () => {
  const queue = new SchedulingQueue()
  queue.put(info('a'), false, 0)
  const entry = queue.pop(0)!
  assert.equal(queue.fail(entry, fit, 0), 300_000)
  assert.equal(queue.pop(10_000), undefined)
  assert.equal(queue.wake({ kind: 'Node', what: ['labels'], node: nodeInfo(node('n')) }, 10, view), false)
  assert.equal(queue.wake(added('n'), 10, view), true)
  assert.equal(entry.state, 'backing-off')
  queue.put(info('b'), false, 20)
  assert.equal(queue.pop(20)?.info.pod.metadata.name, 'b', 'the back-off is kept while another is active')
  assert.equal(queue.pop(20)?.uid, entry.uid, 'and cut short when none is')
})

test('errors back off 1 s, doubling to 10 s, and nothing cuts that short', () => {
  const queue = new SchedulingQueue()
  queue.put(info('a'), false, 0)
  let now = 0
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    const entry = queue.pop(now)!
    assert.equal(queue.error(entry, now), now + seconds * 1000)
    assert.equal(queue.nextDueMs(), now + seconds * 1000)
    assert.equal(queue.pop(now + seconds * 1000 - 1), undefined)
    now += seconds * 1000
  }
})

test('after five minutes a Pod is tried again whatever happens', () => {
  const queue = new SchedulingQueue()
  queue.put(info('a'), false, 0)
  queue.fail(queue.pop(0)!, fit, 0)
  assert.equal(queue.nextDueMs(), 300_000)
  assert.equal(queue.pop(299_999), undefined)
  assert.equal(queue.pop(300_000)?.uid, 'uid-a')
})

test('gates hold a Pod back until they are gone; what it asks for may change; a removed Pod never comes up', () => {
  const queue = new SchedulingQueue()
  queue.put(info('a', { schedulingGates: [{ name: 'x/y' }] }), false, 0)
  assert.equal(queue.pop(0), undefined)
  assert.equal(queue.wake(added('n'), 0, view), false)
  queue.put(info('a'), true, 0)
  const entry = queue.pop(0)!
  queue.fail(entry, new Set(['NodeAffinity']), 0)
  queue.put(info('a', { tolerations: [{ operator: 'Exists' }] }), true, 5_000)
  assert.equal(queue.pop(5_000), entry)
  queue.put(info('b'), false, 0)
  queue.remove('uid-b')
  assert.equal(queue.pop(0), undefined)
  assert.equal(queue.size, 1)
})
