import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namespaceState, resourceQuotaState } from '../../../core/api/state/resource-quota-state.ts'
import type { Namespace, ResourceQuota } from '../../../core/api/types/core.ts'

const quota = (hard: Record<string, string>, used?: Record<string, string>) => ({ metadata: { name: 'q' }, spec: { hard }, status: used ? { hard, used } : {} }) as unknown as ResourceQuota

test('a quota names what is nearest to its limit', () => {
  assert.deepEqual(resourceQuotaState(quota({ pods: '10', 'requests.cpu': '2' }, { pods: '3', 'requests.cpu': '1500m' })), { mark: 'ready', say: '1.5 of 2 CPU requested', why: '3 of 10 Pods' })
  assert.deepEqual(resourceQuotaState(quota({ pods: '3' }, { pods: '3' })), { mark: 'degraded', say: 'Pods used up', why: '3 of 3 Pods' })
  assert.deepEqual(resourceQuotaState(quota({ pods: '2' }, { pods: '3' })), { mark: 'degraded', say: 'more Pods than allowed', why: '3 of 2 Pods' })
  assert.deepEqual(resourceQuotaState(quota({ services: '0' }, { services: '0' })), { mark: 'ready', say: '0 of 0 Services' })
  assert.deepEqual(resourceQuotaState(quota({ pods: '3' })), { mark: 'moving', say: 'being counted', why: '0 of 1 limits are counted' })
})

test('a Namespace on its way out says what holds it', () => {
  const message = 'Some resources are remaining: pods. has 2 resource instances'
  const ending = { metadata: { name: 'n', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { conditions: [{ type: 'NamespaceContentRemaining', status: 'True', message }] } } as unknown as Namespace
  assert.deepEqual(namespaceState(ending), { mark: 'leaving', say: 'being emptied', why: message })
})
