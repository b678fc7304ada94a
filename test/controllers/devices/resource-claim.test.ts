/** Which claims of devices are looked at when a Pod changes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { resourceClaim } from '../../../core/controllers/devices/resource-claim.ts'
import { Cache } from '../../../core/loop/cache.ts'

const metadata = { namespace: 'default', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
const pod = (phase: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'a', uid: 'pod-a' }, spec: { containers: [], resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one' }] }, status: { phase } }) as KubeObject
const claim = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { ...metadata, name: 'a-gpu-x', uid: 'claim', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'pod-a', controller: true }] } } as KubeObject

test('a Pod that ends before it is told of its claim wakes the claim all the same', () => {
  const cache = new Cache()
  cache.replace([pod('Succeeded'), claim], 2)
  const woken = resourceClaim.wakes!({ type: 'MODIFIED', object: pod('Succeeded'), previous: pod('Running'), revision: 2 }, cache)
  assert.deepEqual(woken.map(({ kind, name }) => `${kind}/${name}`), ['ResourceClaim/a-gpu-x'])
})
