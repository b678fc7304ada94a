/** Garbage collection: nothing that has a living owner is deleted, everything that has lost its owners goes, circles too. */
import assert from 'node:assert/strict'
import type { KubeObject, OwnerReference } from '../../core/api/meta.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, chance, pick, type Random } from './random.ts'

const namespace = 'default'
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const all = (now: Snapshot) => now.list<KubeObject>('ConfigMap', namespace)
const ref = (name: string) => ({ kind: 'ConfigMap', namespace, name })
const owner = ({ metadata }: KubeObject, blockOwnerDeletion: boolean): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: metadata.name, uid: metadata.uid, blockOwnerDeletion })
/** Its uid is somebody's, its name nobody's. */
const mistaken = (object: KubeObject): OwnerReference => ({ ...owner(object, false), name: 'nobody' })
const nobody: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: '00000000-0000-4000-9000-000000000000' }

let names = 0
/** Last seen state by uid, and the uids that users asked to delete. */
let seen = new Map<string, KubeObject>()
let asked = new Set<string>()
/** By uid of an owner that was deleted: who depended on it then, and has not been given other owners since. */
let orphans = new Map<string, Set<string>>()
let blockers = new Map<string, Set<string>>()

const ownersFor = (random: Random, now: Snapshot): OwnerReference[] => {
  const owners = new Map<string, OwnerReference>()
  for (let n = below(random, 3); n > 0; n--) {
    const one = pick(random, all(now))
    const reference = one === undefined || chance(random, 0.1) ? nobody : chance(random, 0.05) ? mistaken(one) : owner(one, chance(random, 0.5))
    owners.set(reference.uid, reference)
  }
  return [...owners.values()]
}

const add: Deed = [3, ({ user, random, now }) => user.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${++names}`, namespace, ownerReferences: ownersFor(random, now) } })]
const rebind: Deed = [1, async ({ user, random, now }) => {
  const one = pick(random, all(now))
  if (!one) return
  for (const dependents of [...orphans.values(), ...blockers.values()]) dependents.delete(one.metadata.uid)
  await user.patch(ref(one.metadata.name), merge({ metadata: { ownerReferences: ownersFor(random, now) } }))
}]
/** Only once: a second request may turn one way of deletion into another while dependents already go. */
const remove: Deed = [1.5, async ({ user, random, now }) => {
  const one = pick(random, all(now).filter((object) => !isLeaving(object)))
  if (!one) return
  const { uid, name } = one.metadata
  const propagationPolicy = pick(random, ['Background', 'Foreground', 'Orphan'] as const)!
  const dependents = new Set(all(now).filter((object) => propagationPolicy === 'Orphan' ? isOf(object, one.metadata) : blocks(object, uid)).map(({ metadata }) => metadata.uid))
  asked.add(uid)
  if (propagationPolicy !== 'Background') (propagationPolicy === 'Orphan' ? orphans : blockers).set(uid, dependents)
  await user.delete(ref(name), { propagationPolicy })
}]

const isOf = ({ metadata }: KubeObject, { uid, name }: { uid: string; name: string }) => metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.name === name) === true
const blocks = ({ metadata }: KubeObject, uid: string) => metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion) === true
const isLeaving = ({ metadata }: KubeObject) => metadata.deletionTimestamp !== undefined
const waitsForDependents = (object: KubeObject) => isLeaving(object) && object.metadata.finalizers?.includes('foregroundDeletion') === true

/** Alive for its dependent: there, under that name, and not itself going once its dependents are gone (in a circle, blocking is undone first). */
function lives(now: Snapshot, reference: OwnerReference): boolean {
  const found = now.byUid(reference.uid)
  return found !== undefined && found.metadata.name === reference.name && !waitsForDependents(found)
}

checkModel({
  name: 'garbage collection: the owned stay, the abandoned go',
  controllers: ['garbage-collector-controller'],
  setup: async ({ user }) => {
    names = 0
    seen = new Map()
    asked = new Set()
    orphans = new Map()
    blockers = new Map()
    await user.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'root', namespace } })
  },
  deeds: { add, rebind, remove },
  always(now, wrote) {
    if (wrote.kind !== 'ConfigMap' || wrote.uid === undefined) return
    const before = seen.get(wrote.uid)
    const after = now.byUid(wrote.uid)
    if (after) seen.set(wrote.uid, after)
    else seen.delete(wrote.uid)
    if (!after) for (const uid of blockers.get(wrote.uid) ?? []) {
      const dependent = now.byUid(uid)
      // In a circle one of them goes first.
      assert.ok(!dependent || !blocks(dependent, wrote.uid) || waitsForDependents(dependent), `${wrote.name} did not wait for ${dependent?.metadata.name}`)
    }
    if (!before || isLeaving(before) || (after && !isLeaving(after)) || asked.has(wrote.uid)) return
    const { name, ownerReferences = [] } = before.metadata
    assert.ok(ownerReferences.length > 0, `${name} never had an owner and was deleted`)
    for (const reference of ownerReferences) {
      assert.ok(!lives(now, reference), `${name} was deleted while its owner ${reference.name} is there`)
      assert.ok(!orphans.get(reference.uid)?.has(wrote.uid), `${name} was to outlive its owner ${reference.name}`)
    }
  },
  settled(now) {
    for (const object of all(now)) {
      const { name, ownerReferences = [] } = object.metadata
      assert.ok(!isLeaving(object), `${name} never goes: ${JSON.stringify(object.metadata)}`)
      for (const reference of ownerReferences) assert.ok(lives(now, reference), `${name} still names ${reference.name}, which is gone`)
    }
  },
})
