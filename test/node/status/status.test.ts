import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '../../../core/api/types/core.ts'
import { podStatus, type StatusFacts } from '../../../core/node/status/status.ts'
import { difference } from '../../../core/node/status/status-writer.ts'
import { container, ended, nowMs, pod, run, sandbox } from '../builders.ts'

const status = (facts: Partial<StatusFacts>): PodStatus =>
  podStatus({ pod: pod(), before: { phase: 'Pending' }, containers: [], nowMs, hostIP: '10.0.0.2', scheme: 'docker', waiting: new Map(), ready: () => true, started: () => true, terminationMessage: () => undefined, finished: false, ...facts })
const conditions = (s: PodStatus) => s.conditions!.map(({ type, status: value, reason }) => `${type}=${value}${reason ? ` ${reason}` : ''}`)

test('status: before anything runs', () => {
  const s = status({})
  assert.equal(s.phase, 'Pending')
  assert.deepEqual(conditions(s), ['PodReadyToStartContainers=False', 'Initialized=True', 'Ready=False ContainersNotReady', 'ContainersReady=False ContainersNotReady', 'PodScheduled=True'])
  assert.equal(s.conditions![2]!.message, 'containers with unready status: [app]')
  assert.deepEqual(s.containerStatuses![0]!.state, { waiting: { reason: 'ContainerCreating' } })
  assert.equal(s.qosClass, 'BestEffort')
})

test('status: running and ready', () => {
  const s = status({ containers: [sandbox(), run('app')] })
  assert.equal(s.phase, 'Running')
  assert.deepEqual(conditions(s), ['PodReadyToStartContainers=True', 'Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True'])
  assert.deepEqual(s.podIPs, [{ ip: '10.244.0.9' }])
  assert.equal(s.containerStatuses![0]!.containerID, 'docker://app-0')
  assert.equal(s.containerStatuses![0]!.imageID, 'sha256:1')
})

test('status: a transition keeps its time until the status turns', () => {
  const first = status({ containers: [sandbox(), run('app')] })
  const later = status({ before: first, nowMs: nowMs + 60_000, containers: [sandbox(), run('app')] })
  assert.deepEqual(later.conditions, first.conditions)
  assert.equal(difference(first, later), undefined)
  const down = status({ before: first, nowMs: nowMs + 60_000, containers: [sandbox(), run('app')], ready: () => false })
  assert.equal(down.conditions!.find(({ type }) => type === 'Ready')!.lastTransitionTime, '2026-11-22T12:01:00Z')
  assert.deepEqual(Object.keys(difference(first, down)!), ['conditions', 'containerStatuses'])
  assert.deepEqual((difference(first, down)!['conditions'] as { type: string }[]).map(({ type }) => type), ['Ready', 'ContainersReady'])
})

test('status: a crash loop keeps the last end and counts runs', () => {
  const s = status({ containers: [sandbox(), ended('app', 3, { attempt: 2 })], waiting: new Map([['app', { reason: 'CrashLoopBackOff', message: 'back-off 20s …' }]]), terminationMessage: () => 'no database' })
  assert.equal(s.phase, 'Running')
  const app = s.containerStatuses![0]!
  assert.equal(app.restartCount, 2)
  assert.equal(app.state?.waiting!.reason, 'CrashLoopBackOff')
  assert.deepEqual({ ...app.lastState?.terminated, startedAt: '', finishedAt: '' }, { exitCode: 3, reason: 'Error', message: 'no database', startedAt: '', finishedAt: '', containerID: 'docker://app-2' })
})

test('status: the end before the present run is shown', () => {
  const s = status({ containers: [sandbox(), ended('app', 137, { oomKilled: true }), run('app', { attempt: 1 })] })
  assert.equal(s.containerStatuses![0]!.lastState?.terminated!.reason, 'OOMKilled')
})

test('status: what could not be started', () => {
  const { startedMs: _, ...never } = ended('app', 128, { error: 'exec: "nope": not found' })
  const s = status({ containers: [sandbox(), never] })
  assert.deepEqual({ ...s.containerStatuses![0]!.state?.terminated, finishedAt: '' }, { exitCode: 128, reason: 'StartError', message: 'exec: "nope": not found', startedAt: '1970-01-01T00:00:00Z', finishedAt: '', containerID: 'docker://app-0' })
})

test('status: ended for good', () => {
  const never = pod({ restartPolicy: 'Never' })
  const done = status({ pod: never, finished: true, containers: [ended('app', 0)] })
  assert.equal(done.phase, 'Succeeded')
  assert.deepEqual(conditions(done), ['PodReadyToStartContainers=False', 'Initialized=True PodCompleted', 'Ready=False PodCompleted', 'ContainersReady=False PodCompleted', 'PodScheduled=True'])
  const failed = status({ pod: never, finished: true, containers: [ended('app', 1)] })
  assert.equal(failed.phase, 'Failed')
  assert.ok(conditions(failed).includes('Ready=False PodFailed'))
  assert.equal(status({ pod: never, finished: true, before: done, containers: [] }).containerStatuses![0]!.state?.terminated!.exitCode, 0)
})

test('status: init containers hold the Pod in Pending', () => {
  const wanted = pod({ initContainers: [container('i1'), container('i2')] })
  const s = status({ pod: wanted, containers: [sandbox(), ended('i1', 0, { kind: 'init' }), run('i2', { kind: 'init' })] })
  assert.equal(s.phase, 'Pending')
  assert.deepEqual(s.initContainerStatuses!.map(({ ready }) => ready), [true, false])
  assert.equal(s.containerStatuses![0]!.state?.waiting!.reason, 'PodInitializing')
  assert.ok(conditions(s).includes('Initialized=False ContainersNotInitialized'))
  assert.equal(s.conditions!.find(({ type }) => type === 'Initialized')!.message, 'containers with incomplete status: [i2]')
})

test('status: a container that vanished says so', () => {
  const before = status({ containers: [sandbox(), run('app')] })
  const s = status({ before, containers: [sandbox()] })
  assert.equal(s.containerStatuses![0]!.lastState?.terminated!.reason, 'ContainerStatusUnknown')
})

test('status: readiness gates', () => {
  const gated = pod({ readinessGates: [{ conditionType: 'example.com/ok' }] })
  const s = status({ pod: gated, containers: [sandbox(), run('app')] })
  const ready = s.conditions!.find(({ type }) => type === 'Ready')!
  assert.equal(ready.reason, 'ReadinessGatesNotReady')
  assert.equal(ready.message, 'corresponding condition of pod readiness gate "example.com/ok" does not exist.')
})

test('status: addresses are replaced, not merged', () => {
  assert.deepEqual(difference({ podIPs: [{ ip: '10.0.0.1' }] }, { podIPs: [{ ip: '10.0.0.2' }] }), { podIPs: [{ ip: '10.0.0.2' }, { $patch: 'replace' }] })
})
