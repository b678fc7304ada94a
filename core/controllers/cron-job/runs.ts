/** The Jobs of a CronJob: their names, their making, which of them run, and which of the ended are kept (pkg/controller/cronjob). */
import { conditionOf } from '../../api/conditions.ts'
import { scheduledTimestamp } from '../../api/kinds/job/labels.ts'
import { knownZone, Zone } from '../../api/cron/zone.ts'
import { type NewObject, refOf } from '../../api/meta.ts'
import type { CronJob, Job } from '../../api/types/batch.ts'
import type { ObjectReference } from '../../api/types/core.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { controllerReference, isControlledBy } from '../planning/ownership.ts'
import { are } from '../planning/words.ts'

export const zoneOf = ({ spec }: CronJob): Zone | undefined => (spec.timeZone === undefined ? new Zone('UTC') : knownZone(spec.timeZone))

/** The same for the same time, so that nothing runs twice. */
export const jobName = ({ metadata }: CronJob, atMs: number): string => `${metadata.name}-${Math.floor(atMs / 60_000)}`

export function newJob(cron: CronJob, atMs: number, zone: Zone): NewObject {
  const { metadata, spec } = cron.spec.jobTemplate
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(cron, atMs),
      namespace: cron.metadata.namespace ?? '',
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, [scheduledTimestamp]: zone.timestamp(atMs) },
      ownerReferences: [controllerReference(cron)],
    },
    spec,
  }
}

export const jobsOf = (cron: CronJob, snapshot: Snapshot): readonly Job[] =>
  snapshot
    .ownedBy<Job>(cron.metadata.uid, 'Job')
    .filter((job) => isControlledBy(job, cron))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))

/** How it ended; undefined while it runs. */
export const endedAs = ({ status }: Job): 'Complete' | 'Failed' | undefined =>
  (['Complete', 'Failed'] as const).find((type) => conditionOf(status?.conditions, type)?.status === 'True')

/** Made for a time of the schedule, rather than by hand: its name says so. */
export function isScheduled(cron: CronJob, job: Job): boolean {
  const at = Date.parse(job.metadata.annotations?.[scheduledTimestamp] ?? '')
  return !Number.isNaN(at) && job.metadata.name === jobName(cron, at)
}

export const scheduledFor = (job: Job): number => Date.parse(job.metadata.annotations?.[scheduledTimestamp] ?? '')

export const referenceTo = ({ metadata }: Job): ObjectReference => ({
  kind: 'Job',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  uid: metadata.uid,
  apiVersion: 'batch/v1',
  resourceVersion: metadata.resourceVersion,
})

/** The oldest ended Jobs beyond the limits. */
export function tooOld({ spec }: CronJob, jobs: readonly Job[]): Step[] {
  const limits = [['Complete', spec.successfulJobsHistoryLimit], ['Failed', spec.failedJobsHistoryLimit]] as const
  return limits.flatMap(([how, limit]) => {
    const ended = jobs.filter((job) => endedAs(job) === how && job.metadata.deletionTimestamp === undefined)
    if (limit === undefined || ended.length <= limit) return []
    const started = ({ status }: Job) => (status?.startTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.startTime))
    const oldest = [...ended].sort((a, b) => (started(a) === started(b) ? 0 : started(a) - started(b)) || (a.metadata.name < b.metadata.name ? -1 : 1))
    return oldest.slice(0, ended.length - limit).map((job) => removal(job, `${ended.length} ${how === 'Complete' ? 'complete' : 'failed'} Jobs, ${are(limit)} kept`))
  })
}

export const removal = (job: Job, why: string): Step => ({
  do: 'delete',
  ref: refOf(job),
  propagationPolicy: 'Background',
  because: { code: 'SuccessfulDelete', say: `removed ${job.metadata.name}`, why, refs: [refOf(job)], event: { type: 'Normal', message: `Deleted job ${job.metadata.name}` } },
})
