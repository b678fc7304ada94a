import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { Objects } from '../../../renderer/cluster/objects.ts'
import { groupApps } from '../../../renderer/graph/apps.ts'
import { columns } from '../../../renderer/graph/columns.ts'
import { compact } from '../../../renderer/graph/compact.ts'
import { ModelMemo } from '../../../renderer/graph/memo.ts'
import type { AppModel } from '../../../renderer/graph/model.ts'
import { wantsColumns } from '../../../renderer/graph/world.ts'
import { outlineRows } from '../../../renderer/views/home/outline-rows.ts'
import { iso, Maker } from '../fixture/objects.ts'

const now = Date.parse('2026-11-22T12:00:30Z')
const template = (labels: Record<string, string>, image = 'app:1') => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image }] } })
const owned = (by: KubeObject) => ({ ownerReferences: [{ apiVersion: by.apiVersion, kind: by.kind, name: by.metadata.name, uid: by.metadata.uid, controller: true }] })
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ name: 'c', image: 'app:1', imageID: '', ready: true, started: true, restartCount: 0, state: { running: { startedAt: iso(now - 60_000) } }, lastState: {} }] }

function pod(make: Maker, by: KubeObject, suffix: string, status: Record<string, unknown>, meta: Record<string, unknown> = {}, node: string | undefined = 'one'): KubeObject {
  return make.add('Pod', 'v1', 'default', `${by.metadata.name}-${suffix}`, { spec: { containers: [{ name: 'c', image: 'app:1' }], ...(node === undefined ? {} : { nodeName: node }) }, status }, { ...owned(by), ...meta })
}
function job(make: Maker, name: string, spec: Record<string, unknown>, status: Record<string, unknown>, meta: Record<string, unknown> = {}, ageMs = 60_000): KubeObject {
  return make.add('Job', 'batch/v1', 'default', name, { spec: { template: template({}), parallelism: 1, completions: 1, ...spec }, status }, meta, ageMs)
}
const complete = { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }
const failed = { failed: 1, conditions: [{ type: 'Failed', status: 'True', message: 'no' }] }

function modelsOf(make: Maker, at = now): AppModel[] {
  const objects = new Objects()
  objects.apply(make.objects.map((object) => ({ type: 'ADDED' as const, object, revision: Number(object.metadata.resourceVersion) })), make.revision)
  return new ModelMemo().models(groupApps(objects), objects, at, [])
}

test('a StatefulSet: ordinals in order, an old Pod inside leaves its place outside free', () => {
  const make = new Maker(now)
  make.node('one', { cpu: '4', memory: '8Gi' })
  const set = make.add('StatefulSet', 'apps/v1', 'default', 'db', { spec: { replicas: 4, selector: {}, template: template({ app: 'db' }) }, status: { updateRevision: 'db-b', currentRevision: 'db-a', replicas: 3, observedGeneration: 1 } }, { generation: 1 })
  for (const [n, hash] of [['2', 'db-b'], ['0', 'db-a'], ['10', 'db-b'], ['1', 'db-a']] as const) pod(make, set, n, running, { labels: { 'controller-revision-hash': hash } })
  const [app] = modelsOf(make)
  const [workload] = app!.workloads
  assert.deepEqual(workload!.sets[0]!.pods.map((one) => one.name), ['db-0', 'db-1', 'db-2', 'db-10'])
  assert.equal(workload!.emblem.core, 'square')
  assert.deepEqual(workload!.emblem.outer, ['planned', 'planned', 'ready', 'planned', 'ready'])
  assert.deepEqual(workload!.emblem.inner, ['ready', 'ready'])
  const content = columns(app!)
  assert.deepEqual(content.items.filter((item) => item.face.type === 'set'), [], 'its Pods stand beside it, without a column between')
  assert.equal(content.lines.filter((line) => line.source === workload!.id && line.kind === 'owns').length, 4)
})

test("a DaemonSet's Pods are called by their machines", () => {
  const make = new Maker(now)
  for (const name of ['b', 'a']) make.node(name, { cpu: '4', memory: '8Gi' })
  const ds = make.add('DaemonSet', 'apps/v1', 'default', 'agent', { spec: { selector: {}, template: template({}) }, status: { desiredNumberScheduled: 3, numberReady: 2, currentNumberScheduled: 2, numberMisscheduled: 0 } })
  pod(make, ds, 'x1', running, {}, 'b')
  pod(make, ds, 'x2', running, {}, 'a')
  const [workload] = modelsOf(make)[0]!.workloads
  assert.deepEqual(workload!.sets[0]!.pods.map((one) => one.name), ['a', 'b'])
  assert.deepEqual(workload!.emblem.outer, ['ready', 'ready', 'planned'])
  assert.equal(workload!.counts, '2 of 3 ready')
})

test('an indexed Job: a place for each index, done, failed, running and to come', () => {
  const make = new Maker(now)
  make.node('one', { cpu: '4', memory: '8Gi' })
  const render = job(make, 'render', { completionMode: 'Indexed', completions: 6, parallelism: 2 }, { succeeded: 2, failed: 1, active: 1, completedIndexes: '0,2', failedIndexes: '1' })
  pod(make, render, '3-abc', running, { annotations: { 'batch.kubernetes.io/job-completion-index': '3' } })
  const [app] = modelsOf(make)
  assert.deepEqual(app!.workloads[0]!.emblem.outer, ['finished', 'failing', 'finished', 'moving', 'planned', 'planned'])
  assert.equal(app!.workloads[0]!.sets[0]!.pods[0]!.name, 'index 3')
  assert.equal(app!.counts, '2 of 6 done')
  assert.ok(wantsColumns(app!))
})

test('a lone CronJob says once when it runs next, and below its emblem how often', () => {
  const make = new Maker(now)
  make.add('CronJob', 'batch/v1', 'default', 'backup', { spec: { schedule: '30 3 * * *', jobTemplate: { spec: { template: template({ app: 'backup' }) } } }, status: {} })
  const [app] = modelsOf(make)
  assert.match(app!.counts, /^next run in /)
  assert.deepEqual(app!.workloads.map(({ counts }) => counts), ['at 03:30'])
})

test('a CronJob: what runs and what failed keeps a node, what was complete adds up', () => {
  const make = new Maker(now)
  make.node('one', { cpu: '4', memory: '8Gi' })
  const cron = make.add('CronJob', 'batch/v1', 'default', 'backup', { spec: { schedule: '*/2 * * * *', jobTemplate: { spec: { template: template({ app: 'backup' }) } } }, status: { lastScheduleTime: '2026-11-22T12:00:00Z', active: [{}] } })
  for (let i = 0; i < 5; i++) job(make, `backup-old${i}`, {}, complete, owned(cron), 3_600_000 + i * 60_000)
  for (let i = 0; i < 5; i++) job(make, `backup-bad${i}`, {}, failed, owned(cron), 1_800_000 + i * 60_000)
  const active = job(make, 'backup-now', {}, { active: 1 }, owned(cron), 10_000)
  const runs = pod(make, active, 'p', running)
  const [app, ...others] = modelsOf(make)
  assert.deepEqual(others, [], 'owned Jobs and their Pods belong to the app of their CronJob')
  const [workload] = app!.workloads
  assert.deepEqual(workload!.sets.map((set) => [set.state.mark, set.count]), [['moving', 1], ['failing', 0], ['failing', 0], ['failing', 0], ['finished', 0], ['failing', 2], ['finished', 4]])
  assert.deepEqual(workload!.sets.at(-1)!.title, '4 earlier')
  assert.equal(workload!.sets.reduce((n, set) => n + (set.title.endsWith('earlier') ? set.count : 1), 0), 11, 'every run is counted')
  assert.equal(workload!.emblem.core, 'hand')
  assert.equal(workload!.emblem.hand, 0.25)
  const content = columns(app!)
  assert.ok(content.items.some((item) => item.id === runs.metadata.uid))
  assert.equal(content.items.filter((item) => item.face.type === 'set').length, 7)
})

test('finished Jobs share an emblem, and share a box where they belong to nothing', () => {
  const make = new Maker(now)
  for (let i = 0; i < 9; i++) job(make, `one-off-${i}`, {}, complete, {}, 60_000 * (i + 1))
  job(make, 'broken', {}, failed)
  for (let i = 0; i < 6; i++) job(make, `import-${i}`, {}, complete, { labels: { app: 'import' } }, 60_000 * (i + 1))
  const models = modelsOf(make)
  assert.deepEqual(models.map((one) => one.name), ['broken', 'finished Jobs', 'import', 'one-off-0', 'one-off-1', 'one-off-2'])
  assert.equal(models[0]!.state.mark, 'failing')
  assert.deepEqual(models[2]!.workloads.map((one) => one.name), ['import-0', 'import-1', '4 earlier Jobs'])
})

test('autoscalers and budgets stand left of what they keep', () => {
  const make = new Maker(now)
  make.node('one', { cpu: '4', memory: '8Gi' })
  const web = make.deployment('default', 'web', { app: 'web', replicas: 2, image: 'nginx:1' })
  const set = make.set(web, 'a', { revision: 1, replicas: 2 })
  for (const name of ['x', 'y']) make.pod(set, name, 'one', make.ready('nginx:1'))
  const hpa = make.add('HorizontalPodAutoscaler', 'autoscaling/v2', 'default', 'web', {
    spec: { minReplicas: 2, maxReplicas: 8, scaleTargetRef: { kind: 'Deployment', name: 'web' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }] },
    status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 45 } } }] },
  })
  make.add('PodDisruptionBudget', 'policy/v1', 'default', 'web', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } }, status: { disruptionsAllowed: 1, expectedPods: 2, currentHealthy: 2, desiredHealthy: 1 } })
  make.add('PodDisruptionBudget', 'policy/v1', 'default', 'other', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'other' } } }, status: {} })
  const [app] = modelsOf(make)
  assert.deepEqual(app!.workloads[0]!.keepers.map(({ title, detail }) => [title, detail]), [['2 to 8 Pods', 'CPU 45 of 60 %'], ['1 must stay', '1 may be evicted']])
  const content = columns(app!)
  const emblem = content.items.find((item) => item.face.type === 'emblem')!
  const keepers = content.items.filter((item) => item.face.type === 'keeper')
  assert.equal(keepers.length, 2)
  assert.ok(keepers.every((item) => item.x + item.w / 2 < emblem.x - emblem.w / 2))
  assert.deepEqual(content.lines.filter((line) => line.target === emblem.id).map((line) => line.kind), ['owns', 'guards'])
  assert.ok(compact(app!, false).items.some((item) => item.face.type === 'keeper'))
  const rows = outlineRows([app!], { byNamespace: false, isOpen: () => true, keeps: () => true })
  assert.ok(rows.some((row) => row.ref?.uid === hpa.metadata.uid && row.glyph === 'autoscaler'))
})
