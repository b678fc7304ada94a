/** StatefulSet: order, stable identity, the partition, one Pod at a time in updates, claims that stay or go as asked. */
import assert from 'node:assert/strict'
import { controllerOf, type NewObject, type Ref } from '../../core/api/meta.ts'
import type { ControllerRevision, StatefulSet } from '../../core/api/types/apps.ts'
import type { PersistentVolumeClaim, Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { allControllers } from '../controllers/cluster.ts'
import { checkModel, type Deed } from './model.ts'
import { below, pick, type Random } from './random.ts'

const web = { kind: 'StatefulSet', namespace: 'default', name: 'web' }
const controllers = [
  'statefulset-controller',
  'garbage-collector-controller',
  // Claims are held by a finalizer while they are in use.
  ...allControllers().map(({ name }) => name).filter((name) => /^(pvc|persistentvolumeclaim)-protection/.test(name)),
]
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const historyLimit = 2

const statefulSet = (replicas: number, more: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    serviceName: 'web',
    revisionHistoryLimit: historyLimit,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:0' }] } },
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
    ...more,
  },
})

const ordinalOf = (name: string) => Number(name.slice(name.lastIndexOf('-') + 1))
const isLeaving = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined
const isReady = (pod: Pod) => !isLeaving(pod) && pod.status.phase === 'Running' && (pod.status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false)
const the = (now: Snapshot) => now.get<StatefulSet>('StatefulSet', 'default', 'web')!
const podsOf = (now: Snapshot) => now.list<Pod>('Pod', 'default').filter((pod) => controllerOf(pod.metadata)?.name === 'web').sort((a, b) => ordinalOf(a.metadata.name) - ordinalOf(b.metadata.name))
const claimsOf = (now: Snapshot) => now.list<PersistentVolumeClaim>('PersistentVolumeClaim', 'default').filter(({ metadata }) => metadata.deletionTimestamp === undefined)
const just = (now: Snapshot, wrote: Ref) => (wrote.kind === 'Pod' ? now.get<Pod>('Pod', 'default', wrote.name) : undefined)

function identity(now: Snapshot): void {
  for (const pod of podsOf(now)) {
    const { name, labels = {} } = pod.metadata
    assert.match(name, /^web-\d+$/)
    assert.equal(labels['statefulset.kubernetes.io/pod-name'], name)
    assert.equal(labels['apps.kubernetes.io/pod-index'], String(ordinalOf(name)))
    assert.equal(pod.spec.hostname, name)
    assert.equal(pod.spec.subdomain, 'web')
    assert.equal(pod.spec.volumes?.find((volume) => volume.name === 'data')?.persistentVolumeClaim?.claimName, `data-${name}`)
  }
}

function settled(now: Snapshot): void {
  const { spec, status, metadata } = the(now)
  const pods = podsOf(now)
  const replicas = spec.replicas ?? 1
  const start = spec.ordinals?.start ?? 0
  assert.deepEqual(pods.map(({ metadata: { name } }) => ordinalOf(name)), Array.from({ length: replicas }, (_, i) => start + i))
  assert.ok(pods.every(isReady), 'all are ready')
  const image = spec.template.spec.containers[0]?.image
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0
  const rolling = spec.updateStrategy?.type === 'RollingUpdate'
  if (rolling) for (const pod of pods.slice(partition)) assert.equal(pod.spec.containers[0]?.image, image, `${pod.metadata.name} is of the last template`)
  const { availableReplicas, readyReplicas = 0, observedGeneration } = status
  assert.deepEqual({ replicas: status.replicas, readyReplicas, availableReplicas, observedGeneration }, { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: metadata.generation })
  if (rolling && partition === 0) assert.equal(status.currentRevision, status.updateRevision)
  for (const pod of pods) assert.ok(claimsOf(now).some((claim) => claim.metadata.name === `data-${pod.metadata.name}`), `${pod.metadata.name} has its claim`)
  const live = new Set([status.currentRevision, status.updateRevision, ...pods.map((pod) => pod.metadata.labels?.['controller-revision-hash'])])
  const revisions = now.list<ControllerRevision>('ControllerRevision', 'default')
  assert.ok(revisions.filter((one) => !live.has(one.metadata.name)).length <= historyLimit, 'old revisions are forgotten')
  for (const name of live) assert.ok(revisions.some((one) => one.metadata.name === name), `the revision ${name} is there`)
  const numbers = revisions.map(({ revision }) => revision)
  assert.equal(Math.max(...numbers), revisions.find((one) => one.metadata.name === status.updateRevision)?.revision, 'the last revision is the one updated to')
}

const newImage: Deed = [0.6, ({ user, random }) => user.patch(web, merge({ spec: { template: { spec: { containers: [{ name: 'web', image: `nginx:${below(random, 4)}` }] } } } }))]
const scale: Deed = [0.6, ({ user, random }) => user.patch(web, merge({ spec: { replicas: below(random, 6) } }))]
const shift: Deed = [0.15, ({ user, random }) => user.patch(web, merge({ spec: { ordinals: { start: below(random, 3) } } }))]
const partition: Deed = [0.3, ({ user, random }) => user.patch(web, merge({ spec: { updateStrategy: pick(random, [{ type: 'OnDelete', rollingUpdate: null }, { type: 'RollingUpdate', rollingUpdate: { partition: below(random, 4) } }]) } }))]
const remove: Deed = [0.6, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default'))
  if (pod) await user.delete({ kind: 'Pod', namespace: 'default', name: pod.metadata.name }, { gracePeriodSeconds: below(random, 2) * 30 })
}]
/** A Pod and its data are given up: it comes again only with a claim anew. */
const loseData: Deed = [0.4, async ({ user, random, now }) => {
  const pod = pick(random, podsOf(now))
  const claim = pod && now.get<PersistentVolumeClaim>('PersistentVolumeClaim', 'default', `data-${pod.metadata.name}`)
  if (claim && claim.metadata.deletionTimestamp === undefined) await user.delete({ kind: claim.kind, namespace: 'default', name: claim.metadata.name })
  if (pod && !isLeaving(pod)) await user.delete({ kind: 'Pod', namespace: 'default', name: pod.metadata.name })
}]
const orphan: Deed = [0.2, async ({ user, random, now }) => {
  const one = pick(random, [...now.list<Pod>('Pod', 'default'), ...now.list<ControllerRevision>('ControllerRevision', 'default')])
  if (one) await user.patch({ kind: one.kind, namespace: 'default', name: one.metadata.name }, merge({ metadata: { ownerReferences: [] } }))
}]
const retention: Deed = [0.2, ({ user, random }) => user.patch(web, merge({ spec: { persistentVolumeClaimRetentionPolicy: anyRetention(random) } }))]
const anyRetention = (random: Random) => ({ whenDeleted: pick(random, ['Retain', 'Delete']), whenScaled: pick(random, ['Retain', 'Delete']) })

for (const podManagementPolicy of ['OrderedReady', 'Parallel'] as const) {
  checkModel({
    name: `statefulset in trouble, ${podManagementPolicy}`,
    controllers,
    setup: ({ user, random }) => user.create(statefulSet(below(random, 5), { podManagementPolicy, minReadySeconds: below(random, 2) * 10, persistentVolumeClaimRetentionPolicy: anyRetention(random) })),
    deeds: { scale, shift, 'new image': newImage, partition, remove, 'lose data': loseData, orphan, retention },
    kubelet: { failed: 0.1 },
    nodesMayBeLost: true,
    always: identity,
    settled,
  })
}

{
  let before = new Map<string, boolean>()
  let made = new Set<string>()
  checkModel({
    name: 'statefulset scales in order',
    controllers,
    setup({ user, random }) {
      before = new Map()
      made = new Set()
      return user.create(statefulSet(below(random, 5), { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }))
    },
    kubelet: { unready: 0, failed: 0 },
    deeds: { scale },
    always(now, wrote) {
      identity(now)
      const pods = podsOf(now)
      const pod = just(now, wrote)
      if (pod && !before.has(pod.metadata.name)) {
        const lower = pods.filter(({ metadata }) => ordinalOf(metadata.name) < ordinalOf(pod.metadata.name))
        assert.equal(lower.length, ordinalOf(pod.metadata.name), `all before ${pod.metadata.name} are there`)
        assert.ok(lower.every(isReady), `all before ${pod.metadata.name} are ready when it is made`)
      }
      if (pod && isLeaving(pod) && before.get(pod.metadata.name) === false) assert.equal(pods.at(-1)?.metadata.name, pod.metadata.name, `${pod.metadata.name} is the last when it is stopped`)
      const away = pods.filter((one) => !isReady(one)).map(({ metadata }) => metadata.name)
      assert.ok(away.length <= 1, `one at a time, not ${away.join(' and ')}`)
      if (pod && !isLeaving(pod)) made.add(`data-${pod.metadata.name}`)
      // As upstream, a claim wanted again while its Pod, not yet started, is on its way out belongs to that Pod no more, and outlives it.
      const claim = wrote.kind === 'PersistentVolumeClaim' ? claimsOf(now).find(({ metadata }) => metadata.name === wrote.name) : undefined
      if (claim && !controllerOf(claim.metadata) && !pods.some((one) => !isLeaving(one) && `data-${one.metadata.name}` === wrote.name)) made.delete(wrote.name)
      before = new Map(pods.map((one) => [one.metadata.name, isLeaving(one)]))
    },
    settled(now) {
      settled(now)
      const names = podsOf(now).map(({ metadata }) => `data-${metadata.name}`)
      // As upstream, a claim whose Pod was never made stays.
      assert.deepEqual(claimsOf(now).map(({ metadata }) => metadata.name).filter((name) => made.has(name)).sort(), names.sort(), 'claims went with their Pods')
    },
  })
}

for (const [podManagementPolicy, kept] of [['OrderedReady', 0], ['OrderedReady', 2], ['Parallel', 2]] as const) {
  const replicas = 4
  let served = false
  let stopped = new Set<string>()
  let keptRevision: string | undefined
  checkModel({
    name: `statefulset updates, ${podManagementPolicy}, partition ${kept}`,
    controllers,
    setup({ user }) {
      served = false
      stopped = new Set()
      keptRevision = undefined
      return user.create(statefulSet(replicas, { podManagementPolicy, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: kept } } }))
    },
    kubelet: { unready: 0, failed: 0 },
    deeds: { 'new image': newImage },
    always(now, wrote) {
      identity(now)
      const pods = podsOf(now)
      const ready = pods.filter(isReady).length
      served ||= ready === replicas
      // As upstream, Parallel stops an outdated Pod above one that is still on its way out from the update before.
      assert.ok(!served || podManagementPolicy === 'Parallel' || ready >= replicas - 1, `${ready} are ready, ${replicas - 1} are promised`)
      for (const pod of pods.filter(({ metadata }) => ordinalOf(metadata.name) < kept)) {
        keptRevision ??= pod.metadata.labels?.['controller-revision-hash']
        assert.equal(pod.metadata.labels?.['controller-revision-hash'], keptRevision, `${pod.metadata.name} is below the partition`)
        assert.ok(!isLeaving(pod), `${pod.metadata.name} is below the partition and stays`)
      }
      const pod = just(now, wrote)
      if (pod && isLeaving(pod) && !stopped.has(pod.metadata.uid)) {
        stopped.add(pod.metadata.uid)
        const higher = pods.filter(({ metadata }) => ordinalOf(metadata.name) > ordinalOf(pod.metadata.name))
        assert.ok(higher.every(isReady), `those above ${pod.metadata.name} are ready when it is stopped`)
      }
    },
    settled,
  })
}
