/** One volume: free, bound, or released by its claim and then kept, or given to who deletes it. */
import { storageAnnotation } from '../../../api/kinds/storage/names.ts'
import { refOf } from '../../../api/meta.ts'
import { sameVolumeMode } from '../../../api/storage/volume-matching.ts'
import { localProvisioners } from '../../../api/storage/local-storage.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/types/core.ts'
import { nothing, type Plan, type Reason, type Step } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { recycle } from './recycle.ts'
import { reclaimFailed, unbindSteps, volumePhase } from './steps.ts'

const { provisionedBy, migratedTo } = storageAnnotation

export function planVolume(volume: PersistentVolume, snapshot: Snapshot, now: number): Plan {
  const { claimRef } = volume.spec
  if (!claimRef?.uid) {
    const because: Reason = claimRef
      ? { code: 'Available', say: 'waits for its claim', why: `it is set aside for ${claimRef.namespace}/${claimRef.name}` }
      : { code: 'Available', say: 'free', why: 'no claim has it' }
    return settled(volumePhase(volume, 'Available', because), because)
  }
  const found = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', claimRef.namespace, claimRef.name ?? '')
  const claim = found?.metadata.uid === claimRef.uid ? found : undefined
  if (!claim) return released(volume, `its claim ${claimRef.namespace}/${claimRef.name} is gone`, snapshot, now)
  if (!claim.spec.volumeName) {
    // Upstream leaves the two waiting for each other here for good.
    if (volume.metadata.deletionTimestamp !== undefined) {
      const because: Reason = { code: 'Released', say: 'released', why: `it was deleted before ${claim.metadata.name} was bound to it`, refs: [refOf(claim)] }
      return settled(volumePhase(volume, 'Released', because), because)
    }
    if (!sameVolumeMode(volume, claim)) return modeMismatch(volume, claim)
    return nothing({ code: 'Waiting', say: `waits until ${claim.metadata.name} is bound to it`, why: 'it is set aside for that claim', refs: [refOf(claim)] })
  }
  if (claim.spec.volumeName === volume.metadata.name) {
    const because: Reason = { code: 'Bound', say: `belongs to ${claim.metadata.namespace}/${claim.metadata.name}`, why: 'each names the other', refs: [refOf(claim)] }
    return settled(volumePhase(volume, 'Bound', because), because)
  }
  // The claim took another volume. What was made for it alone is of no use to anyone else.
  if (volume.metadata.annotations?.[provisionedBy] !== undefined && volume.spec.persistentVolumeReclaimPolicy === 'Delete') return released(volume, `its claim has ${claim.spec.volumeName} instead`, snapshot, now)
  const because: Reason = { code: 'Unbound', say: 'free again', why: `its claim has ${claim.spec.volumeName} instead`, refs: [refOf(claim)] }
  return { steps: unbindSteps(volume, because), because }
}

function settled(steps: readonly Step[], because: Reason): Plan {
  return { steps, because }
}

function modeMismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): Plan {
  const say = 'cannot be bound'
  const why = 'one is a file system, the other a block device'
  const because: Reason = { code: 'VolumeMismatch', say, why, refs: [refOf(claim)] }
  const note = (message: string, ref = refOf(volume)): Step => ({ do: 'note', ref, because: { ...because, event: { type: 'Warning', message, regarding: ref } } })
  return {
    steps: [
      note(`Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" due to incompatible volumeMode.`),
      note(`Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`, refOf(claim)),
    ],
    because,
  }
}

function released(volume: PersistentVolume, why: string, snapshot: Snapshot, now: number): Plan {
  const because: Reason = { code: 'Released', say: 'released', why }
  const isFinal = volume.status.phase === 'Released' || volume.status.phase === 'Failed'
  const release = isFinal ? [] : volumePhase(volume, 'Released', because)
  if (release.length > 0) return { steps: release, because }
  if (volume.metadata.annotations?.[migratedTo]) return nothing(because)
  switch (volume.spec.persistentVolumeReclaimPolicy) {
    case 'Recycle': return recycle(volume, snapshot, now)
    case 'Delete': return remove(volume, why)
    default: return nothing({ code: 'Retained', say: 'kept with its data', why: `${why}; its policy is Retain` })
  }
}

/** Whoever provides the volume deletes it; for one that nobody provides, nobody can. */
function remove(volume: PersistentVolume, why: string): Plan {
  const { name } = volume.metadata
  const provider = volume.metadata.annotations?.[provisionedBy] ?? volume.spec.csi?.driver
  if (provider !== undefined && !provider.startsWith('kubernetes.io/')) {
    return nothing({ code: 'Deleting', say: `waits until ${provider} has deleted it`, why: `${why}; its policy is Delete${localProvisioners.has(provider) ? '' : ', and its driver carries that out'}` })
  }
  const { hostPath } = volume.spec
  if (hostPath && !/\/tmp\/.+/.test(hostPath.path)) return reclaimFailed(volume, 'VolumeFailedDelete', `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`)
  return reclaimFailed(volume, 'VolumeFailedDelete', `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`)
}
