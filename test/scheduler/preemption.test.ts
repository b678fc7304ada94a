/** Whom a Pod may displace, and what it says of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { cycle, toCycle } from '../../core/scheduler/cycle.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { node, pod } from './world.ts'
import { LiveCache } from '../loop/live-cache.ts'

const running = (name: string, on: string, cpu: string, priority: number, more: { labels?: Record<string, string>; started?: string; spec?: object } = {}): Pod =>
  pod(name, { labels: more.labels ?? {}, requests: { cpu }, spec: { nodeName: on, priority, containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu } } }], ...more.spec }, status: { phase: 'Running', startTime: more.started ?? '2026-01-01T00:00:00Z' } })
const wants = (cpu: string, priority: number, spec: object = {}, status: object = { phase: 'Pending' }): Pod =>
  pod('high', { requests: { cpu }, spec: { priority, containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu } } }], ...spec }, status })
const budget = (name: string, labels: Record<string, string>, disruptionsAllowed: number): KubeObject =>
  ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' }, spec: { selector: { matchLabels: labels } }, status: { disruptionsAllowed } }) as KubeObject
const run = (world: LiveCache, one: Pod) => cycle(podInfo(one), Machines.of(world), 0)
const victims = (outcome: ReturnType<typeof run>) => outcome.rescue?.preemption?.victims.map((victim) => victim.pod.metadata.name)

test('evicts as few as it must, the least important first, and promises the node', () => {
  const world = new LiveCache().put(node('n1', { allocatable: { cpu: '4' } }), running('a', 'n1', '1', 10), running('b', 'n1', '1', 5), running('c', 'n1', '1', 5, { started: '2026-01-02T00:00:00Z' }), running('d', 'n1', '1', 100))
  const outcome = run(world, wants('1', 50))
  assert.deepEqual(victims(outcome), ['c'], 'of equals the one that started last')
  assert.equal(outcome.rescue?.nominate, 'n1')
  assert.equal(outcome.message, '0/1 nodes are available: 1 Insufficient cpu.')
  assert.deepEqual(victims(run(world, wants('2', 50))), ['b', 'c'])
  assert.equal(run(world, wants('4', 50)).message, '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Insufficient cpu.')
  assert.equal(run(world, wants('8', 50)).message, '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.')
})

test('goes where no budget is violated, and says which would be', () => {
  const world = new LiveCache().put(node('n1', { allocatable: { cpu: '1' } }), node('n2', { allocatable: { cpu: '1' } }), running('web-1', 'n1', '1', 0, { labels: { app: 'web' } }), running('batch', 'n2', '1', 20), budget('web', { app: 'web' }, 0))
  const outcome = run(world, wants('1', 50))
  assert.deepEqual([outcome.rescue?.nominate, victims(outcome)], ['n2', ['batch']], 'although it is more important')
  const { preemption } = toCycle(outcome, 1)
  assert.equal(preemption?.say, 'makes room on n2: evicts batch')
  assert.deepEqual(preemption?.candidates, [
    { node: 'n2', victims: ['default/batch'], budgets: [], say: 'would evict batch' },
    { node: 'n1', victims: ['default/web-1'], budgets: ['web'], say: 'would evict web-1, against PDB web' },
  ])
  world.put(budget('batch', {}, 0))
  assert.deepEqual(victims(run(world, wants('1', 50))), ['batch'], 'a budget without a selector speaks of nobody')
})

test('of nodes that cost nothing in budgets: lowest highest priority, smallest sum, fewest, latest start', () => {
  const base = () => new LiveCache().put(node('n1', { allocatable: { cpu: '2' } }), node('n2', { allocatable: { cpu: '2' } }))
  const chosen = (world: LiveCache) => run(world, wants('2', 100)).rescue?.nominate
  assert.equal(chosen(base().put(running('a', 'n1', '2', 9), running('b', 'n2', '1', 5), running('c', 'n2', '1', 5))), 'n2')
  assert.equal(chosen(base().put(running('a', 'n1', '2', 5), running('b', 'n2', '1', 5), running('c', 'n2', '1', 1))), 'n1')
  assert.equal(chosen(base().put(running('a', 'n1', '2', 5), running('b', 'n2', '2', 5, { started: '2026-01-05T00:00:00Z' }))), 'n2')
})

test('who may not: preemptionPolicy Never, and one whose victims still leave', () => {
  const world = new LiveCache().put(node('n1', { allocatable: { cpu: '1' } }), running('old', 'n1', '1', 0))
  assert.equal(run(world, wants('1', 50, { preemptionPolicy: 'Never' })).message, '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.')
  const leaving = running('old', 'n1', '1', 0)
  world.put({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:09Z' }, status: { ...leaving.status, conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] } } as Pod)
  const outcome = run(world, wants('1', 50, {}, { phase: 'Pending', nominatedNodeName: 'n1' }))
  assert.equal(outcome.message, '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to a terminating pod on the nominated node.')
  assert.equal(outcome.rescue?.nominate, undefined, 'what was promised stays')
})

test('room that is promised is kept from others of no higher priority', () => {
  const promised = pod('promised', { requests: { cpu: '1' }, spec: { priority: 50 }, status: { phase: 'Pending', nominatedNodeName: 'n1' } })
  promised.spec.containers[0]!.resources = { requests: { cpu: '1' } }
  const world = new LiveCache().put(node('n1', { allocatable: { cpu: '1' } }), promised)
  const outcome = run(world, wants('1', 50))
  assert.equal(outcome.chosen, undefined)
  assert.match(outcome.why, /n1: .*once promised is there, which room is kept for/)
  const verdict = outcome.verdicts().find(({ plugin }) => plugin === 'NodeResourcesFit')
  assert.equal(verdict?.outcome, 'unschedulable')
  assert.equal(run(world, wants('1', 51)).chosen?.name, 'n1')
  assert.equal(run(world, promised).chosen?.name, 'n1', 'itself it does not hinder')
})

test('a preemption lifts host ports, anti-affinity and spread too', () => {
  const ports = [{ containerPort: 1, hostPort: 80 }]
  const world = new LiveCache().put(node('n1', { allocatable: { cpu: '4' } }), running('old', 'n1', '100m', 0, { labels: { app: 'web' }, spec: { containers: [{ name: 'c', image: 'x:1', ports }], priority: 0 } }))
  assert.deepEqual(victims(run(world, wants('1', 50, { containers: [{ name: 'c', image: 'x:1', ports }] }))), ['old'])
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }
  assert.deepEqual(victims(run(world, wants('1', 50, { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }))), ['old'])
  world.put(running('own-terms', 'n1', '100m', 0, { spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: {} }] } } } }))
  assert.deepEqual(victims(run(world, wants('1', 50))), ['own-terms'])
})
