/**
 * Removes what has lost its owners, and carries out foreground deletion and orphaning.
 * Mirrors pkg/controller/garbagecollector/garbagecollector.go; the one snapshot stands in for its graph.
 */
import { refOf, type KubeObject, type OwnerReference, type Ref } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { enumerate } from '../planning/words.ts'

const foreground = 'foregroundDeletion'
const orphan = 'orphan'

/** Kinds that take part: stored, listable and deletable, without Events. */
export interface Collectable {
  readonly kind: string
  /** '' for the core group. */
  readonly group: string
  readonly namespaced: boolean
}

/** Owners are known by group and kind: another group may have a kind of the same name. */
type Known = ReadonlyMap<string, boolean>
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')
const groupKind = (group: string, kind: string): string => `${group}/${kind}`

export const garbageCollection = (collectables: readonly Collectable[]) => {
  const known: Known = new Map(collectables.map(({ group, kind, namespaced }) => [groupKind(group, kind), namespaced]))
  const kinds = collectables.map(({ kind }) => kind)
  return defineController<KubeObject>({
    name: 'garbage-collector-controller',
    reconciles: kinds,
    wakesOn: kinds,
    workers: 20,

    concerns: (event) => (event.type === 'ADDED' ? (event.object.metadata.ownerReferences?.length ?? 0) > 0 || isLeaving(event.object) : event.type === 'MODIFIED' && bondsChanged(event)),

    /** What it owns wakes when it goes; what owns it, when that waits for its dependents. */
    wakes(event, snapshot) {
      const { object, type } = event
      const refs: Ref[] = []
      if (type === 'DELETED' || (type === 'MODIFIED' && bondsChanged(event))) for (const dependent of snapshot.ownedBy(object.metadata.uid)) refs.push(refOf(dependent))
      if (type === 'DELETED' || bondsChanged(event)) {
        for (const { uid } of [...(object.metadata.ownerReferences ?? []), ...(event.previous?.metadata.ownerReferences ?? [])]) {
          const owner = snapshot.byUid(uid)
          if (owner && isLeaving(owner)) refs.push(refOf(owner))
        }
      }
      return refs
    },

    plan({ object, snapshot }) {
      if (!object) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the object is gone' })
      const { finalizers = [] } = object.metadata
      if (isLeaving(object)) {
        if (finalizers.includes(orphan)) return letGo(object, snapshot)
        if (finalizers.includes(foreground)) return clear(object, snapshot)
        return nothing({ code: 'Leaving', say: 'nothing to do', why: 'the object is being deleted already' })
      }
      return judge(object, snapshot, known)
    },
  })
}

const isLeaving = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined

const bondsChanged = ({ object, previous }: WatchEvent): boolean =>
  !previous ||
  isLeaving(object) !== isLeaving(previous) ||
  !equal(object.metadata.ownerReferences ?? [], previous.metadata.ownerReferences ?? []) ||
  !equal(object.metadata.finalizers ?? [], previous.metadata.finalizers ?? [])

/** The state of an owner, seen from what it owns. */
type Bond = 'solid' | 'absent' | 'waiting'

function judge(object: KubeObject, snapshot: Snapshot, known: Known): Plan {
  const { ownerReferences = [], resourceVersion, finalizers = [] } = object.metadata
  if (ownerReferences.length === 0) return nothing({ code: 'Unowned', say: 'nothing to do', why: 'it has no owner' })
  const bonds = ownerReferences.map((reference) => ({ reference, bond: bondOf(object, reference, snapshot, known) }))
  const solid = bonds.filter(({ bond }) => bond === 'solid')
  const broken = bonds.filter(({ bond }) => bond !== 'solid').map(({ reference }) => reference)
  const notes = invalidOwners(object, ownerReferences, snapshot)
  if (broken.length === 0) return { steps: notes, because: { code: 'Owned', say: 'keeps it', why: `${enumerate(solid.map(({ reference }) => `${reference.kind} ${reference.name}`))} ${solid.length === 1 ? 'is' : 'are'} there` } }
  if (solid.length > 0) {
    const because: Reason = {
      code: 'OwnerForgotten',
      say: `forgot ${enumerate(broken.map(({ kind, name }) => `${kind} ${name}`))} as owner of ${object.metadata.name}`,
      why: `${solid.length} of ${count(bonds.length, 'owner')} left`,
    }
    return { steps: [...notes, { do: 'patch', ref: refOf(object), patch: { metadata: { resourceVersion, ownerReferences: solid.map(({ reference }) => reference) } }, because }], because }
  }
  const waiting = bonds.filter(({ bond }) => bond === 'waiting').map(({ reference }) => reference)
  const dependents = snapshot.ownedBy(object.metadata.uid)
  const because: Reason = {
    code: 'GarbageCollected',
    say: `removed ${object.kind} ${object.metadata.name}`,
    why: `its owner ${enumerate(ownerReferences.map(({ kind, name }) => `${kind} ${name}`))} is ${waiting.length > 0 ? 'being deleted' : 'gone'}`,
    refs: ownerReferences.map(({ kind, name, uid }) => ({ kind, name, uid, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }) })),
  }
  if (waiting.length > 0 && dependents.length > 0) {
    // Owners in a circle would wait for each other for ever: the first to see it no longer blocks, and goes when its owner is gone.
    if (dependents.some(isWaiting)) {
      const unblocked = { metadata: { resourceVersion, ownerReferences: ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false })) } }
      const circle: Reason = { code: 'CircleOpened', say: `${object.metadata.name} no longer holds up its owner`, why: 'its own dependents are being deleted in the foreground too' }
      return { steps: [...notes, { do: 'patch', ref: refOf(object), patch: unblocked, because: circle }], because: circle }
    }
    return { steps: [...notes, { do: 'delete', ref: refOf(object), propagationPolicy: 'Foreground', resourceVersion, because }], because }
  }
  const propagationPolicy = finalizers.includes(orphan) ? 'Orphan' : finalizers.includes(foreground) ? 'Foreground' : 'Background'
  return { steps: [...notes, { do: 'delete', ref: refOf(object), propagationPolicy, resourceVersion, because }], because }
}

function bondOf(object: KubeObject, reference: OwnerReference, snapshot: Snapshot, known: Known): Bond {
  const ownerNamespaced = known.get(groupKind(groupOf(reference.apiVersion), reference.kind))
  // Of a kind that is not served here nothing can be said, least of all that it is gone.
  if (ownerNamespaced === undefined) return 'solid'
  // Invalid, and upstream leaves such an object alone: the namespace of the owner cannot be known.
  if (ownerNamespaced && object.metadata.namespace === undefined) return 'solid'
  const owner = snapshot.byUid(reference.uid)
  if (!owner || owner.kind !== reference.kind || groupOf(owner.apiVersion) !== groupOf(reference.apiVersion) || owner.metadata.name !== reference.name || (ownerNamespaced && owner.metadata.namespace !== object.metadata.namespace)) return 'absent'
  return isLeaving(owner) && owner.metadata.finalizers?.includes(foreground) && reference.blockOwnerDeletion ? 'waiting' : 'solid'
}

/** Owners that do exist, but in another Namespace. */
function invalidOwners(object: KubeObject, references: readonly OwnerReference[], snapshot: Snapshot): Step[] {
  const { namespace } = object.metadata
  return references.flatMap((reference): Step[] => {
    const owner = snapshot.byUid(reference.uid)
    if (!owner || owner.metadata.namespace === undefined || owner.metadata.namespace === namespace) return []
    const { apiVersion, kind, name, uid } = reference
    const message = `ownerRef [${apiVersion}/${kind}, namespace: ${namespace ?? ''}, name: ${name}, uid: ${uid}] does not exist in namespace "${namespace ?? ''}"`
    const because: Reason = { code: 'OwnerRefInvalidNamespace', say: `${object.metadata.name} names an owner in another Namespace`, why: `${name} lives in ${owner.metadata.namespace}`, event: { type: 'Warning', message } }
    return [{ do: 'note', ref: refOf(object), because }]
  })
}

const isWaiting = (object: KubeObject): boolean => isLeaving(object) && (object.metadata.finalizers?.includes(foreground) ?? false)

const blocks = ({ metadata }: KubeObject, uid: string): boolean => metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion) ?? false

const blocking = ({ metadata: { uid } }: KubeObject, snapshot: Snapshot): readonly KubeObject[] => snapshot.ownedBy(uid).filter((object) => blocks(object, uid))

/** Foreground: the owner stays until the dependents that block it are gone. They see it waiting and go by themselves. */
function clear(owner: KubeObject, snapshot: Snapshot): Plan {
  const { uid, finalizers = [], resourceVersion } = owner.metadata
  const dependents = snapshot.ownedBy(uid)
  // Each of many that goes wakes the owner: one that is left is answer enough.
  const left = dependents.find((object) => blocks(object, uid))
  const inCircle = left !== undefined && isWaiting(left) && waitsForItself(owner, blocking(owner, snapshot), snapshot)
  if (left !== undefined && !inCircle) return nothing({ code: 'WaitingForDependents', say: `waiting for ${count(dependents.length, 'dependent')} to go`, why: 'it is deleted in the foreground', refs: dependents.slice(0, 10).map(refOf) })
  const because: Reason = { code: 'DependentsGone', say: `let ${owner.metadata.name} go`, why: inCircle ? 'it and its dependents only wait for each other' : 'none of its dependents is left' }
  return { steps: [{ do: 'patch', ref: refOf(owner), patch: { metadata: { resourceVersion, finalizers: finalizers.filter((name) => name !== foreground) } }, because }], because }
}

/** A circle in which everybody is deleted in the foreground would never end: upstream lets it stand, here one of them goes first. */
function waitsForItself(owner: KubeObject, dependents: readonly KubeObject[], snapshot: Snapshot): boolean {
  const reached = new Set<string>()
  const open = [...dependents]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (!isWaiting(one)) return false
    if (reached.has(one.metadata.uid)) continue
    reached.add(one.metadata.uid)
    open.push(...blocking(one, snapshot))
  }
  return reached.has(owner.metadata.uid)
}

/** Orphaning: the dependents forget the owner, then it goes. */
function letGo(owner: KubeObject, snapshot: Snapshot): Plan {
  const { uid, name, finalizers = [], resourceVersion } = owner.metadata
  const dependents = snapshot.ownedBy(uid)
  const because: Reason = { code: 'Orphaned', say: `kept ${count(dependents.length, 'dependent')} of ${name}`, why: 'it is deleted without what it owns' }
  if (dependents.length === 0) return { steps: [{ do: 'patch', ref: refOf(owner), patch: { metadata: { resourceVersion, finalizers: finalizers.filter((item) => item !== orphan) } }, because }], because }
  const steps = dependents.map(
    (dependent): Step => ({
      do: 'patch',
      ref: refOf(dependent),
      patch: {
        metadata: { resourceVersion: dependent.metadata.resourceVersion, ownerReferences: (dependent.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid) },
      },
      because,
    }),
  )
  return { steps, because }
}
