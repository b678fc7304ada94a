/** For which time a CronJob is due, and when it is to be looked at again (pkg/controller/cronjob/utils.go). */
import { nextTime } from '../../api/cron/next.ts'
import type { Schedule } from '../../api/cron/schedule.ts'
import type { CronJob } from '../../api/types/batch.ts'

/** Clocks of several machines differ a little. */
const paddingMs = 100
const manyMissed = 100

export interface Due {
  /** The latest time that has come and for which nothing ran; undefined where there is none. */
  readonly atMs?: number
  readonly missed: 'none' | 'few' | 'many'
  /** From where on times were looked for. */
  readonly sinceMs: number
}

/** What is due by `now`, or why nobody can tell. */
export function due({ metadata, spec, status }: CronJob, schedule: Schedule, now: number, withDeadline = true): Due | string {
  let sinceMs = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp)
  if (withDeadline && spec.startingDeadlineSeconds !== undefined) sinceMs = Math.max(sinceMs, now - spec.startingDeadlineSeconds * 1000)
  const first = nextTime(schedule, sinceMs)
  const second = first === undefined ? undefined : nextTime(schedule, first)
  if (first !== undefined && now < first) return { missed: 'none', sinceMs }
  if (first !== undefined && second !== undefined && now < second) return { atMs: first, missed: 'none', sinceMs }
  if (first === undefined || second === undefined) return 'time difference between two schedules is less than 1 second'
  // Not one by one: there may be thousands. A regular schedule is hit exactly, any other from one step before.
  const apart = second - first
  const times = Math.floor((now - first) / apart) + 1
  let atMs: number | undefined
  for (let at = nextTime(schedule, first + (times - 2) * apart); at !== undefined && at <= now; at = nextTime(schedule, at)) atMs = at
  return { missed: times > manyMissed ? 'many' : 'few', sinceMs, ...(atMs === undefined ? {} : { atMs }) }
}

/** The next time of the schedule (ms epoch), whatever became of those before it. */
export function nextRun(cron: CronJob, schedule: Schedule, now: number): number | undefined {
  const last = due(cron, schedule, now, false)
  if (typeof last === 'string') return nextTime(schedule, now)
  return nextTime(schedule, last.atMs ?? (last.missed === 'none' ? last.sinceMs : now))
}

export const lookAgainAt = (run: number | undefined): number | undefined => (run === undefined ? undefined : run + paddingMs)
