import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CronJob, Job } from '../../../core/api/types/batch.ts'
import type { HorizontalPodAutoscaler } from '../../../core/api/types/autoscaling-v2.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { actionsFor } from '../../../renderer/actions/available.ts'
import { drainPlan } from '../../../renderer/actions/cordon.ts'
import { deletePlan } from '../../../renderer/actions/delete.ts'
import { amountShown, amountTyped, resizeChanges, resizePlan, restartsFor } from '../../../renderer/actions/resize.ts'
import { replacementWords } from '../../../renderer/actions/restart.ts'
import { retryPlan } from '../../../renderer/actions/retry.ts'
import { rollBackPlan } from '../../../renderer/actions/roll-back.ts'
import { jobName } from '../../../renderer/actions/new-job.ts'
import { runNowPlan } from '../../../renderer/actions/run-now.ts'
import { scaleWords } from '../../../renderer/actions/scale.ts'
import { suspendPlan } from '../../../renderer/actions/suspend.ts'
import { tunePlan } from '../../../renderer/actions/tune.ts'
import { worldOf } from '../../../renderer/words/world.ts'
import { Maker } from '../fixture/objects.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const template = { metadata: { labels: { app: 'x', 'controller-uid': 'u', 'job-name': 'j', 'batch.kubernetes.io/controller-uid': 'u', 'batch.kubernetes.io/job-name': 'j' } }, spec: { containers: [{ name: 'c', image: 'a:1' }] } }
const ids = (object: Parameters<typeof actionsFor>[0]) => actionsFor(object).filter((one) => one.group > 0).map((one) => one.id)

test('a CronJob run now is what kubectl create job --from writes', () => {
  const make = new Maker(now)
  const cron = make.add('CronJob', 'batch/v1', 'ops', 'backup', { spec: { schedule: '0 3 * * *', jobTemplate: { metadata: { labels: { job: 'backup' }, annotations: { a: 'b' } }, spec: { backoffLimit: 2, template } } } }) as CronJob
  const { calls, confirm } = runNowPlan(cron, now)
  assert.equal(confirm, undefined)
  const [call] = calls
  assert.ok(call?.call === 'create')
  assert.deepEqual(call.arg.object.metadata, {
    name: jobName('backup', 'manual', now), namespace: 'ops', labels: { job: 'backup' }, annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', a: 'b' },
    ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'backup', uid: cron.metadata.uid, controller: true }],
  })
  assert.deepEqual(call.arg.object['spec'], cron.spec.jobTemplate.spec)
  assert.ok(jobName('x'.repeat(52), 'manual', now).length <= 63)
  assert.deepEqual(ids(cron), ['run-now', 'suspend', 'delete'])
  assert.deepEqual(suspendPlan(cron, true).calls[0], { call: 'patch', arg: { ref: { kind: 'CronJob', namespace: 'ops', name: 'backup', uid: cron.metadata.uid }, patch: { type: 'merge', body: { spec: { suspend: true } } }, say: 'suspended backup' } })
})

test('a Job run again leaves out what the controller wrote', () => {
  const make = new Maker(now)
  const job = make.add('Job', 'batch/v1', 'default', 'import', { spec: { completions: 3, selector: { matchLabels: { 'controller-uid': 'u' } }, manualSelector: false, template }, status: { failed: 4, conditions: [{ type: 'Failed', status: 'True' }] } }, { labels: { app: 'x', 'job-name': 'import' } }) as Job
  const [call] = retryPlan(job, now).calls
  assert.ok(call?.call === 'create')
  const { metadata, spec } = call.arg.object as unknown as Job
  assert.match(metadata.name, /^import-again-[0-9a-z]+$/)
  assert.deepEqual(metadata.labels, { app: 'x' })
  assert.deepEqual(spec, { completions: 3, template: { metadata: { labels: { app: 'x' } }, spec: template.spec } })
  const again = make.add('Job', 'batch/v1', 'default', metadata.name, { spec: job.spec, status: job.status }) as Job
  assert.match((retryPlan(again, now + 5_000).calls[0]!.arg as { object: Job }).object.metadata.name, /^import-again-[0-9a-z]+$/, 'a retry of a retry does not grow')
  assert.deepEqual(ids(job), ['retry', 'delete'])
})

test('suspending a Job that runs asks first', () => {
  const make = new Maker(now)
  const job = make.add('Job', 'batch/v1', 'default', 'import', { spec: { template }, status: { active: 2, succeeded: 1 } })
  assert.match(suspendPlan(job, true).confirm!.lines[0]!.text, /^2 Pods stop now/)
  assert.equal(suspendPlan(job, false).confirm, undefined)
})

test('tuning an autoscaler writes bounds and the first target, and keeps the other measures', () => {
  const make = new Maker(now)
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }
  const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }
  const hpa = make.add('HorizontalPodAutoscaler', 'autoscaling/v2', 'default', 'web', { spec: { minReplicas: 2, maxReplicas: 8, metrics: [cpu, memory], scaleTargetRef: { kind: 'Deployment', name: 'web' } } }) as HorizontalPodAutoscaler
  const body = (to: Parameters<typeof tunePlan>[1]) => (tunePlan(hpa, to).calls[0]!.arg as { patch: { body: unknown } }).patch.body
  assert.deepEqual(body({ min: 2, max: 12, target: 60 }), { spec: { minReplicas: 2, maxReplicas: 12 } })
  assert.deepEqual(body({ min: 2, max: 8, target: 40 }), { spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 40 } } }, memory] } })
  assert.equal(tunePlan(hpa, { min: 3, max: 8, target: 40 }).done, 'web keeps 3 to 8 Pods and CPU at 40 %')
})

test('a size is shown as people write it and read back as the same amount', () => {
  for (const [resource, quantity, words] of [['cpu', '100m', '0.1 CPU'], ['cpu', '25m', '0.025 CPU'], ['cpu', '2', '2 CPUs'], ['memory', '64Mi', '64 MiB'], ['memory', '1536Mi', '1.5 GiB']] as const) {
    assert.equal(amountShown(resource, quantity), words)
    assert.equal(amountTyped(resource, words), quantity)
  }
  assert.deepEqual([amountShown('memory', '64M'), amountShown('cpu', '1234m'), amountShown('cpu', undefined)], ['64M', '1234m', ''], 'what words would round stays as it is')
  assert.deepEqual(['64M', '1e9', '128mb', '0.5 GiB', 'lots'].map((text) => amountTyped('memory', text)), ['64M', '1e9', '128Mi', '512Mi', undefined])
  assert.deepEqual(['250m', '0.25', '1 cpu', 'many'].map((text) => amountTyped('cpu', text)), ['250m', '250m', '1', undefined])
})

test('a Pod is resized in place; what must restart is said', () => {
  const make = new Maker(now)
  const pod = make.add('Pod', 'v1', 'default', 'p', { spec: { nodeName: 'one', containers: [{ name: 'c', image: 'a', resources: { requests: { cpu: '100m', memory: '64Mi' } }, resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] }] }, status: { phase: 'Running' } }) as Pod
  const cpuOnly = resizeChanges(pod, new Map([['c', { requests: { cpu: '200m', memory: '64Mi' }, limits: {} }]]))
  assert.deepEqual(cpuOnly.map(({ resource, before, after }) => [resource, before, after]), [['cpu', '100m', '200m']])
  assert.deepEqual(restartsFor(pod, cpuOnly), [])
  const both = resizeChanges(pod, new Map([['c', { requests: { cpu: '200m', memory: '128Mi' }, limits: { memory: '256Mi' } }]]))
  assert.deepEqual(restartsFor(pod, both), ['c'])
  const [call] = resizePlan(pod, both).calls
  assert.deepEqual(call?.arg, { ref: { kind: 'Pod', namespace: 'default', name: 'p', uid: pod.metadata.uid }, subresource: 'resize', patch: { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '200m', memory: '128Mi' }, limits: { memory: '256Mi' } } }] } } }, say: 'resized p to 0.2 CPU, 128 MiB of memory and at most 256 MiB of memory' })
  assert.ok(ids(pod).includes('resize'))
})

test('StatefulSets and DaemonSets: restart, roll back and scale in their own words', () => {
  const make = new Maker(now)
  const set = make.add('StatefulSet', 'apps/v1', 'default', 'db', { spec: { replicas: 5, template, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }, volumeClaimTemplates: [{ metadata: { name: 'data' } }] } })
  for (const n of [0, 1]) make.add('PersistentVolumeClaim', 'v1', 'default', `data-db-${n}`, {})
  make.add('PersistentVolumeClaim', 'v1', 'default', 'data-db-x', {})
  const ds = make.add('DaemonSet', 'apps/v1', 'default', 'agent', { spec: { template, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, maxSurge: 0 } } }, status: { desiredNumberScheduled: 6 } })
  const revision = make.add('ControllerRevision', 'apps/v1', 'default', 'db-1', { revision: 3, data: { spec: { template: { ...template, $patch: 'replace' } } } })
  assert.match(replacementWords(set), /^3 Pods are replaced, one after the other from the last.*keeps the first 2/)
  assert.match(replacementWords(ds), /^6 Pods are replaced, 2 at a time/)
  const plan = rollBackPlan(set, revision)
  assert.deepEqual((plan.calls[0]!.arg as { patch: { body: unknown } }).patch.body, [{ op: 'replace', path: '/spec/template', value: template }])
  assert.equal(plan.confirm?.title, 'Roll db back to revision 3?')
  assert.deepEqual(ids(set), ['scale', 'image', 'restart', 'roll-back', 'delete'])
  assert.deepEqual(ids(ds), ['image', 'restart', 'roll-back', 'delete'])
  assert.match(scaleWords(5, 3, 'StatefulSet'), /the last first; their volume claims stay/)
  assert.match(deletePlan(worldOf(make.objects), [set]).confirm!.lines.map((line) => line.text).join(' '), /2 volume claims stay, with their data: data-db-0 and data-db-1/)
})

test('a drain names the budget that holds a Pod back', () => {
  const make = new Maker(now)
  const [one] = [make.node('one', { cpu: '4', memory: '8Gi' }), make.node('two', { cpu: '4', memory: '8Gi' })]
  const web = make.deployment('default', 'web', { app: 'web', replicas: 2, image: 'a' })
  const set = make.set(web, 'a', { revision: 1, replicas: 2 })
  for (const name of ['x', 'y']) make.pod(set, name, 'one', make.ready('a'))
  make.add('PodDisruptionBudget', 'policy/v1', 'default', 'web', { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } }, status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 } })
  const plan = drainPlan(worldOf(make.objects), one!)
  assert.equal(plan.patient, true)
  assert.match(plan.confirm!.lines.map((line) => line.text).join(' '), /web y waits: budget web keeps 1 healthy and has 2, so 1 may go at a time/)
})
