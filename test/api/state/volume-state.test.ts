import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { stateOf } from '../../../core/api/state/state-of.ts'
import { LiveCache } from '../../loop/live-cache.ts'

const object = (kind: string, name: string, fields: object, meta: object = {}): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...meta }, ...fields }) as unknown as KubeObject
const cluster = (kind: string, name: string, fields: object, meta: object = {}) => object(kind, name, fields, { namespace: undefined, ...meta })
const claim = (spec: object, status: object, meta: object = {}) => object('PersistentVolumeClaim', 'data', { spec: { resources: { requests: { storage: '1Gi' } }, ...spec }, status }, meta)
const say = (what: KubeObject, ...others: KubeObject[]) => {
  const { mark, say, why } = stateOf(what, new LiveCache().put(...others), 0)
  return `${mark}: ${say}${why === undefined ? '' : ` (${why})`}`
}
const user = (node?: string) => object('Pod', 'web-0', { spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }], ...(node ? { nodeName: node } : {}) }, status: { phase: 'Pending' } })
const waits = cluster('StorageClass', 'standard', { provisioner: 'x', volumeBindingMode: 'WaitForFirstConsumer' })

test('a claim says what it has, and what it waits for', () => {
  assert.equal(say(claim({ storageClassName: 'standard' }, { phase: 'Pending' }), waits), 'waiting: waits for its first consumer (the volume is made where the first Pod that uses it runs)')
  assert.equal(say(claim({ storageClassName: 'standard' }, { phase: 'Pending' }), waits, user()), 'waiting: waits until web-0 has a node (the volume is made where the first Pod that uses it runs)')
  assert.equal(say(claim({ storageClassName: 'nope' }, { phase: 'Pending' })), 'failing: gets no volume (there is no storage class nope)')
  assert.equal(say(claim({ storageClassName: '' }, { phase: 'Pending' })), 'waiting: waits for a volume (no volume fits, and no storage class makes one)')
  assert.equal(say(claim({}, { phase: 'Bound', capacity: { storage: '1Gi' } }), user('n1')), 'ready: has 1 GiB (used by web-0)')
  assert.equal(say(claim({ resources: { requests: { storage: '2Gi' } } }, { phase: 'Bound', capacity: { storage: '1Gi' } })), 'moving: grows to 2 GiB (has 1 GiB)')
  assert.equal(say(claim({}, { phase: 'Bound', capacity: { storage: '1Gi' } }, { deletionTimestamp: '2026-01-01T00:00:00Z' }), user('n1')), 'leaving: waits to be deleted (web-0 uses it)')
  assert.equal(say(claim({ volumeName: 'v' }, { phase: 'Lost' })), 'failing: has lost its volume (volume v is gone, and its data with it)')
})

test('a volume says who has it, and what becomes of it', () => {
  const volume = (status: object, spec: object = {}, meta: object = {}) => cluster('PersistentVolume', 'v', { spec: { capacity: { storage: '5Gi' }, claimRef: { namespace: 'default', name: 'data' }, ...spec }, status }, meta)
  assert.equal(say(volume({ phase: 'Bound' })), 'ready: holds 5 GiB (for default/data)')
  assert.equal(say(volume({ phase: 'Available' }, { claimRef: undefined })), 'ready: 5 GiB free')
  assert.equal(say(volume({ phase: 'Released' }, { persistentVolumeReclaimPolicy: 'Retain' })), 'waiting: released, data kept (default/data is gone, and its policy is Retain)')
  assert.equal(say(volume({ phase: 'Released' }, {}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['orrery.dev/volume-data'] })), 'leaving: being removed (its data go first)')
})
