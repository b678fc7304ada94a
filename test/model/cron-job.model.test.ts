/** CronJobs: no time of the schedule is run twice, Forbid and Replace keep to one Job, history stays within its limits. */
import assert from 'node:assert/strict'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed, type ModelContext } from './model.ts'
import { chance, pick } from './random.ts'

const ref = { kind: 'CronJob', namespace: 'default', name: 'tick' }
const controllers = ['cronjob-controller', 'job-controller', 'garbage-collector-controller', 'pod-garbage-collector-controller']
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const cronIn = (now: Snapshot) => now.get<CronJob>('CronJob', 'default', 'tick')
const jobsIn = (now: Snapshot) => now.list<Job>('Job', 'default')
const ended = ({ status }: Job, type: string) => status.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true
const isRunning = (job: Job) => !ended(job, 'Complete') && !ended(job, 'Failed')

let seen = new Map<string, string>()
const setup = (concurrencyPolicy: 'Allow' | 'Forbid' | 'Replace') => ({ user }: ModelContext) => {
  seen = new Map()
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
  const job = pick(random, jobsIn(now).filter(({ metadata }) => Date.parse(metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? '') <= noted))
  if (job) await user.delete({ kind: 'Job', namespace: 'default', name: job.metadata.name }, { propagationPolicy: 'Background' })
}]

for (const policy of ['Allow', 'Forbid', 'Replace'] as const) {
  checkModel({
    name: `cron job, ${policy}`,
    controllers,
    setup: setup(policy),
    deeds: { suspend, 'remove a job': removeJob },
    always(now) {
      const jobs = jobsIn(now)
      for (const { metadata } of jobs) {
        const { uid, name } = metadata
        assert.equal(seen.get(name) ?? uid, uid, `${name} runs once only`)
        seen.set(name, uid)
      }
      if (policy !== 'Allow') assert.ok(jobs.filter(isRunning).length <= 1, 'one Job runs at a time')
    },
    calm: async ({ user, now }) => {
      if (cronIn(now)) await user.patch(ref, merge({ spec: { suspend: true } }))
    },
    settled(now) {
      const cron = cronIn(now)!
      const jobs = jobsIn(now)
      assert.equal(jobs.filter(isRunning).length, 0)
      assert.equal(cron.status.active?.length ?? 0, 0)
      assert.ok(jobs.filter((job) => ended(job, 'Complete')).length <= 2)
      assert.ok(jobs.filter((job) => ended(job, 'Failed')).length <= 1)
      for (const { metadata } of now.list<Pod>('Pod', 'default')) assert.ok(jobs.some(({ metadata: { uid } }) => uid === metadata.ownerReferences?.[0]?.uid), 'no Pod is left behind')
    },
  })
}
