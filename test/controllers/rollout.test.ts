import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Event, Pod } from '../../core/api/types/core.ts'
import { deploymentOf, namespace, rolloutControllers, settleCluster, startCluster, type Cluster } from './cluster.ts'

const web = { kind: 'Deployment', namespace: 'default', name: 'web' }
const started = async (shape = {}): Promise<Cluster> => {
  const cluster = await startCluster(rolloutControllers(), (world) => world.put(namespace('default')))
  cluster.apply(deploymentOf(shape))
  await settleCluster(cluster)
  return cluster
}
const d = ({ world }: Cluster) => world.get<Deployment>('Deployment', 'default', 'web')!
const sets = ({ world }: Cluster) => world.list<ReplicaSet>('ReplicaSet').sort((a, b) => Number(a.metadata.annotations?.['deployment.kubernetes.io/revision']) - Number(b.metadata.annotations?.['deployment.kubernetes.io/revision']))
const setImage = ({ world }: Cluster, image: string) =>
  world.client('user:me').patch(web, { type: 'merge', body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } } })
const events = ({ world }: Cluster, reason: string) => world.list<Event>('Event').filter((event) => event.reason === reason)
const progressing = (cluster: Cluster) => d(cluster).status.conditions?.find(({ type }) => type === 'Progressing')

test('a new Deployment settles on its Pods, and then writes nothing', async () => {
  const cluster = await started()
  assert.equal(d(cluster).status.availableReplicas, 3)
  assert.equal(d(cluster).metadata.annotations?.['deployment.kubernetes.io/revision'], '1')
  assert.deepEqual(d(cluster).status.conditions?.map(({ type, status, reason }) => [type, status, reason]), [
    ['Available', 'True', 'MinimumReplicasAvailable'],
    ['Progressing', 'True', 'NewReplicaSetAvailable'],
  ])
  assert.equal(events(cluster, 'SuccessfulCreate').length, 3)
  assert.equal(events(cluster, 'ScalingReplicaSet')[0]?.message, `Scaled up replica set ${sets(cluster)[0]?.metadata.name} from 0 to 3`)
  const { revision } = cluster.world
  await cluster.clock.run(3_600_000)
  assert.equal(cluster.world.revision, revision)
  await cluster.stop()
})

test('a new image rolls, an undo revives the old ReplicaSet under a new number', async () => {
  const cluster = await started()
  await setImage(cluster, 'nginx:1.26')
  await settleCluster(cluster)
  assert.deepEqual(sets(cluster).map(({ spec, metadata }) => [spec.replicas, metadata.annotations?.['deployment.kubernetes.io/revision']]), [[0, '1'], [3, '2']])
  await setImage(cluster, 'nginx:1.25')
  await settleCluster(cluster)
  const [former, current] = sets(cluster)
  assert.equal(former?.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
  assert.equal(current?.metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
  assert.equal(current?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1')
  assert.equal(current?.spec.replicas, 3)
  assert.equal(d(cluster).metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
  await cluster.stop()
})

test('reasons read well, and every write names what led to it', async () => {
  const cluster = await started()
  await setImage(cluster, 'nginx:1.26')
  const from = cluster.world.writes.length
  await settleCluster(cluster)
  const writes = cluster.world.writes.slice(from).filter(({ actor, ref }) => actor.startsWith('controller:') && ref.kind !== 'Event')
  const said = writes.map(({ options }) => `${options.because?.say} | ${options.because?.why}`)
  assert.ok(said.includes('started revision 2 with 1 Pod | 3 wanted, 1 extra allowed while updating'), said.join('\n'))
  assert.ok(said.some((line) => /^stopped one 1\.25 Pod, \w+ \| 4 ready, 3 are enough$/.test(line)), said.join('\n'))
  assert.ok(said.includes('added a second 1.26 Pod | 3 Pods before, 4 allowed while updating'), said.join('\n'))
  assert.ok(writes.every(({ options }) => (options.because?.led.length ?? 0) > 0), 'led')
  await cluster.stop()
})

test('an image that never runs keeps old Pods serving, and is reported after the deadline', async () => {
  const cluster = await started({ progressDeadlineSeconds: 60 })
  await setImage(cluster, 'nginx:1.2x')
  await settleCluster(cluster, { broken: (pod) => pod.spec.containers[0]?.image === 'nginx:1.2x' })
  assert.equal(d(cluster).status.availableReplicas, 3)
  assert.equal(progressing(cluster)?.reason, 'ReplicaSetUpdated')
  await cluster.clock.run(62_000)
  assert.equal(progressing(cluster)?.reason, 'ProgressDeadlineExceeded')
  assert.equal(progressing(cluster)?.status, 'False')
  assert.equal(progressing(cluster)?.message, `ReplicaSet "${sets(cluster)[1]?.metadata.name}" has timed out progressing.`)
  await setImage(cluster, 'nginx:1.25')
  await settleCluster(cluster)
  assert.equal(progressing(cluster)?.reason, 'NewReplicaSetAvailable')
  await cluster.stop()
})

test('scaling in the middle of a rollout shares the Pods in proportion', async () => {
  const cluster = await started({ replicas: 10, maxSurge: 3, maxUnavailable: 2 })
  const broken = (pod: Pod) => pod.spec.containers[0]?.image === 'nginx:404'
  await setImage(cluster, 'nginx:404')
  await settleCluster(cluster, { broken })
  assert.deepEqual(sets(cluster).map(({ spec }) => spec.replicas), [8, 5])
  await cluster.world.client('user:me').patch(web, { type: 'merge', body: { spec: { replicas: 15 } } })
  await settleCluster(cluster, { broken })
  // Upstream's own example in its documentation of proportional scaling.
  assert.deepEqual(sets(cluster).map(({ spec }) => spec.replicas), [11, 7])
  await cluster.stop()
})

test('Recreate: no old Pod is left when the first new one starts', async () => {
  const cluster = await started({ recreate: true })
  await setImage(cluster, 'nginx:1.26')
  let overlap = false
  for (let i = 0; i < 60; i++) {
    await cluster.clock.run(20)
    const images = new Set(cluster.world.list<Pod>('Pod').map((pod) => pod.spec.containers[0]?.image))
    overlap ||= images.size > 1
    if (i % 2 === 0) await settleCluster(cluster).catch(() => {})
  }
  assert.equal(overlap, false)
  assert.equal(d(cluster).status.updatedReplicas, 3)
  await cluster.stop()
})

test('a paused Deployment scales but does not roll; resuming lets it', async () => {
  const cluster = await started()
  const patch = (spec: object) => cluster.world.client('user:me').patch(web, { type: 'merge', body: { spec } })
  await patch({ paused: true })
  await setImage(cluster, 'nginx:1.26')
  await patch({ replicas: 5 })
  await settleCluster(cluster)
  assert.deepEqual(sets(cluster).map(({ spec }) => spec.replicas), [5])
  assert.equal(progressing(cluster)?.reason, 'DeploymentPaused')
  await patch({ paused: false })
  await settleCluster(cluster)
  assert.deepEqual(sets(cluster).map(({ spec }) => spec.replicas), [0, 5])
  await cluster.stop()
})

test('old revisions beyond the limit go', async () => {
  const cluster = await started({ revisionHistoryLimit: 1 })
  for (const tag of ['1.26', '1.27', '1.28']) {
    await setImage(cluster, `nginx:${tag}`)
    await settleCluster(cluster)
  }
  assert.deepEqual(sets(cluster).map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision']), ['3', '4'])
  await cluster.stop()
})

test('minReadySeconds is waited for', async () => {
  const cluster = await started({ minReadySeconds: 30 })
  assert.equal(d(cluster).status.readyReplicas, 3)
  assert.equal(d(cluster).status.availableReplicas, undefined)
  await cluster.clock.run(31_000)
  assert.equal(d(cluster).status.availableReplicas, 3)
  await cluster.stop()
})
