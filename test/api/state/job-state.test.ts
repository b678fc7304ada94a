/** What is said of Jobs and CronJobs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stateOf } from '../../../core/api/state/state-of.ts'
import type { KubeObject } from '../../../core/api/meta.ts'
import { Cache } from '../../../core/loop/cache.ts'

const now = Date.parse('2026-01-01T00:10:00Z')
const condition = (type: string, message = '') => ({ type, status: 'True', message })
const object = (kind: string, name: string, rest: Record<string, unknown>, meta: Record<string, unknown> = {}): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...meta }, ...rest }) as unknown as KubeObject
const job = (status: Record<string, unknown>, spec: Record<string, unknown> = {}) => object('Job', 'work', { spec: { completions: 3, ...spec }, status })
const ownedBy = (kind: string, name: string) => ({ ownerReferences: [{ apiVersion: 'batch/v1', kind, name, uid: name, controller: true }] })

function say(it: KubeObject, others: KubeObject[] = []): string {
  const cache = new Cache()
  cache.replace([it, ...others], 1)
  const { mark, say: words, why } = stateOf(it, cache, now)
  return `${mark}: ${words}${why === undefined ? '' : ` (${why})`}`
}

test('a Job says how far it has come and how it ended', () => {
  const running = object('Pod', 'work-a', { spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] }, status: { phase: 'Running', conditions: [condition('Ready')] } }, ownedBy('Job', 'work'))
  assert.equal(say(job({ succeeded: 1 }), [running]), 'moving: 1 of 3 done (1 Pod runs)')
  assert.equal(say(job({ succeeded: 1, failed: 2 })), 'degraded: waits before it tries again (1 of 3 done, 2 failed)')
  assert.equal(say(job({ succeeded: 3, startTime: '2026-01-01T00:00:00Z', completionTime: '2026-01-01T00:00:12Z', conditions: [condition('SuccessCriteriaMet'), condition('Complete')] })), 'finished: complete (3 of 3 done in 12 s)')
  assert.equal(say(job({ failed: 7, conditions: [condition('FailureTarget'), { ...condition('Failed', 'Job has reached the specified backoff limit'), reason: 'BackoffLimitExceeded' }] })), 'failing: failed (0 of 3 done, 7 failed; 6 failures were allowed)')
  assert.equal(say(job({ conditions: [condition('FailureTarget', 'too slow')] })), 'failing: giving up (0 of 3 done; too slow)')
  assert.equal(say(job({}, { suspend: true })), 'waiting: suspended (0 of 3 done)')
  assert.equal(say(job({}, { managedBy: 'acme.io/queue' })), 'planned: left to acme.io/queue (0 of 3 done)')
})

test('a CronJob says when it runs next and how the last run ended', () => {
  const cron = (status: Record<string, unknown>, spec: Record<string, unknown> = {}) => object('CronJob', 'tick', { spec: { schedule: '*/15 * * * *', ...spec }, status })
  const ended = (type: string) => object('Job', 'tick-1', { spec: {}, status: { conditions: [condition(type)] } }, ownedBy('CronJob', 'tick'))
  assert.equal(say(cron({})), 'ready: next run in 5:00')
  assert.equal(say(cron({ lastSuccessfulTime: '2026-01-01T00:09:00Z' })), 'ready: next run in 5:00 (the last run was complete 1:00 ago)')
  assert.equal(say(cron({ active: [{ name: 'tick-1' }] })), 'moving: 1 Job runs (next run in 5:00)')
  assert.equal(say(cron({}), [ended('Failed')]), 'degraded: the last run failed (tick-1; next run in 5:00)')
  assert.equal(say(cron({}, { suspend: true })), 'waiting: suspended')
  assert.equal(say(cron({}, { timeZone: 'Mars/Base' })), 'failing: never runs (time zone Mars/Base is unknown)')
  assert.equal(say(cron({}, { schedule: '0 0 31 2 *' })), 'failing: never runs (no day fits 0 0 31 2 *)')
})
