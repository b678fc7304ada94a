/** State of a CronJob in words: what runs, how the last run ended, when the next is due. */
import { hasCondition } from '../conditions.ts'
import { nextTime } from '../cron/next.ts'
import { parseSchedule } from '../cron/schedule.ts'
import { knownZone, Zone } from '../cron/zone.ts'
import type { CronJob, Job } from '../types/batch.ts'
import { count, duration } from './sentences.ts'
import type { StateView } from './view.ts'
import type { StateWords } from './words.ts'

export function cronJobState(cron: CronJob, snapshot: StateView, now: number): StateWords {
  const { metadata, spec, status } = cron
  if (metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  const next = nextWords(cron, now)
  const running = status?.active?.length ?? 0
  const last = lastEnded(cron, snapshot)
  if (running > 0) return { mark: 'moving', say: `${count(running, 'Job')} ${running === 1 ? 'runs' : 'run'}`, why: spec.suspend === true ? 'suspended: no more are started' : next.say }
  if (last && isTrue(last, 'Failed')) return { mark: 'degraded', say: 'the last run failed', why: spec.suspend === true ? `${last.metadata.name}; suspended` : `${last.metadata.name}; ${next.say}` }
  const before = status?.lastSuccessfulTime === undefined ? undefined : `the last run was complete ${duration(now - Date.parse(status.lastSuccessfulTime))} ago`
  if (spec.suspend === true) return { mark: 'waiting', say: 'suspended', ...(before === undefined ? {} : { why: before }) }
  return before === undefined ? next : { ...next, why: next.why ?? before }
}

function nextWords({ metadata, spec, status }: CronJob, now: number): StateWords {
  const zone = spec.timeZone === undefined ? new Zone('UTC') : knownZone(spec.timeZone)
  if (!zone) return { mark: 'failing', say: 'never runs', why: `time zone ${spec.timeZone} is unknown` }
  const schedule = parseSchedule(spec.schedule, zone)
  if (typeof schedule === 'string') return { mark: 'failing', say: 'never runs', why: schedule }
  // Regular intervals count from the last run, times of the day from now.
  let at = schedule.kind === 'every' ? nextTime(schedule, Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp)) : nextTime(schedule, now)
  if (at !== undefined && at < now) at = now
  return at === undefined ? { mark: 'failing', say: 'never runs', why: `no day fits ${spec.schedule}` } : { mark: 'ready', say: `next run in ${duration(at - now)}` }
}

const isTrue = ({ status }: Job, type: string): boolean => hasCondition(status?.conditions, type)

function lastEnded({ metadata }: CronJob, snapshot: StateView): Job | undefined {
  let last: Job | undefined
  for (const job of snapshot.ownedBy<Job>(metadata.uid, 'Job')) {
    if (!isTrue(job, 'Complete') && !isTrue(job, 'Failed')) continue
    if (!last || job.metadata.creationTimestamp > last.metadata.creationTimestamp) last = job
  }
  return last
}
