/** Whom a taint on a device, a new slice or a claim that changes hands concerns. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { deviceTaintEviction } from '../../../core/controllers/devices/device-taint-eviction.ts'
import { Cache } from '../../../core/loop/cache.ts'

const driver = 'gpu.example.com'
const object = (kind: string, name: string, rest: object): KubeObject =>
  ({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...(kind === 'ResourceSlice' ? {} : { namespace: 'd' }) }, ...rest }) as KubeObject
const slice = (generation: number, effect?: string): KubeObject =>
  object('ResourceSlice', `of-${generation}`, { spec: { driver, nodeName: 'n1', pool: { name: 'n1', generation, resourceSliceCount: 1 }, devices: [{ name: 'a', ...(effect ? { taints: [{ key: 'broken', effect }] } : {}) }] } })
const claim = (name: string, pool: string, ...pods: string[]): KubeObject =>
  object('ResourceClaim', name, { spec: {}, status: { allocation: { devices: { results: [{ request: 'r', driver, pool, device: 'a' }] } }, reservedFor: pods.map((pod) => ({ resource: 'pods', name: pod, uid: pod })) } })
const woken = (changed: KubeObject, previous: KubeObject | undefined, ...others: KubeObject[]): string[] => {
  const cache = new Cache()
  cache.replace([changed, ...others], 9)
  return deviceTaintEviction.wakes!({ type: 'MODIFIED', object: changed, ...(previous ? { previous } : {}), revision: 9 }, cache).map(({ namespace, name }) => `${namespace}/${name}`)
}

test('a taint that drives away, and one that goes, concern all users of the pool; others do not', () => {
  const claims = [claim('here', 'n1', 'one', 'two'), claim('there', 'n2', 'three')]
  assert.deepEqual(woken(slice(1, 'NoExecute'), slice(1), ...claims), ['d/one', 'd/two'])
  assert.deepEqual(woken(slice(1), slice(1, 'NoExecute'), ...claims), ['d/one', 'd/two'])
  assert.deepEqual(woken(slice(1, 'NoSchedule'), slice(1), ...claims), [])
})

test('a newer slice without taints ends those of the older', () => {
  assert.deepEqual(woken(slice(2), undefined, slice(1, 'NoExecute'), claim('here', 'n1', 'one')), ['d/one'])
})

test('a claim that changes hands concerns both, one that nothing has changed of nobody', () => {
  assert.deepEqual(woken(claim('c', 'n1', 'two'), claim('c', 'n1', 'one')), ['d/two', 'd/one'])
  assert.deepEqual(woken(claim('c', 'n1', 'one'), claim('c', 'n1', 'one')), [])
})

test('of a Pod only its place and its claims matter', () => {
  const pod = (status: object, nodeName?: string): KubeObject => object('Pod', 'one', { spec: { containers: [], ...(nodeName ? { nodeName } : {}), resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] }, status })
  const concerns = (next: KubeObject, previous?: KubeObject) => deviceTaintEviction.concerns!({ type: previous ? 'MODIFIED' : 'ADDED', object: next, ...(previous ? { previous } : {}), revision: 1 })
  assert.equal(concerns(pod({}, 'n1')), true)
  assert.equal(concerns(pod({})), false)
  assert.equal(concerns(pod({ phase: 'Running' }, 'n1'), pod({}, 'n1')), false)
  assert.equal(concerns(pod({}, 'n1'), pod({})), true)
})
