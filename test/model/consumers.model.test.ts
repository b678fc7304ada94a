/**
 * Claims of devices made from templates: each Pod that asks has its own, none is kept by Pods that are done; finished Jobs
 * go when their time has come and no sooner; a class of volume attributes stays while a claim names it.
 */
import assert from 'node:assert/strict'
import { refOf } from '../../core/api/meta.ts'
import type { Job } from '../../core/api/types/batch.ts'
import type { PersistentVolumeClaim, Pod } from '../../core/api/types/core.ts'
import type { ResourceClaim } from '../../core/api/types/resource.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, chance, pick } from './random.ts'

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const pods = (now: Snapshot) => now.list<Pod>('Pod', 'default')
const claims = (now: Snapshot) => now.list<ResourceClaim>('ResourceClaim', 'default')
const isDone = ({ metadata, spec, status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed' || (metadata.deletionTimestamp !== undefined && !spec.nodeName)
const template = (name: string) => ({ apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaimTemplate', metadata: { name, namespace: 'default' }, spec: { spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } } } })
let names = 0

/** Some are never placed, and stay when they are deleted. */
const newPod: Deed = [1.5, ({ user, random }) => {
  const held = chance(random, 0.2)
  return user.create({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `p-${++names}`, namespace: 'default', ...(held ? { finalizers: ['example.com/hold'] } : {}) },
    spec: { ...(held ? { schedulingGates: [{ name: 'example.com/wait' }] } : {}), restartPolicy: chance(random, 0.5) ? 'Never' : 'Always', containers: [{ name: 'c', image: 'i' }], resourceClaims: Array.from({ length: 1 + below(random, 2) }, (_, i) => ({ name: `d${i}`, resourceClaimTemplateName: pick(random, ['one', 'two'])! })) },
  })
}]
const remove: Deed = [0.8, async ({ user, random, now }) => {
  const one = pick(random, [...pods(now), ...pods(now), ...claims(now)])
  if (one) await user.delete(refOf(one))
}]
/** As the scheduler does for a Pod that it places. */
const reserve: Deed = [1.5, async ({ user, random, now }) => {
  const pod = pick(random, pods(now).filter((one) => !isDone(one) && one.metadata.deletionTimestamp === undefined))
  for (const { resourceClaimName = '' } of pod?.status.resourceClaimStatuses ?? []) {
    const claim = now.get<ResourceClaim>('ResourceClaim', 'default', resourceClaimName)
    if (!pod || !claim || claim.metadata.deletionTimestamp !== undefined || claim.status?.reservedFor?.length) continue
    await user.patch(refOf(claim), merge({ metadata: { finalizers: ['resource.kubernetes.io/delete-protection'] } }))
    await user.patch(refOf(claim), merge({ status: { allocation: {}, reservedFor: [{ resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid }] } }), { subresource: 'status' })
  }
}]
const templates: Deed = [0.3, async ({ user, random, now }) => {
  const name = pick(random, ['one', 'two'])!
  if (now.get('ResourceClaimTemplate', 'default', name)) await user.delete({ kind: 'ResourceClaimTemplate', namespace: 'default', name })
  else await user.create(template(name))
}]

checkModel({
  name: 'claims of devices',
  // Pod clean-up would end the deleted ones that have no node; here they just stay.
  controllers: ['resourceclaim-controller', 'garbage-collector-controller'],
  setup: async ({ user }) => {
    names = 0
    for (const name of ['one', 'two']) await user.create(template(name))
  },
  deeds: { newPod, remove, reserve, templates },
  always(now) {
    const owned = claims(now).map(({ metadata }) => `${metadata.ownerReferences?.[0]?.uid} ${metadata.annotations?.['resource.kubernetes.io/pod-claim-name']}`)
    assert.equal(new Set(owned).size, owned.length, 'a Pod has two claims for one wish')
  },
  calm: async ({ user, now }) => {
    for (const name of ['one', 'two']) if (!now.get('ResourceClaimTemplate', 'default', name)) await user.create(template(name))
  },
  settled(now) {
    for (const pod of pods(now)) {
      if (isDone(pod)) continue
      for (const { name } of pod.spec.resourceClaims ?? []) {
        const known = pod.status.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName
        assert.ok(known !== undefined && now.get<ResourceClaim>('ResourceClaim', 'default', known)?.metadata.ownerReferences?.[0]?.uid === pod.metadata.uid, `${pod.metadata.name} has its claim ${name}`)
      }
    }
    for (const { metadata, status } of claims(now)) {
      const users = (status?.reservedFor ?? []).map(({ uid }) => now.byUid<Pod>(uid))
      for (const pod of users) assert.ok(pod && !isDone(pod), `${metadata.name} is reserved for a Pod that is ${pod ? 'done' : 'gone'}`)
      // One in use stays, though it was deleted.
      assert.ok(metadata.deletionTimestamp === undefined || users.length > 0, `${metadata.name} does not go`)
      const owner = now.byUid<Pod>(metadata.ownerReferences?.[0]?.uid ?? '')
      assert.ok(owner && !isDone(owner), `${metadata.name} is kept for a Pod that is done`)
    }
  },
})

const endedAt = ({ status }: Job) => status.conditions?.find(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True')?.lastTransitionTime
const seen = new Map<string, Job>()
const byUser = new Set<string>()
checkModel({
  name: 'finished Jobs go in time',
  controllers: ['ttl-after-finished-controller', 'job-controller', 'garbage-collector-controller'],
  setup: async () => {
    names = 0
    seen.clear()
    byUser.clear()
  },
  deeds: {
    'a Job': [1, ({ user, random }) => user.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: `j-${++names}`, namespace: 'default' }, spec: { backoffLimit: 0, ...(chance(random, 0.8) ? { ttlSecondsAfterFinished: 10 * below(random, 4) } : {}), template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } })],
    'another time': [0.5, async ({ user, random, now }) => {
      const job = pick(random, now.list<Job>('Job', 'default').filter(({ metadata }) => metadata.deletionTimestamp === undefined))
      if (job) await user.patch(refOf(job), merge({ spec: { ttlSecondsAfterFinished: pick(random, [null, 0, 5, 60]) } }))
    }],
    remove: [0.2, async ({ user, random, now }) => {
      const job = pick(random, now.list<Job>('Job', 'default'))
      if (!job) return
      byUser.add(job.metadata.uid)
      await user.delete(refOf(job))
    }],
  },
  always(now, wrote, nowMs) {
    if (wrote.kind !== 'Job' || wrote.uid === undefined) return
    const before = seen.get(wrote.uid)
    const after = now.byUid<Job>(wrote.uid)
    if (after) seen.set(wrote.uid, after)
    if (!before || before.metadata.deletionTimestamp !== undefined || (after && after.metadata.deletionTimestamp === undefined) || byUser.has(wrote.uid)) return
    const { spec, metadata } = before
    assert.ok(spec.ttlSecondsAfterFinished !== undefined && endedAt(before) !== undefined, `${metadata.name} was to stay`)
    assert.ok(nowMs >= Date.parse(endedAt(before)!) + spec.ttlSecondsAfterFinished * 1_000, `${metadata.name} went before its time`)
  },
  settled(now) {
    for (const { metadata, spec } of now.list<Job>('Job', 'default')) assert.equal(spec.ttlSecondsAfterFinished, undefined, `${metadata.name} should have gone`)
  },
})

const className = (random: () => number) => `c${below(random, 3)}`
checkModel({
  name: 'classes of volume attributes in use stay',
  controllers: ['volumeattributesclass-protection-controller', 'persistentvolumeclaim-protection-controller'],
  setup: async () => void (names = 0),
  deeds: {
    class: [1, async ({ user, random, now }) => {
      const ref = { kind: 'VolumeAttributesClass', name: className(random) }
      if (now.get(ref.kind, undefined, ref.name)) await user.delete(ref)
      else await user.create({ apiVersion: 'storage.k8s.io/v1', kind: ref.kind, metadata: { name: ref.name }, driverName: 'd', parameters: { speed: 'high' } })
    }],
    claim: [1, ({ user, random }) => user.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: `v-${++names}`, namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'x', volumeAttributesClassName: className(random) } })],
    'claim deleted': [1, async ({ user, random, now }) => {
      const claim = pick(random, now.list<PersistentVolumeClaim>('PersistentVolumeClaim', 'default'))
      if (claim) await user.delete(refOf(claim))
    }],
  },
  settled(now) {
    for (const { metadata } of now.list('VolumeAttributesClass')) {
      const used = now.list<PersistentVolumeClaim>('PersistentVolumeClaim', 'default').some(({ spec }) => spec.volumeAttributesClassName === metadata.name)
      assert.ok(metadata.finalizers?.length, `${metadata.name} is guarded`)
      if (metadata.deletionTimestamp !== undefined) assert.ok(used, `nothing uses ${metadata.name}, and yet it does not go`)
    }
  },
})
