/** Schedules against recorded answers of github.com/robfig/cron/v3, which upstream parses CronJobs with. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { nextTime } from '../../../core/api/cron/next.ts'
import { parseSchedule } from '../../../core/api/cron/schedule.ts'
import { knownZone, Zone } from '../../../core/api/cron/zone.ts'

interface Recorded {
  next: { schedule: string; zone: string; after: string; next?: string }[]
  parsed: { schedule: string; error?: string }[]
}
const recorded = JSON.parse(readFileSync(new URL('../../golden/api/cron.json', import.meta.url), 'utf8')) as Recorded
const utc = new Zone('UTC')

test('the next time of many schedules, zones and instants', () => {
  const wrong: string[] = []
  for (const { schedule, zone, after, next } of recorded.next) {
    const parsed = parseSchedule(schedule, knownZone(zone)!)
    assert.ok(typeof parsed !== 'string', `${schedule}: ${String(parsed)}`)
    const at = nextTime(parsed, Date.parse(after))
    const said = at === undefined ? undefined : new Date(at).toISOString().replace('.000', '')
    if (said !== next) wrong.push(`${schedule} in ${zone} after ${after}: ${said}, recorded ${next}`)
  }
  assert.deepEqual(wrong, [])
})

test('what is wrong with a schedule, in upstream’s words', () => {
  for (const { schedule, error } of recorded.parsed) {
    const parsed = parseSchedule(schedule, utc)
    assert.equal(typeof parsed === 'string' ? parsed : undefined, error, schedule)
  }
})

test('a zone of its own in the schedule', () => {
  const parsed = parseSchedule('TZ=Asia/Tokyo 0 9 * * *', utc)
  assert.ok(typeof parsed !== 'string')
  assert.equal(nextTime(parsed, Date.parse('2026-01-01T00:00:00Z')), Date.parse('2026-01-02T00:00:00Z'))
})

test('offsets are no zones, and a zone prints its own time', () => {
  assert.equal(knownZone('+05:00'), undefined)
  assert.equal(knownZone('Mars/Base'), undefined)
  assert.equal(knownZone('Asia/Kolkata')!.timestamp(Date.parse('2026-01-01T00:00:00Z')), '2026-01-01T05:30:00+05:30')
  assert.equal(knownZone('')!.timestamp(Date.parse('2026-01-01T00:00:00Z')), '2026-01-01T00:00:00Z')
})
