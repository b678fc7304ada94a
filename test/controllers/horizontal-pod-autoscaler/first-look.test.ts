/** A new autoscaler waits for the first samples, which its coming makes be taken, but not for ever. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HorizontalPodAutoscaler } from '../../../core/api/types/autoscaling-v2.ts'
import { noUsage } from '../../../core/api/metrics/usage.ts'
import { horizontalPodAutoscaler } from '../../../core/controllers/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts'
import { Cache } from '../../../core/loop/cache.ts'

const created = '2026-01-01T00:00:00Z'
const bornMs = Date.parse(created)
const autoscaler = (type: string) =>
  ({ kind: 'HorizontalPodAutoscaler', metadata: { name: 'h', namespace: 'd', uid: 'h', resourceVersion: '1', creationTimestamp: created }, spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'gone' }, metrics: [{ type }] }, status: {} }) as unknown as HorizontalPodAutoscaler

function codeAfter(ms: number, measuredMs: number | undefined, type = 'Resource'): string {
  const usage = measuredMs === undefined ? noUsage : { ...noUsage, measuredMs }
  const { plan } = horizontalPodAutoscaler({ kinds: [], usage })
  return plan({ object: autoscaler(type), ref: { kind: 'HorizontalPodAutoscaler', namespace: 'd', name: 'h' }, snapshot: new Cache(), now: bornMs + ms } as unknown as Parameters<typeof plan>[0]).because.code
}

test('it waits while nothing was measured, or only long ago', () => {
  assert.equal(codeAfter(100, Number.NEGATIVE_INFINITY), 'Waiting')
  assert.equal(codeAfter(100, bornMs - 3600_000), 'Waiting')
  assert.equal(codeAfter(1_500, bornMs + 1_200), 'FailedGetScale', 'then it looks')
  assert.equal(codeAfter(5_000, Number.NEGATIVE_INFINITY), 'FailedGetScale', 'not for ever')
  assert.equal(codeAfter(100, Number.NEGATIVE_INFINITY, 'External'), 'FailedGetScale', 'only for what is measured')
  assert.equal(codeAfter(100, undefined), 'FailedGetScale')
})
