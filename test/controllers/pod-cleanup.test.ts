/** The limit on finished Pods: too many for a golden. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import { podCleanup } from '../../core/controllers/clean-up/pod-cleanup.ts'
import { Cache } from '../../core/loop/cache.ts'

const now = Date.parse('2026-01-02T00:00:00Z')
const pod = (i: number, reason?: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, namespace: 'default', uid: `u${i}`, resourceVersion: '1', creationTimestamp: new Date(now - 1_000_000_000 + i * 1000).toISOString() },
    spec: { nodeName: 'n1', containers: [] },
    status: { phase: 'Failed', ...(reason ? { reason } : {}) },
  }) as KubeObject

function removedOf(count: number, evicted: readonly number[] = []): string[] {
  const cache = new Cache()
  const pods = Array.from({ length: count }, (_, i) => pod(i, evicted.includes(i) ? 'Evicted' : undefined))
  cache.replace(pods, 1)
  // Any Pod that ends shows that there are too many, the youngest as well.
  const youngest = pods.at(-1)!
  const plan = podCleanup.plan({ object: youngest, ref: { kind: 'Pod', namespace: 'default', name: youngest.metadata.name }, snapshot: cache, now, awakeSinceMs: 0 })
  return plan.steps.map((step) => (step.do === 'delete' ? step.ref.name : step.do))
}

test('12,500 finished Pods are kept; beyond, the evicted and then the oldest go', () => {
  assert.deepEqual(removedOf(12_500), [])
  assert.deepEqual(removedOf(12_502), ['p0', 'p1'])
  assert.deepEqual(removedOf(12_502, [700]), ['p700', 'p0'])
})
