import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSchedule } from '../../../core/api/cron/schedule.ts'
import { Zone } from '../../../core/api/cron/zone.ts'
import type { CronJob } from '../../../core/api/types/batch.ts'
import { indexesIn } from '../../../renderer/words/indexes.ts'
import { inZone, nextRuns, scheduleInWords } from '../../../renderer/words/schedule.ts'

const words = (text: string): string => {
  const schedule = parseSchedule(text, new Zone('UTC'))
  return typeof schedule === 'string' ? schedule : scheduleInWords(schedule)
}

test('schedules as people say them', () => {
  for (const [text, said] of [
    ['* * * * *', 'every minute'], ['*/5 * * * *', 'every 5 minutes'], ['0 * * * *', 'every hour'], ['15,45 * * * *', 'every hour at 15 and 45 past'],
    ['30 3 * * *', 'at 03:30'], ['0 */6 * * *', 'every 6 hours'], ['0 9 * * 1-5', 'at 09:00 on Monday to Friday'], ['0 4 1 * *', 'at 04:00 on the 1 of each month'],
    ['0 4 13 * 5', 'at 04:00 on the 13 of each month or Friday'], ['*/10 8-10 * * *', 'every 10 minutes in the hours of 08 to 10'], ['@every 90s', 'every 1 min 30 s, counted from the last run'],
    ['0 0 1 1 *', 'at 00:00 on the 1 in January'],
  ] as const) assert.equal(words(text), said, text)
})

test('next runs in their own zone, across the change of clocks; none while suspended', () => {
  const cron = (spec: Partial<CronJob['spec']>): CronJob => ({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-10-01T00:00:00Z' }, spec: { schedule: '30 3 * * *', jobTemplate: { metadata: {}, spec: { template: {} } }, ...spec }, status: {} }) as CronJob
  const now = Date.parse('2026-10-23T12:00:00Z')
  const berlin = nextRuns(cron({ timeZone: 'Europe/Berlin' }), now, 3)
  assert.deepEqual(berlin.map((at) => new Date(at).toISOString()), ['2026-10-24T01:30:00.000Z', '2026-10-25T02:30:00.000Z', '2026-10-26T02:30:00.000Z'])
  assert.match(inZone(berlin[0]!, 'Europe/Berlin'), /^Sat,? 24 Oct,? 03:30$/)
  assert.deepEqual(nextRuns(cron({ suspend: true }), now, 3), [])
  assert.deepEqual(nextRuns(cron({ schedule: '0 0 31 2 *' }), now, 3), [])
})

test('index lists', () => {
  assert.deepEqual([...indexesIn('0-2,5')], [0, 1, 2, 5])
  assert.deepEqual([...indexesIn(undefined)], [])
})
