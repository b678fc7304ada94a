/** StatefulSet on the real runner: order, events, updates and going back, trouble with claims and quotas. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ControllerRevision, StatefulSet } from '../../../core/api/types/apps.ts'
import type { Event, PersistentVolumeClaim, Pod } from '../../../core/api/types/core.ts'
import { ApiError } from '../../../core/api/status.ts'
import { allControllers, namespace, settleCluster, startCluster, type Cluster } from '../cluster.ts'

const web = { kind: 'StatefulSet', namespace: 'default', name: 'web' }
const running = () => allControllers().filter(({ name }) => ['statefulset-controller', 'garbage-collector-controller'].includes(name))

const claims = [{ metadata: { name: 'data', annotations: { backup: 'daily' } }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }]
const setOf = (spec: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    serviceName: 'web',
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1' }] } },
    ...spec,
  },
})

async function start(spec: object = {}, prepare: (cluster: Cluster) => void = () => {}): Promise<Cluster> {
  const cluster = await startCluster(running(), (world) => world.put(namespace('default')))
  prepare(cluster)
  cluster.apply(setOf(spec))
  return cluster
}
const patch = (cluster: Cluster, spec: object) => cluster.world.client('user:me').patch(web, { type: 'merge', body: { spec } })
const setImage = (cluster: Cluster, image: string) => patch(cluster, { template: { spec: { containers: [{ name: 'web', image }] } } })
const set = ({ world }: Cluster) => world.get<StatefulSet>('StatefulSet', 'default', 'web')!
const pods = ({ world }: Cluster) => world.list<Pod>('Pod').map(({ metadata, spec }) => `${metadata.name} ${spec.containers[0]?.image}`).sort()
const said = ({ world }: Cluster) => world.list<Event>('Event').filter(({ involvedObject }) => involvedObject.kind === 'StatefulSet').map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
const order = (cluster: Cluster, verb: string) => cluster.world.writes.filter((write) => write.actor === 'controller:statefulset-controller' && write.verb === verb && write.ref.kind === 'Pod').map(({ ref }) => ref.name)

test('Pods start one after the other with their claims, and stop in reverse; then nothing is written', async () => {
  const cluster = await start({ volumeClaimTemplates: claims })
  await settleCluster(cluster)
  assert.deepEqual(order(cluster, 'create'), ['web-0', 'web-1', 'web-2'])
  assert.deepEqual(said(cluster).filter((line) => line.includes('web-0')), [
    'Normal SuccessfulCreate: Create Claim data-web-0 Pod web-0 in StatefulSet web success',
    'Normal SuccessfulCreate: Create Pod web-0 in StatefulSet web successful',
  ])
  const claim = cluster.world.get<PersistentVolumeClaim>('PersistentVolumeClaim', 'default', 'data-web-2')
  assert.deepEqual([claim?.metadata.labels, claim?.metadata.annotations, claim?.metadata.ownerReferences], [{ app: 'web' }, { backup: 'daily' }, undefined])
  const { currentRevision, updateRevision, ...counts } = set(cluster).status
  assert.equal(currentRevision, updateRevision)
  assert.deepEqual(counts, { replicas: 3, readyReplicas: 3, availableReplicas: 3, currentReplicas: 3, updatedReplicas: 3, collisionCount: 0, observedGeneration: 1 })

  await patch(cluster, { replicas: 0 })
  await settleCluster(cluster)
  assert.deepEqual(order(cluster, 'delete'), ['web-2', 'web-1', 'web-0'])
  assert.equal(cluster.world.list('PersistentVolumeClaim').length, 3, 'claims stay')
  assert.ok(said(cluster).includes('Normal SuccessfulDelete: Delete Pod web-2 in StatefulSet web successful'))
  const { revision } = cluster.world
  await cluster.clock.run(3_600_000)
  assert.equal(cluster.world.revision, revision)
  await cluster.stop()
})

test('an update goes from the highest Pod down, an undo brings the former revision back under a new number', async () => {
  const cluster = await start()
  await settleCluster(cluster)
  const first = set(cluster).status.currentRevision
  await setImage(cluster, 'nginx:2')
  await settleCluster(cluster)
  assert.deepEqual(order(cluster, 'delete'), ['web-2', 'web-1', 'web-0'])
  assert.deepEqual(pods(cluster), ['web-0 nginx:2', 'web-1 nginx:2', 'web-2 nginx:2'])
  assert.notEqual(set(cluster).status.currentRevision, first)
  await setImage(cluster, 'nginx:1')
  await settleCluster(cluster)
  assert.deepEqual(pods(cluster), ['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:1'])
  assert.equal(set(cluster).status.currentRevision, first)
  assert.deepEqual(cluster.world.list<ControllerRevision>('ControllerRevision').map(({ revision }) => revision).sort(), [2, 3])
  await cluster.stop()
})

test('a broken update waits for a hand, as upstream; Pods below the partition come back as they were', async () => {
  const cluster = await start()
  await settleCluster(cluster)
  const broken = (pod: Pod) => pod.spec.containers[0]?.image === 'nginx:broken'
  await setImage(cluster, 'nginx:broken')
  await settleCluster(cluster, { broken })
  await setImage(cluster, 'nginx:1')
  await settleCluster(cluster, { broken })
  assert.deepEqual(pods(cluster), ['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:broken'])
  const last = cluster.decisions.of(web).at(-1)?.because
  assert.deepEqual([last?.code, last?.say], ['WaitingForPod', 'waiting for web-2 to be Ready'])
  await cluster.world.client('user:me').delete({ kind: 'Pod', namespace: 'default', name: 'web-2' })
  await settleCluster(cluster, { broken })
  assert.deepEqual(pods(cluster), ['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:1'])

  await patch(cluster, { updateStrategy: { rollingUpdate: { partition: 2 } } })
  await setImage(cluster, 'nginx:2')
  await settleCluster(cluster)
  await cluster.world.client('user:me').delete({ kind: 'Pod', namespace: 'default', name: 'web-1' })
  await settleCluster(cluster)
  assert.deepEqual(pods(cluster), ['web-0 nginx:1', 'web-1 nginx:1', 'web-2 nginx:2'])
  await cluster.stop()
})

test('minReadySeconds keeps the next Pod waiting, and says until when', async () => {
  const cluster = await start({ replicas: 2, minReadySeconds: 60 })
  await settleCluster(cluster)
  assert.deepEqual(pods(cluster), ['web-0 nginx:1'])
  const last = cluster.decisions.of(web).at(-1)
  assert.equal(last?.because.say, 'waiting for web-0 to stay Ready before web-1')
  assert.ok(last?.dueMs !== undefined && last.dueMs > cluster.clock.now())
  await cluster.clock.run(61_000)
  await settleCluster(cluster)
  assert.deepEqual(pods(cluster), ['web-0 nginx:1', 'web-1 nginx:1'])
  await cluster.stop()
})

test('what is refused is told as upstream tells it, and tried again', async () => {
  let refused: string | undefined = 'Pod'
  const cluster = await start({ replicas: 1, volumeClaimTemplates: claims }, ({ world }) => {
    world.refuse = (verb, { kind, metadata }) => {
      if (verb === 'create' && kind === refused) throw new ApiError('Forbidden', `${kind} ${metadata.name} is forbidden: exceeded quota`)
    }
  })
  await settleCluster(cluster)
  assert.ok(said(cluster).includes('Warning FailedCreate: Create Pod web-0 in StatefulSet web failed error: Pod web-0 is forbidden: exceeded quota'))
  refused = undefined
  await cluster.clock.run(60_000)
  await settleCluster(cluster)
  assert.deepEqual(pods(cluster), ['web-0 nginx:1'])

  refused = 'PersistentVolumeClaim'
  await patch(cluster, { replicas: 2 })
  await settleCluster(cluster)
  assert.ok(said(cluster).includes('Warning FailedCreate: Create Claim data-web-1 for Pod web-1 in StatefulSet web failed error: PersistentVolumeClaim data-web-1 is forbidden: exceeded quota'))
  assert.ok(said(cluster).includes('Warning FailedCreate: Create Pod web-1 in StatefulSet web failed error: failed to create PVC data-web-1: PersistentVolumeClaim data-web-1 is forbidden: exceeded quota'))
  await cluster.stop()
})

test('claims go with the Pods that are scaled away, and with the set', async () => {
  const cluster = await start({ replicas: 2, volumeClaimTemplates: claims, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' } })
  const claimNames = () => cluster.world.list('PersistentVolumeClaim').map(({ metadata }) => metadata.name).sort()
  await settleCluster(cluster)
  assert.deepEqual(claimNames(), ['data-web-0', 'data-web-1'])
  await patch(cluster, { replicas: 1 })
  await settleCluster(cluster)
  assert.deepEqual(claimNames(), ['data-web-0'])
  await patch(cluster, { replicas: 2 })
  await settleCluster(cluster)
  assert.deepEqual(claimNames(), ['data-web-0', 'data-web-1'])
  await cluster.world.client('user:me').delete(web)
  await settleCluster(cluster)
  assert.deepEqual([claimNames(), pods(cluster), cluster.world.list('ControllerRevision').length], [[], [], 0])
  await cluster.stop()
})

test('a Pod of the name that belongs to nobody of ours holds up its place until it is gone', async () => {
  const cluster = await start({ replicas: 1 }, ({ world }) => {
    world.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-0', namespace: 'default' }, spec: { containers: [{ name: 'x', image: 'x' }] }, status: { phase: 'Running' } })
  })
  await settleCluster(cluster)
  assert.equal(cluster.decisions.of(web).at(-1)?.because.code, 'NameTaken')
  await cluster.world.client('user:me').delete({ kind: 'Pod', namespace: 'default', name: 'web-0' }, { gracePeriodSeconds: 0 })
  await settleCluster(cluster)
  assert.deepEqual(pods(cluster), ['web-0 nginx:1'])
  await cluster.stop()
})
