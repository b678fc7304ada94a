/**
 * When a schedule fires next. The walk through months, days, hours and minutes and what it does where clocks are put
 * forward or back are those of github.com/robfig/cron/v3 (spec.go, Next).
 */
import type { Schedule } from './schedule.ts'
import type { WallClock } from './zone.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const yearsAhead = 5

/** The first instant after `afterMs`; undefined where there is none within five years (31 February). */
export function nextTime(schedule: Schedule, afterMs: number): number | undefined {
  const wholeSecond = Math.floor(afterMs / 1000) * 1000
  if (schedule.kind === 'every') return wholeSecond + schedule.delayMs
  const { zone, minute, hour, month } = schedule
  // Fields finer than the one that was moved start anew; minutes are the finest, seconds are always 0.
  let at = wholeSecond + 1000
  if (at % minuteMs !== 0) at = Math.floor(at / minuteMs) * minuteMs + minuteMs
  let clock = zone.wallClock(at)
  const lastYear = zone.wallClock(wholeSecond).year + yearsAhead
  const move = (to: number) => {
    at = to
    clock = zone.wallClock(at)
  }
  let moved = false

  search: for (;;) {
    if (clock.year > lastYear) return undefined
    while (!month.at.has(clock.month)) {
      if (!moved) move(zone.instant(clock.year, clock.month, 1))
      moved = true
      move(zone.instant(clock.year, clock.month + 1, 1))
      if (clock.month === 1) continue search
    }
    while (!isDay(schedule, clock)) {
      if (!moved) move(zone.instant(clock.year, clock.month, clock.day))
      moved = true
      move(zone.instant(clock.year, clock.month, clock.day + 1, clock.hour))
      // Midnight may not exist on the day the clocks change.
      if (clock.hour > 12) move(at + (24 - clock.hour) * hourMs)
      else if (clock.hour !== 0) move(at - clock.hour * hourMs)
      if (clock.day === 1) continue search
    }
    while (!hour.at.has(clock.hour)) {
      if (!moved) move(zone.instant(clock.year, clock.month, clock.day, clock.hour))
      moved = true
      move(at + hourMs)
      if (clock.hour === 0) continue search
    }
    while (!minute.at.has(clock.minute)) {
      moved = true
      move(at + minuteMs)
      if (clock.minute === 0) continue search
    }
    return at
  }
}

/** With both day fields set, either is enough. */
function isDay({ dayOfMonth, dayOfWeek }: Extract<Schedule, { kind: 'times' }>, clock: WallClock): boolean {
  const inMonth = dayOfMonth.at.has(clock.day)
  const inWeek = dayOfWeek.at.has(clock.weekday)
  return dayOfMonth.any || dayOfWeek.any ? inMonth && inWeek : inMonth || inWeek
}
