/**
 * Claims and volumes: each bound to one of the other at most, and nothing that a Pod on a node uses is ever deleted. What
 * scheduler and node agent do for volumes is played by two small planners.
 */
import assert from 'node:assert/strict'
import { claimClass, storageAnnotation, volumeProtection } from '../../core/api/kinds/storage/names.ts'
import { refOf, type Ref } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import { volumeDataFinalizer } from '../../core/api/storage/local-storage.ts'
import { podClaims } from '../../core/api/storage/pod-claims.ts'
import { bestVolume } from '../../core/api/storage/volume-matching.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../core/api/types/core.ts'
import { defineController } from '../../core/loop/controller.ts'
import { nothing, type Reason, type Step } from '../../core/loop/plan.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, pick } from './random.ts'

const { selectedNode, bindCompleted } = storageAnnotation
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const idle: Reason = { code: 'Idle', say: 'nothing to do', why: 'nothing is asked for' }
const claims = (now: Snapshot) => now.list<PersistentVolumeClaim>('PersistentVolumeClaim', 'default')
const volumes = (now: Snapshot) => now.list<PersistentVolume>('PersistentVolume')
const pods = (now: Snapshot) => now.list<Pod>('Pod', 'default')
const claimOf = (now: Snapshot, name: string) => now.get<PersistentVolumeClaim>('PersistentVolumeClaim', 'default', name)
const isBound = (claim: PersistentVolumeClaim) => claim.metadata.annotations?.[bindCompleted] !== undefined && claim.status.phase === 'Bound'

/** Chooses n1 for every claim that waits for its first consumer. */
const chooser = defineController<Pod>({
  name: 'model-scheduler',
  reconciles: 'Pod',
  wakesOn: ['PersistentVolumeClaim'],
  wakes: ({ object }, snapshot) => pods(snapshot).filter((pod) => podClaims(pod).some(({ claim }) => claim === object.metadata.name)).map(refOf),
  plan({ object: pod, snapshot }) {
    if (!pod || pod.spec.nodeName) return nothing(idle)
    const steps = podClaims(pod).flatMap(({ claim: name }): Step[] => {
      const claim = claimOf(snapshot, name)
      if (!claim || claim.spec.volumeName || claimClass(claim) !== 'standard' || claim.metadata.annotations?.[selectedNode] !== undefined) return []
      return [{ do: 'patch', ref: refOf(claim), patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { [selectedNode]: 'n1' } } }, because: idle }]
    })
    return steps.length > 0 ? { steps, because: idle } : nothing(idle)
  },
})

const agent = defineController<PersistentVolume>({
  name: 'model-node-agent',
  reconciles: 'PersistentVolume',
  wakesOn: [],
  plan({ object: volume }) {
    const finalizers = volume?.metadata.finalizers ?? []
    if (volume?.metadata.deletionTimestamp === undefined || !finalizers.includes(volumeDataFinalizer) || finalizers.includes(volumeProtection)) return nothing(idle)
    return { steps: [{ do: 'patch', ref: refOf(volume), patch: { metadata: { resourceVersion: volume.metadata.resourceVersion, finalizers: finalizers.filter((one) => one !== volumeDataFinalizer) } }, because: idle }], because: idle }
  },
})

const controllers = [
  'system-storage-controller', 'persistentvolume-binder-controller', 'volume-provisioner-controller', 'persistentvolumeclaim-protection-controller',
  'persistentvolume-protection-controller', 'ephemeral-volume-controller', 'persistentvolume-expander-controller', 'garbage-collector-controller', chooser, agent,
]
const names = ['a', 'b', 'c', 'd']
const sizes = ['1Gi', '2Gi', '5Gi']

/** What histories have seen: volumes by uid, those that people deleted, and to which claim each was bound first. */
let known = new Map<string, PersistentVolume>()
let asked = new Set<string>()
let first = new Map<string, string>()
const immediate = (name: string) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, provisioner: 'docker-volume.orrery.dev', reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })

/** What the server refuses (a name that is taken, a change that is not allowed) did not happen. */
const tolerant = ([weight, act]: Deed): Deed => [weight, (context) => act(context).catch((error: unknown) => {
  if (!(error instanceof ApiError)) throw error
})]

const deeds: Record<string, Deed> = {
  claim: [3, ({ user, random }) => user.create({
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: pick(random, names)!, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: pick(random, sizes)! } }, storageClassName: pick(random, ['standard', 'now', 'later', 'manual', 'manual', 'manual'])!, ...(random() < 0.15 ? { volumeName: `v${below(random, 4)}` } : {}) },
  })],
  volume: [1.5, ({ user, random }) => user.create({
    apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `v${below(random, 4)}` },
    spec: {
      accessModes: ['ReadWriteOnce'], capacity: { storage: pick(random, sizes)! }, storageClassName: 'manual', persistentVolumeReclaimPolicy: random() < 0.5 ? 'Retain' : 'Delete', hostPath: { path: '/data' },
      ...(random() < 0.3 ? { claimRef: { namespace: 'default', name: pick(random, names)! } } : {}),
    },
  })],
  pod: [2, ({ user, random }) => user.create({
    apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'p-', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: pick(random, names)! } }, ...(random() < 0.3 ? [{ name: 'e', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } } }] : [])] },
  })],
  'delete pod': [1.5, async ({ user, random, now }) => {
    const pod = pick(random, pods(now))
    if (pod) await user.delete(refOf(pod), { gracePeriodSeconds: below(random, 2) * 30 })
  }],
  'delete claim and its Pods': [0.7, async ({ user, random, now }) => {
    const claim = pick(random, claims(now))
    if (!claim) return
    await user.delete(refOf(claim))
    for (const pod of pods(now)) if (podClaims(pod).some((used) => used.claim === claim.metadata.name)) await user.delete(refOf(pod))
  }],
  'delete claim': [1, async ({ user, random, now }) => {
    const claim = pick(random, claims(now))
    if (claim) await user.delete(refOf(claim))
  }],
  'delete volume': [0.5, async ({ user, random, now }) => {
    const volume = pick(random, volumes(now))
    if (!volume) return
    asked.add(volume.metadata.uid)
    await user.delete(refOf(volume))
  }],
  grow: [0.5, async ({ user, random, now }) => {
    const claim = pick(random, claims(now).filter(isBound))
    if (claim && claimClass(claim) === 'standard') await user.patch(refOf(claim), merge({ spec: { resources: { requests: { storage: '9Gi' } } } }))
  }],
  'a class comes or goes': [1, async ({ user, now }) => {
    if (now.get('StorageClass', undefined, 'later')) await user.delete({ kind: 'StorageClass', name: 'later' })
    else await user.create(immediate('later'))
  }],
  policy: [0.5, async ({ user, random, now }) => {
    const volume = pick(random, volumes(now))
    if (volume) await user.patch(refOf(volume), merge({ spec: { persistentVolumeReclaimPolicy: random() < 0.5 ? 'Retain' : 'Delete' } }))
  }],
}

function always(now: Snapshot, { kind, uid = '' }: Ref): void {
  if (kind === 'PersistentVolume') judgeVolume(now, uid)
  const owners = new Map<string, string>()
  for (const claim of claims(now)) {
    if (!isBound(claim)) continue
    const { volumeName = '' } = claim.spec
    const volume = now.get<PersistentVolume>('PersistentVolume', undefined, volumeName)
    assert.ok(volume, `claim ${claim.metadata.name} is bound to ${volumeName}, which is gone`)
    assert.equal(volume.spec.claimRef?.uid, claim.metadata.uid, `claim ${claim.metadata.name} and ${volumeName} do not name each other`)
    assert.equal(owners.get(volumeName), undefined, `${volumeName} has two claims`)
    owners.set(volumeName, claim.metadata.name)
    if (!first.has(volume.metadata.uid)) first.set(volume.metadata.uid, claim.metadata.uid)
  }
  for (const pod of pods(now)) {
    if (!pod.spec.nodeName) continue
    for (const { claim } of podClaims(pod)) assert.ok(claimOf(now, claim), `${pod.metadata.name} runs, and its claim ${claim} is gone`)
  }
}

function judgeVolume(now: Snapshot, uid: string): void {
  const before = known.get(uid)
  const after = now.byUid<PersistentVolume>(uid)
  if (after) known.set(uid, after)
  // Whoever comes next would read the data of the claim before.
  if (after && first.has(uid)) assert.equal(after.spec.claimRef?.uid, first.get(uid), `${after.metadata.name} is given to another`)
  if (!before || before.metadata.deletionTimestamp !== undefined || (after && after.metadata.deletionTimestamp === undefined) || asked.has(uid)) return
  assert.deepEqual([before.spec.persistentVolumeReclaimPolicy, before.status.phase], ['Delete', 'Released'], `${before.metadata.name} is deleted`)
}

function settled(now: Snapshot): void {
  for (const claim of claims(now)) {
    if (claim.metadata.deletionTimestamp !== undefined) {
      assert.ok(pods(now).some((pod) => pod.spec.nodeName && podClaims(pod).some((used) => used.claim === claim.metadata.name)), `nothing uses ${claim.metadata.name}, and yet it does not go`)
      continue
    }
    if (isBound(claim)) {
      const volume = now.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName!)!
      assert.equal(volume.status.phase, 'Bound')
      // A volume that a person set aside may be larger, and of another class; only ours grow.
      if (volume.metadata.annotations?.[storageAnnotation.provisionedBy]) assert.deepEqual(claim.status.capacity, { storage: claim.spec.resources!.requests!['storage']! }, 'grown to what was asked')
    } else if (!claim.spec.volumeName) {
      assert.ok(claimClass(claim) !== 'now' && !(claimClass(claim) === 'later' && now.get('StorageClass', undefined, 'later')), `${claim.metadata.name} could have been bound at once`)
      assert.equal(bestVolume(claim, volumes(now), { delayed: claimClass(claim) === 'standard' }), undefined, `a volume fits ${claim.metadata.name}`)
    }
  }
  for (const { metadata, spec, status } of volumes(now)) {
    const claim = spec.claimRef?.uid ? claims(now).find((one) => one.metadata.uid === spec.claimRef!.uid) : undefined
    const phases = claim ? ['Bound'] : spec.claimRef?.uid ? ['Released', 'Failed'] : ['Available']
    assert.ok(phases.includes(status.phase ?? ''), `${metadata.name} is ${status.phase}`)
    if (metadata.deletionTimestamp !== undefined) assert.equal(status.phase, 'Bound', 'what nobody has does not linger')
    if (!claim && metadata.annotations?.[storageAnnotation.provisionedBy]) assert.equal(spec.persistentVolumeReclaimPolicy, 'Retain', `${metadata.name} should have been deleted`)
  }
}

checkModel({
  name: 'claims and volumes',
  controllers,
  setup({ user }) {
    known = new Map()
    asked = new Set()
    first = new Map()
    return user.create(immediate('now'))
  },
  lateDeeds: 20,
  deeds: Object.fromEntries(Object.entries(deeds).map(([name, deed]) => [name, tolerant(deed)])),
  kubelet: {
    /** As the scheduler: only with all claims bound and none of them leaving. */
    place: (pod, { now }) => (podClaims(pod).every(({ claim: name }) => {
      const claim = claimOf(now, name)
      return claim !== undefined && isBound(claim) && claim.metadata.deletionTimestamp === undefined
    }) ? 'n1' : undefined),
  },
  always,
  settled,
})
