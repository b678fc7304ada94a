/**
 * Jobs: every success is counted once and only once, no more Pods run than may, no index runs twice at a time, limits on
 * failures hold, a suspended Job has no Pods, and an ended one holds on to none.
 */
import assert from 'node:assert/strict'
import { has, parseIndexes, printIndexes, total } from '../../core/controllers/job/indexes.ts'
import { indexOf, isTracked } from '../../core/controllers/job/job-pod.ts'
import { timestamp } from '../../core/api/meta.ts'
import type { Job, JobSpec } from '../../core/api/types/batch.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed, type ModelContext } from './model.ts'
import { below, chance, pick } from './random.ts'

const ref = { kind: 'Job', namespace: 'default', name: 'work' }
const controllers = ['job-controller', 'garbage-collector-controller', 'pod-garbage-collector-controller']
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const jobIn = (now: Snapshot) => now.get<Job>('Job', 'default', 'work')
const podsIn = (now: Snapshot) => now.list<Pod>('Pod', 'default')
const isActive = ({ status, metadata }: Pod) => metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed'
const isOver = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed'
const is = (job: Job | undefined, type: string) => job?.status.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true

const jobOf = (spec: Partial<JobSpec>) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'work', namespace: 'default' },
  spec: { ...spec, template: { metadata: { labels: { app: 'work' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } } },
})

/** What a history has seen so far of the Pods of its Job. */
class Ledger {
  parallelism = 0
  readonly succeeded = new Set<string>()
  readonly ended = new Set<string>()
  readonly toldFailed = new Set<string>()
  readonly byIndex = new Map<number, Set<string>>()
  readonly failedByIndex = new Map<number, Set<string>>()
  /** Marked as disrupted while they ran. */
  readonly disrupted = new Set<string>()
  readonly promises = new Set<string>()

  note(now: Snapshot): void {
    const job = jobIn(now)
    for (const uid of job?.status.uncountedTerminatedPods?.failed ?? []) this.toldFailed.add(uid)
    for (const pod of podsIn(now)) {
      const { uid, deletionTimestamp } = pod.metadata
      if (pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed' || deletionTimestamp !== undefined) this.ended.add(uid)
      const index = indexOf(pod)
      if (pod.status.phase === 'Failed' && deletionTimestamp === undefined && isTracked(pod) && index !== undefined) this.failedByIndex.set(index, (this.failedByIndex.get(index) ?? new Set()).add(uid))
      if (pod.status.phase !== 'Succeeded' || !isTracked(pod)) continue
      this.succeeded.add(uid)
      if (index !== undefined) this.byIndex.set(index, (this.byIndex.get(index) ?? new Set()).add(uid))
    }
  }
}

let ledger = new Ledger()
let known = new Set<string>()
const begin = async ({ user }: ModelContext, spec: Partial<JobSpec>) => {
  ledger = new Ledger()
  known = new Set()
  ledger.parallelism = spec.parallelism ?? 1
  await user.create(jobOf(spec))
}

function always(now: Snapshot): void {
  ledger.note(now)
  const job = jobIn(now)
  if (!job) return
  const { status, spec } = job
  const active = podsIn(now).filter(isActive)
  assert.ok(active.length <= ledger.parallelism, `${active.length} Pods are active, ${ledger.parallelism} may be`)
  const waiting = status.uncountedTerminatedPods ?? {}
  const successes = (status.succeeded ?? 0) + (waiting.succeeded?.length ?? 0)
  if (spec.completionMode === 'Indexed') {
    assert.equal(status.succeeded ?? 0, total(parseIndexes(status.completedIndexes, spec.completions ?? 0)))
    const indexes = active.map(indexOf)
    assert.equal(new Set(indexes).size, indexes.length, 'no index runs twice at a time')
    for (const { first, last } of parseIndexes(status.completedIndexes, 1000)) for (let i = first; i <= last; i++) assert.ok(ledger.byIndex.has(i), `index ${i} has succeeded`)
  } else assert.ok(successes <= ledger.succeeded.size, `${successes} are counted, ${ledger.succeeded.size} have succeeded`)
  const uids = [...(waiting.succeeded ?? []), ...(waiting.failed ?? [])]
  assert.equal(new Set(uids).size, uids.length)
  assert.ok(!(is(job, 'SuccessCriteriaMet') && is(job, 'FailureTarget')))
  if (is(job, 'Complete') || is(job, 'Failed')) {
    assert.equal(uids.length, 0, 'all are counted before the end')
    assert.equal(podsIn(now).filter((pod) => !isOver(pod) && pod.metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid)).length, 0, 'no Pod of it runs on')
  }
  if (spec.podReplacementPolicy === 'Failed') assert.ok(podsIn(now).filter((pod) => !isOver(pod)).length <= ledger.parallelism, 'those on their way out count')
  for (const uid of waiting.failed ?? []) assert.ok(!ledger.disrupted.has(uid) || is(job, 'FailureTarget'), 'the policy ignores disruptions')
  judgePromise(job)
}

/** When it is decided that the Job has failed too often, or done enough. */
function judgePromise(job: Job): void {
  const promise = job.status.conditions?.find(({ type, status }) => (type === 'FailureTarget' || type === 'SuccessCriteriaMet') && status === 'True')
  if (!promise || ledger.promises.has(promise.type)) return
  ledger.promises.add(promise.type)
  const limit = job.spec.backoffLimit ?? 6
  if (promise.reason === 'BackoffLimitExceeded') assert.ok([...ledger.ended].filter((uid) => !ledger.succeeded.has(uid) || ledger.toldFailed.has(uid)).length > limit, `${limit} failures are allowed, and there were no more`)
  const failed = (job.status.failed ?? 0) + (job.status.uncountedTerminatedPods?.failed?.length ?? 0)
  if (promise.type === 'SuccessCriteriaMet') assert.ok(failed <= limit, `${failed} have failed, ${limit} may`)
}

function settled(now: Snapshot): void {
  const job = jobIn(now)
  if (!job) return void assert.equal(podsIn(now).filter(isTracked).length, 0, 'no Pod waits to be counted by a Job that is gone')
  const { status, spec } = job
  const active = podsIn(now).filter(isActive)
  assert.equal(status.active ?? 0, active.length)
  assert.equal(status.terminating ?? 0, 0)
  if (is(job, 'Complete') || is(job, 'Failed')) assert.equal(podsIn(now).filter(isTracked).length, 0)
  else if (spec.suspend === true) assert.equal(active.length, 0, 'a suspended Job has no active Pods')
  else assert.fail('it has ended by now')
  const counted = [...ledger.succeeded].filter((uid) => !ledger.toldFailed.has(uid)).length
  if (spec.completionMode !== 'Indexed') assert.equal(status.succeeded ?? 0, counted, 'every success is counted')
  assert.equal(status.failed ?? 0, ledger.toldFailed.size, 'every failure is counted')
  if (is(job, 'Complete') && spec.successPolicy === undefined) assert.ok((status.succeeded ?? 0) >= (spec.completions ?? 1))
  const reason = status.conditions?.find(({ type }) => type === 'Failed')?.reason
  if (reason === 'BackoffLimitExceeded') assert.ok((status.failed ?? 0) > (spec.backoffLimit ?? 6))
}

const stopPod: Deed = [0.4, async ({ now, user, random }) => {
  const pod = pick(random, podsIn(now).filter(isActive))
  if (pod) await user.delete({ kind: 'Pod', namespace: 'default', name: pod.metadata.name })
}]
/** Taken away from outside, which the policy does not count. */
const disrupt: Deed = [0.4, async ({ now, user, random, nowMs }) => {
  const pod = pick(random, podsIn(now).filter(isActive))
  if (!pod) return
  const ref = { kind: 'Pod', namespace: 'default', name: pod.metadata.name }
  ledger.disrupted.add(pod.metadata.uid)
  await user.patch(ref, { type: 'strategic', body: { status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'Test', message: '', lastTransitionTime: timestamp(nowMs) }] } } }, { subresource: 'status' })
  await user.delete(ref)
}]
const suspend: Deed = [0.3, async ({ now, user, random }) => {
  if (jobIn(now)) await user.patch(ref, merge({ spec: { suspend: chance(random, 0.5) } }))
}]
const scale: Deed = [0.4, async ({ now, user, random }) => {
  if (!jobIn(now)) return
  const parallelism = below(random, 5)
  ledger.parallelism = Math.max(ledger.parallelism, parallelism)
  await user.patch(ref, merge({ spec: { parallelism } }))
}]
const remove: Deed = [0.05, async ({ now, user, random }) => {
  if (jobIn(now)) await user.delete(ref, { propagationPolicy: pick(random, ['Background', 'Foreground', 'Orphan'] as const)! })
}]
const calm = async ({ now, user, random }: ModelContext) => {
  const job = jobIn(now)
  ledger.parallelism = Math.max(ledger.parallelism, 1)
  if (job) await user.patch(ref, merge({ spec: { suspend: chance(random, 0.2), parallelism: Math.max(1, job.spec.parallelism ?? 1) } }))
}

/** What all Jobs have in common. */
const each = { controllers, always, calm, settled, restMs: 7_200_000 }

checkModel({
  name: 'job',
  ...each,
  setup: (context) => begin(context, { completions: 1 + below(context.random, 8), parallelism: 1 + below(context.random, 4), backoffLimit: below(context.random, 5) }),
  deeds: { 'stop a pod': stopPod, suspend, scale, remove },
})

checkModel({
  name: 'job without completions',
  ...each,
  setup: (context) => begin(context, { parallelism: 1 + below(context.random, 4), podReplacementPolicy: 'Failed' }),
  deeds: { 'stop a pod': [1.5, stopPod[1]], suspend },
})

checkModel({
  name: 'indexed job',
  ...each,
  setup: (context) => begin(context, { completionMode: 'Indexed', completions: 1 + below(context.random, 8), parallelism: 1 + below(context.random, 4), backoffLimit: 10, podReplacementPolicy: chance(context.random, 0.5) ? 'Failed' : 'TerminatingOrFailed' }),
  deeds: { 'stop a pod': stopPod, suspend, scale, remove },
})

checkModel({
  name: 'indexed job with limits per index',
  ...each,
  setup: (context) => begin(context, { completionMode: 'Indexed', completions: 2 + below(context.random, 5), parallelism: 1 + below(context.random, 4), backoffLimitPerIndex: below(context.random, 3) }),
  kubelet: { outcome: (_pod, random, isCalm) => (chance(random, isCalm ? 0.1 : 0.35) ? 'Failed' : 'Succeeded') },
  deeds: { 'stop a pod': stopPod, suspend },
  always(now) {
    always(now)
    const job = jobIn(now)
    const limit = job?.spec.backoffLimitPerIndex ?? 0
    const counts = podsIn(now).map(({ metadata }) => Number(metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'] ?? 0))
    assert.ok(counts.every((count) => count <= limit), 'no index is tried more often than it may be')
    for (const [index, uids] of ledger.failedByIndex) assert.ok(uids.size <= limit + 1, `index ${index} has failed ${uids.size} times`)
    const failed = parseIndexes(job?.status.failedIndexes, 1000)
    for (const { first, last } of failed) for (let i = first; i <= last; i++) assert.ok(!podsIn(now).some((pod) => isActive(pod) && indexOf(pod) === i), `index ${i} has failed for good`)
    assert.equal(printIndexes(failed), job?.status.failedIndexes ?? '')
  },
})

checkModel({
  name: 'job with policies',
  ...each,
  setup: (context) =>
    begin(context, {
      completionMode: 'Indexed',
      completions: 6,
      parallelism: 3,
      backoffLimit: 3,
      successPolicy: { rules: [{ succeededIndexes: '0-3', succeededCount: 2 }] },
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, { action: chance(context.random, 0.5) ? 'FailJob' : 'Count', onExitCodes: { operator: 'In', values: [1] } }] },
    }),
  deeds: { 'stop a pod': stopPod, suspend, disrupt },
  always(now, wrote) {
    always(now)
    const job = jobIn(now)
    if (!job || wrote.kind !== 'Pod' || wrote.uid === undefined || known.has(wrote.uid)) return
    known.add(wrote.uid)
    const done = parseIndexes(job.status.completedIndexes, 1000)
    assert.ok([0, 1, 2, 3].filter((index) => has(done, index)).length < 2, 'two of the first four are enough, and yet a Pod is started')
  },
})
