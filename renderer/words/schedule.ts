/** A cron schedule in words and its next runs, in its own time zone. Pure. */
import { nextTime } from '../../core/api/cron/next.ts'
import { parseSchedule, type Schedule } from '../../core/api/cron/schedule.ts'
import { knownZone, Zone } from '../../core/api/cron/zone.ts'
import type { CronJob } from '../../core/api/types/batch.ts'
import { durationInWords, listInWords } from './amounts.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const two = (n: number): string => String(n).padStart(2, '0')

export function scheduleOf({ spec }: CronJob): Schedule | undefined {
  const zone = spec.timeZone === undefined ? new Zone('UTC') : knownZone(spec.timeZone)
  const schedule = zone && parseSchedule(spec.schedule, zone)
  return typeof schedule === 'string' ? undefined : schedule
}

/** Values in equal steps over the whole field: every `step`. */
const stepOf = (values: readonly number[], all: number, first: number): number | undefined => {
  if (values.length < 2 || values[0] !== first) return undefined
  const step = values[1]! - values[0]!
  return values.every((value, i) => value === first + i * step) && values.at(-1)! + step >= first + all ? step : undefined
}

const listed = (values: readonly number[], name: (n: number) => string): string => {
  const run = values.length > 2 && values.every((value, i) => i === 0 || value === values[i - 1]! + 1)
  return run ? `${name(values[0]!)} to ${name(values.at(-1)!)}` : listInWords(values.map(name))
}

/** "every 5 minutes", "at 03:30 on Monday to Friday", "every hour at 15 past". */
export function scheduleInWords(schedule: Schedule): string {
  if (schedule.kind === 'every') return `every ${durationInWords(schedule.delayMs)}, counted from the last run`
  const sorted = (at: ReadonlySet<number>) => [...at].sort((a, b) => a - b)
  const minute = sorted(schedule.minute.at)
  const hour = sorted(schedule.hour.at)
  return `${timeWords(minute, hour)}${dayWords(schedule, sorted)}`
}

function timeWords(minute: readonly number[], hour: readonly number[]): string {
  const everyHour = hour.length === 24
  if (minute.length === 60) return everyHour ? 'every minute' : `every minute from ${listed(hour, (h) => `${two(h)}:00`)}`
  const step = stepOf(minute, 60, 0)
  if (step !== undefined) return `every ${step} minutes${everyHour ? '' : ` in the ${hour.length === 1 ? 'hour' : 'hours'} of ${listed(hour, (h) => two(h))}`}`
  if (everyHour) return minute.length === 1 && minute[0] === 0 ? 'every hour' : `every hour at ${listInWords(minute.map((m) => two(m)))} past`
  const hours = stepOf(hour, 24, 0)
  if (hours !== undefined && minute.length === 1) return `every ${hours} hours${minute[0] === 0 ? '' : ` at ${two(minute[0]!)} past`}`
  const times = hour.flatMap((h) => minute.map((m) => `${two(h)}:${two(m)}`))
  return times.length <= 6 ? `at ${listInWords(times)}` : `at ${listInWords(minute.map((m) => two(m)))} past in the hours of ${listed(hour, (h) => two(h))}`
}

function dayWords({ dayOfMonth, dayOfWeek, month }: Extract<Schedule, { kind: 'times' }>, sorted: (at: ReadonlySet<number>) => number[]): string {
  const inMonth = sorted(dayOfMonth.at)
  const inWeek = sorted(dayOfWeek.at)
  const inYear = sorted(month.at)
  const weekdays = inWeek.length === 7 ? '' : listed(inWeek, (d) => days[d]!)
  const dates = inMonth.length === 31 ? '' : `the ${listInWords(inMonth.slice(0, 8).map(String))}${inMonth.length > 8 ? ' and others' : ''}${inYear.length === 12 ? ' of each month' : ''}`
  // With both day fields set, either is enough.
  const day = [dates, weekdays].filter((one) => one !== '').join(dayOfMonth.any || dayOfWeek.any ? ' and ' : ' or ')
  const year = inYear.length === 12 ? '' : ` in ${listed(inYear, (m) => months[m - 1]!)}`
  return `${day === '' ? (year === '' ? '' : ', every day') : ` on ${day}`}${year}`
}

/** The next runs from now on, at most `n`. */
export function nextRuns(cron: CronJob, now: number, n: number): number[] {
  const schedule = scheduleOf(cron)
  if (!schedule || cron.spec.suspend === true) return []
  const runs: number[] = []
  let at = schedule.kind === 'every' ? Math.max(Date.parse(cron.status?.lastScheduleTime ?? cron.metadata.creationTimestamp), now - schedule.delayMs) : now
  while (runs.length < n) {
    const next = nextTime(schedule, at)
    if (next === undefined) break
    if (next >= now) runs.push(next)
    at = next
  }
  return runs
}

/** "Mon 23 Nov, 03:30" in the schedule's own zone. */
export const inZone = (ms: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms)
