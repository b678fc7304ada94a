/** Admission of storage: the default class, protection in use, and which claims may grow. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PersistentVolumeClaim } from '../../../core/api/types/core.ts'
import { FakeClock } from '../../loop/fake-clock.ts'
import { namespace, openRegistry } from './open-registry.ts'

const storageClass = (name: string, isDefault: boolean, more: object = {}) => ({
  apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } } as { namespace?: string }, provisioner: 'x', ...more,
})
const claim = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name } as { namespace?: string }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })

test('a claim without a class gets the newest default one, and is protected', async () => {
  const clock = new FakeClock()
  const { create, get } = await openRegistry(clock)
  await create(claim('early'))
  await create(storageClass('old', true))
  await clock.run(5_000)
  await create(storageClass('young', true))
  await create(storageClass('other', false))
  await create(claim('plain'))
  await create(claim('none', { storageClassName: '' }))
  const classOf = async (name: string) => ((await get('PersistentVolumeClaim', name)).object as PersistentVolumeClaim).spec.storageClassName
  assert.deepEqual([await classOf('early'), await classOf('plain'), await classOf('none')], [undefined, 'young', ''])
  const { metadata } = (await get('PersistentVolumeClaim', 'plain')).object as PersistentVolumeClaim
  assert.deepEqual(metadata.finalizers, ['kubernetes.io/pvc-protection'])
  await create({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' } as { namespace?: string }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } })
  assert.deepEqual((await get('PersistentVolume', 'v')).object.metadata.finalizers, ['kubernetes.io/pv-protection'])
})

test('a claim grows once it is bound, where its class allows it', async () => {
  const { registry, create, patch } = await openRegistry()
  await create(storageClass('fixed', false))
  await create(storageClass('elastic', false, { allowVolumeExpansion: true }))
  await create(claim('a', { storageClassName: 'fixed' }))
  await create(claim('b', { storageClassName: 'elastic' }))
  const grow = (name: string, storage: string) => patch('PersistentVolumeClaim', name, { type: 'merge', body: { spec: { resources: { requests: { storage } } } } })
  const bind = (name: string) => patch('PersistentVolumeClaim', name, { type: 'merge', body: { status: { phase: 'Bound', capacity: { storage: '1Gi' } } } }, { subresource: 'status' })
  await assert.rejects(grow('b', '2Gi'), /spec is immutable after creation|Only bound persistent volume claims can be expanded/)
  await bind('a')
  await bind('b')
  await assert.rejects(grow('a', '2Gi'), /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize/)
  assert.equal(((await grow('b', '3Gi')).object as PersistentVolumeClaim).spec.resources?.requests?.['storage'], '3Gi')
  assert.equal(((await grow('b', '2Gi')).object as PersistentVolumeClaim).spec.resources?.requests?.['storage'], '2Gi', 'back from a growth that failed')
  await assert.rejects(grow('b', '1Gi'), /field can not be less than status.capacity/)
  assert.ok(registry.face('', 'v1', 'persistentvolumeclaims'), namespace)
})
