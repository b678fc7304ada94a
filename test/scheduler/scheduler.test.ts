/** The loop against a small server in memory: bindings, words for those who wait, waking up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { PodSpec } from '../../core/api/types/core.ts'
import { cluster } from './cluster.ts'
import { node, pod } from './world.ts'

test('binds side by side, sees its own placements at once, and says why', async () => {
  const c = cluster(node('n1', { allocatable: { cpu: '1' } }), node('n2', { allocatable: { cpu: '1' } }), ...[1, 2, 3].map((i) => pod(`p${i}`, { requests: { cpu: '600m' } })))
  await c.settle()
  assert.deepEqual(c.binds.map(({ node }) => node).sort(), ['n1', 'n2'])
  assert.equal(c.state.most, 2, 'both under way at once')
  assert.equal(c.events.filter(({ reason }) => reason === 'Scheduled').length, 2)
  assert.equal(c.events.find(({ reason }) => reason === 'FailedScheduling')?.message, '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.')
  const waiting = c.patches[0]!
  const condition = (waiting.body as { status: { conditions: { type: string; status: string; reason: string; message: string }[] } }).status.conditions[0]!
  assert.deepEqual([condition.type, condition.status, condition.reason], ['PodScheduled', 'False', 'Unschedulable'])
  const kept = c.scheduler.cycles.of(`uid-${waiting.ref.name}`)!
  assert.equal(kept.say, 'needs 0.6 CPU, the most free is 0.4 CPU on n1')
  assert.equal(kept.nextTryMs, 300_000)
  await c.end()
})

test('a new machine or a freed one wakes those that it helps', async () => {
  const c = cluster(node('n1', { allocatable: { cpu: '1' } }), pod('old', { requests: { cpu: '1' }, spec: { nodeName: 'n1' } }), pod('new', { requests: { cpu: '1' } }))
  await c.settle()
  assert.equal(c.binds.length, 0)
  c.change('DELETED', c.cache.get('Pod', 'default', 'old')!)
  await c.settle()
  assert.deepEqual(c.binds.map((bind) => [bind.pod, bind.node, bind.why]), [['new', 'n1', 'the only node, and it fits']])
  await c.end()
})

test('who goes elsewhere than where room was made for it wakes those who may use that room', async () => {
  const c = cluster(
    node('n1', { allocatable: { cpu: '1', 'example.com/x': '1' } }), node('n2', { allocatable: { cpu: '1' } }),
    pod('old', { requests: { cpu: '700m' }, spec: { nodeName: 'n1', priority: 0 } }), pod('filler', { requests: { cpu: '1' }, spec: { nodeName: 'n2', priority: 100 } }),
    pod('big', { requests: { cpu: '1' }, spec: { priority: 10 } }),
  )
  await c.settle()
  assert.deepEqual(c.deleted, ['old'])
  c.change('ADDED', pod('small', { requests: { cpu: '300m', 'example.com/x': '1' }, spec: { priority: 0 } }))
  await c.settle()
  assert.equal(c.binds.length, 0, 'what is free on n1 is kept for the big one, while the old one ends')
  c.change('DELETED', c.cache.get('Pod', 'default', 'filler')!)
  await c.clock.run(10_000)
  await c.settle()
  assert.deepEqual(c.binds.map((bind) => [bind.pod, bind.node]), [['big', 'n2'], ['small', 'n1']])
  await c.end()
})

test('a Pod that takes the label off itself makes room in a spread', async () => {
  const spread: Partial<PodSpec> = { topologySpreadConstraints: [{ topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }] }
  const old = pod('old', { labels: { app: 'web' }, spec: { nodeName: 'n1' } })
  const c = cluster(node('n1'), node('n2', { spec: { unschedulable: true } }), old, pod('new', { labels: { app: 'web' }, spec: spread }))
  await c.settle()
  assert.equal(c.binds.length, 0)
  c.change('MODIFIED', { ...old, metadata: { ...old.metadata, labels: { app: 'other' } } })
  await c.clock.run(1_000)
  await c.settle()
  assert.deepEqual(c.binds.map((bind) => [bind.pod, bind.node]), [['new', 'n1']])
  await c.end()
})

test('a refused binding frees the place, is told, and is tried again after its back-off', async () => {
  const c = cluster(node('n1'), pod('a'))
  c.state.refuse = new ApiError('InternalError', 'disk full')
  await c.settle()
  assert.equal(c.binds.length, 0)
  assert.deepEqual(c.events.map(({ message }) => message), ['binding rejected: disk full'])
  delete c.state.refuse
  await c.clock.run(999)
  await c.settle()
  assert.equal(c.binds.length, 0)
  await c.clock.run(1)
  await c.settle()
  assert.equal(c.binds.length, 1)
  await c.end()
})

test('leaves alone what is not its own: other schedulers, Pods that go, Pods placed by hand', async () => {
  const c = cluster(node('n1'), pod('other', { spec: { schedulerName: 'mine' } }), pod('going', { meta: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), pod('placed', { spec: { nodeName: 'n1' } }))
  await c.settle()
  assert.equal(c.binds.length + c.patches.length + c.events.length, 0)
  assert.equal(c.scheduler.waiting, 0)
  await c.end()
})

for (const nodes of [20, 1_000]) {
  test(`1,000 Pods over ${nodes} nodes in seconds at the very most`, async () => {
    const pods = Array.from({ length: 1_000 }, (_, i) => pod(`p${i}`, { labels: { app: 'web' }, requests: { cpu: '10m', memory: '16Mi' } }))
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default', uid: 'svc', resourceVersion: '1', creationTimestamp: '' }, spec: { selector: { app: 'web' } } } as KubeObject
    const began = performance.now()
    const c = cluster(...Array.from({ length: nodes }, (_, i) => node(`n${i}`)), service, ...pods)
    await c.settle()
    const tookMs = performance.now() - began
    assert.equal(c.binds.length, 1_000)
    const perNode = new Map<string, number>()
    for (const bind of c.binds) perNode.set(bind.node, (perNode.get(bind.node) ?? 0) + 1)
    assert.ok(Math.max(...perNode.values()) <= Math.max(51, 2), `even: at most ${Math.max(...perNode.values())} on one`)
    // Generous, because the machine is shared; the bench measures.
    assert.ok(tookMs < 5_000, `took ${Math.round(tookMs)} ms`)
    process.stderr.write(`# ${nodes} nodes: ${Math.round(1_000 / (tookMs / 1_000))} Pods/s\n`)
    await c.end()
  })
}
