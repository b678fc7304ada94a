/** State of claims and volumes in words: who has what, and what is waited for. */
import { claimClass, storageAnnotation, storageOf } from '../kinds/storage/names.ts'
import { isFinished } from '../pod-lifecycle.ts'
import { volumeDataFinalizer } from '../storage/local-storage.ts'
import { podClaims } from '../storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../types/core.ts'
import type { StorageClass } from '../types/storage.ts'
import { bytes, count, quantityValue } from './sentences.ts'
import type { StateView } from './view.ts'
import type { StateWords } from './words.ts'

const size = (quantity: string | undefined): string => bytes(quantityValue(quantity))

/** Pods that use the claim, those on nodes first. */
function usersOf(claim: PersistentVolumeClaim, snapshot: StateView): Pod[] {
  return snapshot.list<Pod>('Pod', claim.metadata.namespace).filter((pod) => pod.spec.volumes !== undefined && podClaims(pod).some((used) => used.claim === claim.metadata.name))
}

export function claimState(claim: PersistentVolumeClaim, snapshot: StateView): StateWords {
  const { metadata, spec, status } = claim
  if (metadata.deletionTimestamp !== undefined) {
    const users = usersOf(claim, snapshot).filter((pod) => pod.spec.nodeName)
    return users.length > 0 ? { mark: 'leaving', say: 'waits to be deleted', why: `${users.map((pod) => pod.metadata.name).slice(0, 3).join(', ')} ${users.length === 1 ? 'uses' : 'use'} it` } : { mark: 'leaving', say: 'being removed' }
  }
  if (status.phase === 'Lost') return { mark: 'failing', say: 'has lost its volume', why: `volume ${spec.volumeName ?? ''} is gone, and its data with it` }
  if (status.phase === 'Bound') {
    const wanted = spec.resources?.requests?.['storage']
    if (storageOf(spec.resources?.requests) > storageOf(status.capacity)) return { mark: 'moving', say: `grows to ${size(wanted)}`, why: `has ${size(status.capacity?.['storage'])}` }
    const users = usersOf(claim, snapshot).filter((pod) => pod.spec.nodeName && !isFinished(pod))
    return { mark: 'ready', say: `has ${size(status.capacity?.['storage'])}`, why: users.length === 0 ? 'no Pod uses it' : `used by ${users.length === 1 ? users[0]!.metadata.name : count(users.length, 'Pod')}` }
  }
  return pendingState(claim, snapshot)
}

function pendingState(claim: PersistentVolumeClaim, snapshot: StateView): StateWords {
  const { metadata, spec } = claim
  if (spec.volumeName) {
    const volume = snapshot.get<PersistentVolume>('PersistentVolume', undefined, spec.volumeName)
    if (!volume) return { mark: 'waiting', say: `waits for volume ${spec.volumeName}`, why: 'there is no such volume' }
    const taken = volume.spec.claimRef?.uid !== undefined && volume.spec.claimRef.uid !== metadata.uid
    return taken ? { mark: 'failing', say: `cannot have volume ${spec.volumeName}`, why: `${volume.spec.claimRef?.namespace}/${volume.spec.claimRef?.name} has it` } : { mark: 'waiting', say: `waits for volume ${spec.volumeName}`, why: 'the two are not bound yet' }
  }
  const name = claimClass(claim)
  if (name === '') return { mark: 'waiting', say: 'waits for a volume', why: 'no volume fits, and no storage class makes one' }
  const storageClass = snapshot.get<StorageClass>('StorageClass', undefined, name)
  if (!storageClass) return { mark: 'failing', say: 'gets no volume', why: `there is no storage class ${name}` }
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && metadata.annotations?.[storageAnnotation.selectedNode] === undefined) {
    const waiting = usersOf(claim, snapshot).filter((pod) => !pod.spec.nodeName && !isFinished(pod))
    return waiting.length === 0 ? { mark: 'waiting', say: 'waits for its first consumer', why: 'the volume is made where the first Pod that uses it runs' } : { mark: 'waiting', say: `waits until ${waiting[0]!.metadata.name} has a node`, why: 'the volume is made where the first Pod that uses it runs' }
  }
  if (storageClass.provisioner === 'kubernetes.io/no-provisioner') return { mark: 'waiting', say: 'waits for a volume', why: `no volume of class ${name} fits` }
  return { mark: 'moving', say: 'waits for its volume', why: `asked of ${storageClass.provisioner}` }
}

export function volumeState({ metadata, spec, status }: PersistentVolume): StateWords {
  const has = size(spec.capacity?.['storage'])
  if (metadata.deletionTimestamp !== undefined) {
    if (status.phase === 'Bound') return { mark: 'leaving', say: 'waits to be deleted', why: `${spec.claimRef?.namespace}/${spec.claimRef?.name} has it` }
    return { mark: 'leaving', say: 'being removed', ...(metadata.finalizers?.includes(volumeDataFinalizer) ? { why: 'its data go first' } : {}) }
  }
  switch (status.phase) {
    case 'Bound': return { mark: 'ready', say: `holds ${has}`, why: `for ${spec.claimRef?.namespace}/${spec.claimRef?.name}` }
    case 'Available': return { mark: 'ready', say: `${has} free`, ...(spec.claimRef ? { why: `set aside for ${spec.claimRef.namespace}/${spec.claimRef.name}` } : {}) }
    case 'Released': return spec.persistentVolumeReclaimPolicy === 'Delete' ? { mark: 'moving', say: 'released, to be deleted', why: 'its claim is gone' } : { mark: 'waiting', say: 'released, data kept', why: `${spec.claimRef?.namespace}/${spec.claimRef?.name} is gone, and its policy is Retain` }
    case 'Failed': return { mark: 'failing', say: 'could not be reclaimed', ...(status.message ? { why: status.message } : {}) }
    default: return { mark: 'waiting', say: 'new', why: 'nobody looked at it yet' }
  }
}
