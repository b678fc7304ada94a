/**
 * Brings claims and volumes together, each to exactly one of the other, and takes care of volumes whose claim is gone.
 * Mirrors pkg/controller/volume/persistentvolume/pv_controller.go. Volumes are made by provisioners (../volume-provisioner/),
 * and for claims that wait for their first consumer it is the scheduler that chooses.
 */
import { refOf, type KubeObject, type Ref } from '../../../api/meta.ts'
import { claimClass, namesClass } from '../../../api/kinds/storage/names.ts'
import { podClaims } from '../../../api/storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/types/core.ts'
import type { WatchEvent } from '../../../loop/client.ts'
import { defineController } from '../../../loop/controller.ts'
import { nothing } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { planBoundClaim, planUnboundClaim } from './claim.ts'
import { volumeGone, volumeOfRecycler } from './recycle.ts'
import { isBindCompleted } from './steps.ts'
import { planVolume } from './volume.ts'

export const persistentVolumeBinder = defineController<KubeObject>({
  name: 'persistentvolume-binder-controller',
  component: 'persistentvolume-controller',
  reconciles: ['PersistentVolumeClaim', 'PersistentVolume'],
  wakesOn: ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'Pod'],

  wakes(event, snapshot) {
    switch (event.object.kind) {
      case 'PersistentVolume': return claimsOf(event, snapshot)
      case 'PersistentVolumeClaim': return volumesOf(event, snapshot)
      case 'StorageClass': return pendingClaims(snapshot).filter((claim) => !namesClass(claim) || claimClass(claim) === event.object.metadata.name).map(refOf)
      default: return claimsOfPod(event, snapshot)
    }
  },

  plan({ object, ref, snapshot, now }) {
    if (!object) return ref.kind === 'PersistentVolume' ? volumeGone(ref.name, snapshot) : nothing({ code: 'Gone', say: 'nothing left to do', why: 'the object is gone' })
    if (object.kind === 'PersistentVolume') return planVolume(object as PersistentVolume, snapshot, now)
    const claim = object as PersistentVolumeClaim
    return isBindCompleted(claim) ? planBoundClaim(claim, snapshot) : planUnboundClaim(claim, snapshot)
  },
})

const pendingClaims = (snapshot: Snapshot): PersistentVolumeClaim[] => snapshot.list<PersistentVolumeClaim>('PersistentVolumeClaim').filter((claim) => !isBindCompleted(claim))

/** The claim that a volume is bound to; where nobody has it yet, everyone who waits and might want it. */
function claimsOf({ object, previous, type }: WatchEvent, snapshot: Snapshot): Ref[] {
  const volume = object as PersistentVolume
  const refs = new Map<string, Ref>()
  for (const { spec } of [volume, ...(previous ? [previous as PersistentVolume] : [])]) {
    const { claimRef } = spec
    if (claimRef?.name) refs.set(`${claimRef.namespace}/${claimRef.name}`, { kind: 'PersistentVolumeClaim', namespace: claimRef.namespace ?? '', name: claimRef.name })
  }
  const isFree = !volume.spec.claimRef && volume.status.phase === 'Available'
  if (isFree || type === 'DELETED' || refs.size === 0) {
    for (const claim of pendingClaims(snapshot)) {
      if (claim.spec.volumeName ? claim.spec.volumeName === volume.metadata.name : isFree) refs.set(`${claim.metadata.namespace}/${claim.metadata.name}`, refOf(claim))
    }
  }
  return [...refs.values()]
}

/** The volume that a claim names; and those that were set aside for it, when it goes or takes another. */
function volumesOf({ object, previous, type }: WatchEvent, snapshot: Snapshot): Ref[] {
  const claim = object as PersistentVolumeClaim
  const before = previous as PersistentVolumeClaim | undefined
  const refs: Ref[] = claim.spec.volumeName ? [{ kind: 'PersistentVolume', name: claim.spec.volumeName }] : []
  if (type === 'MODIFIED' && before?.spec.volumeName === claim.spec.volumeName) return refs
  const { namespace, name } = claim.metadata
  for (const volume of snapshot.list<PersistentVolume>('PersistentVolume')) {
    const { claimRef } = volume.spec
    if (claimRef?.name === name && claimRef.namespace === namespace && volume.metadata.name !== claim.spec.volumeName) refs.push(refOf(volume))
  }
  return refs
}

function claimsOfPod({ object, previous, type }: WatchEvent, snapshot: Snapshot): Ref[] {
  const pod = object as Pod
  const emptied = volumeOfRecycler(pod)
  if (emptied !== undefined) return [{ kind: 'PersistentVolume', name: emptied }]
  if (!pod.spec.volumes?.some(({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral)) return []
  if (type === 'MODIFIED' && (previous as Pod | undefined)?.spec.nodeName === pod.spec.nodeName) return []
  return podClaims(pod).flatMap(({ claim }) => {
    const found = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.metadata.namespace, claim)
    return found && !isBindCompleted(found) ? [refOf(found)] : []
  })
}
