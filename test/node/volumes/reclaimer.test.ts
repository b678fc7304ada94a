/** Claimed volumes on a node: what they stand for, what is said while they are waited for, and how their data go. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject, NewObject } from '../../../core/api/meta.ts'
import { volumeDataFinalizer } from '../../../core/api/storage/local-storage.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { silent } from '../../../core/base/log.ts'
import { Scope } from '../../../core/base/scope.ts'
import { Recorder } from '../../../core/loop/recorder.ts'
import { RuntimeError } from '../../../core/node/runtime.ts'
import { claimedVolume } from '../../../core/node/volumes/claims.ts'
import { VolumeReclaimer } from '../../../core/node/volumes/reclaimer.ts'
import { FakeClock, settle } from '../../loop/fake-clock.ts'
import { MemoryClient } from '../memory-client.ts'

const volume = (spec: object = {}, meta: object = {}): NewObject => ({
  apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv', annotations: { 'pv.kubernetes.io/provisioned-by': 'docker-volume.orrery.dev' }, finalizers: [volumeDataFinalizer], ...meta },
  spec: { persistentVolumeReclaimPolicy: 'Delete', csi: { driver: 'docker-volume.orrery.dev', volumeHandle: 'orrery-pv' }, ...spec }, status: { phase: 'Released' },
})

async function start(object: NewObject) {
  const clock = new FakeClock()
  const client = new MemoryClient(() => clock.now())
  const removed: string[] = []
  let refusals = 0
  const runtime = {
    mountsFiles: true,
    removeVolume: async (name: string) => {
      if (refusals-- > 0) throw new RuntimeError('Conflict', `volume ${name} is in use`)
      removed.push(name)
    },
    removeTree: async (path: string) => void removed.push(path),
  }
  await client.create(object)
  const scope = new Scope('test')
  const recorder = new Recorder({ client, clock, log: silent })
  new VolumeReclaimer({ runtime, client, cache: client.cache, recorder, clock, log: silent }).start(scope)
  return { clock, client, removed, refuse: (times: number) => void (refusals = times), close: () => scope.close(), there: () => client.find('PersistentVolume', undefined as never, 'pv') as KubeObject | undefined }
}
const leave = { deletionTimestamp: '2026-01-01T00:00:00Z' }

test('a volume that leaves loses its data, and then its finalizer', async () => {
  const { client, removed, close } = await start(volume({}, leave))
  await settle()
  assert.deepEqual(removed, ['orrery-pv'])
  assert.deepEqual(client.writes.filter(({ verb }) => verb === 'patch').map(({ object }) => object.metadata.finalizers ?? []), [[]])
  await close()
})

test('what the engine still holds is tried again, and said', async () => {
  const { clock, removed, refuse, close, client } = await start(volume())
  refuse(3)
  await client.patch({ kind: 'PersistentVolume', name: 'pv' }, { type: 'merge', body: { metadata: leave } })
  await settle()
  assert.deepEqual(removed, [])
  await clock.run(10_000)
  assert.deepEqual(removed, ['orrery-pv'])
  await close()
})

test('data stay while the volume is bound, and where its policy is Retain', async () => {
  const bound = await start(volume({}, { ...leave, finalizers: ['kubernetes.io/pv-protection', volumeDataFinalizer] }))
  await settle()
  assert.deepEqual(bound.removed, [])
  await bound.close()
  const kept = await start(volume({ persistentVolumeReclaimPolicy: 'Retain' }, leave))
  await settle()
  assert.deepEqual(kept.removed, [])
  assert.equal(kept.client.writes.filter(({ verb }) => verb === 'patch').length, 1, 'it is let go all the same')
  await kept.close()
})

test('a folder that does not carry the volume’s name is nobody’s to remove', async () => {
  const { removed, close } = await start(volume({ csi: undefined, local: { path: '/somewhere/else' } }, leave))
  await settle()
  assert.deepEqual(removed, [])
  await close()
})

test('a claim is mounted once it is bound, and says what it waits for until then', async () => {
  const client = new MemoryClient(() => 0)
  const pod = { metadata: { name: 'web', namespace: 'default', uid: 'u' }, spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data', readOnly: true } }], containers: [] } } as unknown as Pod
  const why = () => {
    try {
      return claimedVolume(pod, pod.spec.volumes![0]!, 'n1', client.cache).volume.metadata.name
    } catch (error) {
      return (error as Error).message.split(': ').slice(2).join(': ')
    }
  }
  assert.equal(why(), 'failed to fetch PVC from API server: persistentvolumeclaims "data" not found')
  await client.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default', uid: 'c' }, spec: {}, status: { phase: 'Pending' } })
  assert.equal(why(), 'PVC is not bound')
  const claim = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' }
  await client.patch(claim, { type: 'merge', body: { spec: { volumeName: 'pv' } } })
  await client.patch(claim, { type: 'merge', body: { status: { phase: 'Bound' } } }, { subresource: 'status' })
  assert.equal(why(), 'failed to fetch PV pv from API server: persistentvolumes "pv" not found')
  await client.create(volume({ claimRef: { uid: 'someone' } }))
  assert.equal(why(), 'PV pv is bound to another claim')
  await client.patch({ kind: 'PersistentVolume', name: 'pv' }, { type: 'merge', body: { spec: { claimRef: { uid: client.cache.get('PersistentVolumeClaim', 'default', 'data')!.metadata.uid } } } })
  assert.equal(why(), 'pv')
  assert.equal(claimedVolume(pod, pod.spec.volumes![0]!, 'n1', client.cache).readOnly, true)
  await client.patch({ kind: 'PersistentVolume', name: 'pv' }, { type: 'merge', body: { spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n2'] }] }] } } } } })
  await client.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' } } })
  assert.match(why(), /cannot be reached from node n1/)
})
