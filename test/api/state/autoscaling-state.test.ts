/** What is said of autoscalers and disruption budgets. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stateOf } from '../../../core/api/state/state-of.ts'
import type { KubeObject } from '../../../core/api/meta.ts'
import { Cache } from '../../../core/loop/cache.ts'

function say(kind: string, rest: Record<string, unknown>): string {
  const object = { apiVersion: 'v1', kind, metadata: { name: 'web', namespace: 'default', uid: 'web', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }, ...rest } as unknown as KubeObject
  const { mark, say: words, why } = stateOf(object, new Cache(), 0)
  return `${mark}: ${words}${why === undefined ? '' : ` (${why})`}`
}

const scaler = (status: Record<string, unknown>, conditions: [type: string, status: string, reason: string, message?: string][] = []) =>
  say('HorizontalPodAutoscaler', {
    spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'web' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] },
    status: { desiredReplicas: 0, ...status, conditions: conditions.map(([type, is, reason, message]) => ({ type, status: is, reason, message })) },
  })
const active = ['ScalingActive', 'True', 'ValidMetricFound'] as [string, string, string]
const measured = { currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 90 } } }] }

test('an autoscaler says what it measures and what holds it back', () => {
  assert.equal(scaler({}), 'waiting: has not looked yet (keeps Deployment web between 1 and 5 Pods)')
  assert.equal(scaler({ currentReplicas: 2, desiredReplicas: 4, ...measured }, [active]), 'moving: scaling from 2 to 4 Pods (CPU 90 %, 50 % wanted)')
  assert.equal(scaler({ currentReplicas: 5, desiredReplicas: 5, ...measured }, [active, ['ScalingLimited', 'True', 'TooManyReplicas']]), 'degraded: at its maximum of 5 Pods (CPU 90 %, 50 % wanted; more are wanted than its maximum)')
  assert.equal(scaler({ currentReplicas: 2, desiredReplicas: 2, ...measured }, [['AbleToScale', 'True', 'ScaleDownStabilized'], active]), 'ready: keeps 2 Pods (CPU 90 %, 50 % wanted; fewer would do; it waits a while before it shrinks)')
  assert.equal(scaler({}, [['AbleToScale', 'False', 'FailedGetScale', 'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found']]), 'failing: cannot see Deployment web (deployments.apps "web" not found)')
  assert.equal(scaler({}, [['ScalingActive', 'False', 'FailedGetResourceMetric', 'the HPA was unable to compute the replica count: no metrics']]), 'degraded: cannot tell how many Pods are needed (no metrics)')
  const nobody = 'the HPA was unable to compute the replica count: unable to get external metric default/queue/&LabelSelector{MatchLabels:map[string]string{box: in,},MatchExpressions:[]LabelSelectorRequirement{},}: no metrics returned from external metrics API'
  assert.equal(scaler({}, [['ScalingActive', 'False', 'FailedGetExternalMetric', nobody]]), 'degraded: cannot tell how many Pods are needed (nobody offers the external metric queue)')
})

test('a disruption budget says how many may go', () => {
  const budget = (status: Record<string, unknown>) => say('PodDisruptionBudget', { spec: {}, status: { observedGeneration: 1, ...status } })
  assert.equal(budget({ observedGeneration: 0 }), 'moving: being counted')
  assert.equal(budget({}), 'waiting: covers no Pod')
  assert.equal(budget({ expectedPods: 3, currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1 }), 'ready: allows 1 eviction (3 healthy of 3, 2 must be)')
  assert.equal(budget({ expectedPods: 3, currentHealthy: 1, desiredHealthy: 2, disruptedPods: { a: '' } }), 'degraded: 1 Pod too few (1 healthy of 3, 2 must be; 1 eviction granted and not done yet)')
  assert.equal(budget({ conditions: [{ type: 'DisruptionAllowed', reason: 'SyncFailed', message: 'found no controllers for pod "a"' }] }), 'failing: allows no eviction (found no controllers for pod "a")')
})
