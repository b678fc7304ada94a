/** CronJobs: no time of the schedule is run twice, Forbid and Replace keep to one Job, history stays within its limits. */
import assert from 'node:assert/strict'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed, type ModelContext } from './model.ts'
import { below, chance, pick } from './random.ts'

const ref = { kind: 'CronJob', namespace: 'default', name: 'tick' }
const controllers = ['cronjob-controller', 'job-controller', 'garbage-collector-controller', 'pod-garbage-collector-controller']
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const cronIn = (now: Snapshot) => now.get<CronJob>('CronJob', 'default', 'tick')
const jobsIn = (now: Snapshot) => now.list<Job>('Job', 'default')
const ended = ({ status }: Job, type: string) => status.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true
const isRunning = (job: Job) => !ended(job, 'Complete') && !ended(job, 'Failed')

const restMs = 5 * 60_000
const timeOf = ({ metadata }: Job) => Date.parse(metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '')

let seen = new Map<string, string>()
let quietSinceMs = 0
/** Of the runs since nobody interferes any more, the last that is known to have completed. */
let lastComplete: string | undefined
const setup = (concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace') => ({ user }: ModelContext) => {
  seen = new Map()
  quietSinceMs = Infinity
  lastComplete = undefined
  return user.create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'default' },
    spec: {
      schedule: '* * * * *',
      concurrencyPolicy,
      successfulJobsHistoryLimit: 2,
      jobTemplate: { spec: { backoffLimit: 1, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } } } },
    },
  })
}

const suspend: Deed = [0.3, async ({ now, user, random }) => {
  if (cronIn(now)) await user.patch(ref, merge({ spec: { suspend: chance(random, 0.3) } }))
}]
const removeJob: Deed = [0.2, async ({ now, user, random }) => {
  // One that vanishes together with the process that made it is made again: the time of its run was not written down yet.
  const noted = Date.parse(cronIn(now)?.status.lastScheduleTime ?? '1970-01-01T00:00:00Z')
  const job = pick(random, jobsIn(now).filter((job) => timeOf(job) <= noted))
  if (job) await user.delete({ kind: 'Job', namespace: 'default', name: job.metadata.name }, { propagationPolicy: 'Background' })
}]

for (const policy of ['Allow', 'Forbid', 'Replace'] as const) {
  checkModel({
    name: `cron job, ${policy}`,
    controllers,
    setup: setup(policy),
    deeds: { suspend, 'remove a job': removeJob },
    restMs,
    // It is the clock that wakes it.
    lateDeeds: 1,
    always(now) {
      const jobs = jobsIn(now)
      for (const job of jobs) {
        const { uid, name } = job.metadata
        assert.equal(seen.get(name) ?? uid, uid, `${name} runs once only`)
        seen.set(name, uid)
        if (timeOf(job) > quietSinceMs && ended(job, 'Complete')) lastComplete = [lastComplete ?? '', name].sort()[1]
      }
      if (policy !== 'Allow') assert.ok(jobs.filter(isRunning).length <= 1, 'one Job runs at a time')
    },
    // In the end it is suspended, or goes on undisturbed for some minutes.
    calm: async ({ user, now, random, nowMs }) => {
      quietSinceMs = nowMs
      // The first numbers of small seeds lie close together, their later digits do not.
      if (cronIn(now)) await user.patch(ref, merge({ spec: { suspend: below(random, 1_000) % 2 === 0 } }))
    },
    settled(now) {
      const cron = cronIn(now)!
      const jobs = jobsIn(now)
      assert.equal(jobs.filter(isRunning).length, 0)
      assert.equal(cron.status.active?.length ?? 0, 0)
      assert.ok(jobs.filter((job) => ended(job, 'Complete')).length <= 2)
      assert.ok(jobs.filter((job) => ended(job, 'Failed')).length <= 1)
      if (cron.spec.suspend) assert.ok(jobs.every((job) => timeOf(job) <= quietSinceMs), 'no run begins while it is suspended')
      else {
        const untilMs = quietSinceMs + restMs
        assert.ok(Date.parse(cron.status.lastScheduleTime ?? '') > untilMs - 61_000, `the last run was at ${cron.status.lastScheduleTime}, ${new Date(untilMs).toISOString()} was reached`)
        assert.ok(jobs.some(({ metadata }) => metadata.name === lastComplete), `${lastComplete} completed last and is kept`)
      }
      for (const { metadata } of now.list<Pod>('Pod', 'default')) assert.ok(jobs.some(({ metadata: { uid } }) => uid === metadata.ownerReferences?.[0]?.uid), 'no Pod is left behind')
    },
  })
}
