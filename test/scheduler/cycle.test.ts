import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { cycle, feasibleWanted, preview, toCycle } from '../../core/scheduler/cycle.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { plugins } from '../../core/scheduler/plugins.ts'
import { node, pod } from './world.ts'
import { LiveCache } from '../loop/live-cache.ts'

const run = (world: LiveCache, one: Pod) => cycle(podInfo(one), Machines.of(world), 0)

test('a Pod too big for any node: upstream words, numbers, the closest miss', () => {
  const world = new LiveCache().put(node('n1'), node('n2', { allocatable: { memory: '6Gi' } }), pod('old', { requests: { memory: '3Gi' }, spec: { nodeName: 'n2' } }))
  const outcome = run(world, pod('big', { requests: { memory: '12Gi' } }))
  assert.equal(outcome.message, '0/2 nodes are available: 2 Insufficient memory. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.')
  assert.equal(outcome.say, 'needs 12 GiB of memory, the most free is 8 GiB on n1, and would not fit there even if it were empty')
  assert.equal(outcome.why, 'closest is n1: needs 12 GiB, has 8 GiB in all')
  const verdicts = outcome.verdicts().filter((verdict) => verdict.plugin === 'NodeResourcesFit')
  assert.deepEqual(verdicts.map(({ node, outcome, reason, say }) => [node, outcome, reason, say]), [
    ['n1', 'unresolvable', 'Insufficient memory', 'needs 12 GiB, has 8 GiB in all'],
    ['n2', 'unresolvable', 'Insufficient memory', 'needs 12 GiB, 3 GiB free'],
  ])
})

test('every verdict of a placed Pod, and why there', () => {
  const world = new LiveCache().put(node('n1'), node('n2'), pod('old', { requests: { cpu: '2', memory: '2Gi' }, spec: { nodeName: 'n1' } }))
  const result = preview(pod('new', { requests: { cpu: '100m', memory: '128Mi' } }), world, 7)
  assert.equal(result.chosen, 'n2')
  assert.equal(result.message, 'Successfully assigned default/new to n2')
  assert.equal(result.say, 'placed new on n2, most room: 8 of 8 GiB memory and 4 of 4 CPU free')
  assert.deepEqual([...new Set(result.verdicts.map((verdict) => verdict.node))].sort(), ['n1', 'n2'])
  assert.ok(result.verdicts.some((verdict) => verdict.stage === 'score' && verdict.plugin === 'NodeResourcesFit' && verdict.score !== undefined))
  assert.equal(JSON.parse(JSON.stringify(result)).verdicts.length, result.verdicts.length)
})

test('a cycle explains the state it saw, not the present one', () => {
  const world = new LiveCache().put(node('n1'))
  const machines = Machines.of(world)
  const outcome = cycle(podInfo(pod('a', { requests: { cpu: '1' } })), machines, 0)
  const before = toCycle(outcome, 1)
  machines.assume(podInfo(pod('b', { requests: { cpu: '3' } })), 'n1')
  assert.deepEqual(toCycle(outcome, 1), before)
})

test('no nodes, cordoned nodes, taints', () => {
  assert.equal(run(new LiveCache(), pod('a')).message, 'no nodes available to schedule pods')
  const world = new LiveCache().put(node('n1', { spec: { unschedulable: true } }), node('n2', { spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] } }))
  const outcome = run(world, pod('a'))
  assert.equal(outcome.message, '0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.')
  assert.equal(outcome.say, 'n1 is cordoned and takes no new Pods')
  assert.equal(run(world, pod('b', { spec: { tolerations: [{ operator: 'Exists' }] } })).chosen !== undefined, true)
})

test('replicas of a ReplicaSet spread over the nodes, also beside other Pods', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }
  const world = new LiveCache().put(...['n1', 'n2', 'n3'].map((name) => node(name)), {
    apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'default', uid: 'rs', resourceVersion: '1', creationTimestamp: '' }, spec: { selector: { matchLabels: { app: 'web' } } },
  } as KubeObject)
  world.put(pod('filler', { requests: { cpu: '500m' }, spec: { nodeName: 'n2' } }))
  const machines = Machines.of(world)
  const counts: Record<string, number> = {}
  for (let i = 0; i < 9; i++) {
    const info = podInfo(pod(`web-${i}`, { labels: { app: 'web' }, requests: { cpu: '50m' }, meta: { ownerReferences: [owner] } }))
    const chosen = cycle(info, machines, 0).chosen!.name
    counts[chosen] = (counts[chosen] ?? 0) + 1
    machines.assume(info, chosen)
  }
  assert.deepEqual(counts, { n1: 3, n2: 3, n3: 3 })
})

test('the books return to where they were when Pods go', () => {
  const world = new LiveCache().put(node('n1'))
  const machines = Machines.of(world)
  const before = { ...machines.node('n1')! }
  const one = pod('a', { requests: { cpu: '1', 'x.io/gpu': '1' }, spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80 }], resources: { requests: { cpu: '1', 'x.io/gpu': '1' } } }] } })
  machines.counts('default', { matchLabels: {} })
  machines.apply({ type: 'ADDED', object: one, revision: 1 })
  assert.equal(machines.node('n1')!.usedCpu, 1000)
  assert.deepEqual([...machines.counts('default', { matchLabels: {} })], [['n1', 1]])
  const change = machines.apply({ type: 'MODIFIED', object: { ...one, status: { phase: 'Succeeded' } }, previous: one, revision: 2 })
  assert.equal(change?.kind === 'Pod' && change.what, 'removed')
  assert.deepEqual({ ...machines.node('n1')!, usedOther: {} }, before)
  assert.equal(machines.counts('default', { matchLabels: {} }).size, 0)
})

test('a Pod bound to a node that comes later is counted when it does', () => {
  const machines = Machines.of(new LiveCache())
  machines.apply({ type: 'ADDED', object: pod('a', { requests: { cpu: '1' }, spec: { nodeName: 'n1' } }), revision: 1 })
  machines.apply({ type: 'ADDED', object: node('n1'), revision: 2 })
  assert.equal(machines.node('n1')!.usedCpu, 1000)
  assert.equal(machines.apply({ type: 'MODIFIED', object: node('n1'), revision: 3 }), undefined, 'a heartbeat is no change')
  assert.equal(machines.node('n1')!.usedCpu, 1000)
})

test('how many nodes are looked at', () => {
  assert.deepEqual([1, 99, 100, 250, 1_000, 5_000, 10_000].map((nodes) => feasibleWanted(nodes)), [1, 99, 100, 120, 420, 500, 500])
})

test('every plugin that filters names the changes that could change its verdict', () => {
  // Gates and names only change with the Pod itself.
  for (const plugin of plugins) if (plugin.filter) assert.ok(plugin.wakesOn.length > 0, plugin.name)
})

test('matchLabelKeys and mismatchLabelKeys of affinity terms stand for the Pod’s own labels', () => {
  const term = (more: object) => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } }, ...more }] } } })
  const world = new LiveCache().put(node('n1'), pod('old', { labels: { app: 'web', version: '1' }, spec: { nodeName: 'n1' } }))
  const next = (more: object) => run(world, pod('new', { labels: { app: 'web', version: '2' }, spec: term(more) }))
  assert.equal(next({}).chosen, undefined)
  assert.equal(next({ matchLabelKeys: ['version'] }).chosen?.name, 'n1')
  assert.equal(next({ mismatchLabelKeys: ['version'] }).chosen, undefined)
})
