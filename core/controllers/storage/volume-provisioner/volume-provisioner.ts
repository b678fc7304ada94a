/**
 * The built-in provisioner: makes a PersistentVolume for a claim of one of our classes, and deletes it when its claim is
 * gone and its policy says so. Only objects are written here; the data are made and removed by the node agent, for which a
 * finalizer on the volume waits. What a sidecar external-provisioner is to a CSI driver (kubernetes-csi/external-provisioner).
 */
import { claimClass, storageAnnotation } from '../../../api/kinds/storage/names.ts'
import { refOf, type KubeObject, type Ref } from '../../../api/meta.ts'
import { amount } from '../../../api/state/sentences.ts'
import { localProvisioners, volumeDataFinalizer } from '../../../api/storage/local-storage.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../api/types/core.ts'
import type { StorageClass } from '../../../api/types/storage.ts'
import type { WatchEvent } from '../../../loop/client.ts'
import { defineController } from '../../../loop/controller.ts'
import { nothing, type Plan, type Reason } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { isRefused, newVolume } from './new-volume.ts'

const { selectedNode, storageProvisioner, provisionedBy, bindCompleted } = storageAnnotation

export const volumeProvisioner = defineController<KubeObject>({
  name: 'volume-provisioner-controller',
  component: 'volume-provisioner',
  reconciles: ['PersistentVolumeClaim', 'PersistentVolume'],
  wakesOn: ['PersistentVolume', 'StorageClass'],

  concerns: ({ object }) => {
    if (object.kind === 'PersistentVolume') return isOurs(object as PersistentVolume)
    return localProvisioners.has(object.metadata.annotations?.[storageProvisioner] ?? '') && object.metadata.annotations?.[bindCompleted] === undefined
  },
  wakes: (event, snapshot) => waiting(event, snapshot),

  plan({ object, snapshot }) {
    if (!object) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the object is gone' })
    return object.kind === 'PersistentVolume' ? planVolume(object as PersistentVolume) : planClaim(object as PersistentVolumeClaim, snapshot)
  },

  onFailure({ object }, { message }) {
    if (object?.kind !== 'PersistentVolumeClaim') return []
    const text = `failed to provision volume with StorageClass "${claimClass(object as PersistentVolumeClaim)}": ${message}`
    return [{ do: 'note', ref: refOf(object), because: { code: 'ProvisioningFailed', say: 'no volume was made', why: message, event: { type: 'Warning', message: text } } }]
  },
})

const isOurs = ({ metadata }: PersistentVolume): boolean => localProvisioners.has(metadata.annotations?.[provisionedBy] ?? '')

/** The claim of a volume that went away before the two were bound; claims whose class came back. */
function waiting({ object, type }: WatchEvent, snapshot: Snapshot): Ref[] {
  if (object.kind === 'PersistentVolume') {
    const { claimRef } = (object as PersistentVolume).spec
    return type === 'DELETED' && claimRef?.name ? [{ kind: 'PersistentVolumeClaim', namespace: claimRef.namespace ?? '', name: claimRef.name }] : []
  }
  if (type !== 'ADDED') return []
  return snapshot.list<PersistentVolumeClaim>('PersistentVolumeClaim').filter((claim) => claim.status.phase === 'Pending' && claimClass(claim) === object.metadata.name).map(refOf)
}

function planClaim(claim: PersistentVolumeClaim, snapshot: Snapshot): Plan {
  const annotations = claim.metadata.annotations ?? {}
  const provisioner = annotations[storageProvisioner] ?? ''
  if (!localProvisioners.has(provisioner)) return nothing({ code: 'NotOurs', say: 'nothing to do', why: 'no volume of ours is asked for' })
  if (claim.spec.volumeName) return nothing({ code: 'Settled', say: 'nothing to do', why: `it has volume ${claim.spec.volumeName}` })
  if (claim.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Leaving', say: 'nothing to do', why: 'the claim is being deleted' })
  const storageClass = snapshot.get<StorageClass>('StorageClass', undefined, claimClass(claim))
  if (!storageClass || storageClass.provisioner !== provisioner) return nothing({ code: 'NoClass', say: 'no volume is made', why: `there is no class ${claimClass(claim)} of ${provisioner}` })
  const nodeName = annotations[selectedNode]
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && nodeName === undefined) return nothing({ code: 'WaitForFirstConsumer', say: 'waits until the scheduler has chosen a node', why: 'the class binds where the first Pod runs' })
  const node = nodeName === undefined ? undefined : snapshot.get<Node>('Node', undefined, nodeName)
  if (nodeName !== undefined && !node) return reschedule(claim, nodeName)
  const volume = newVolume(claim, storageClass, node)
  if (isRefused(volume)) {
    const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${volume.refusal}`
    return { steps: [{ do: 'note', ref: refOf(claim), because: { code: 'ProvisioningFailed', say: 'no volume was made', why: volume.refusal, event: { type: 'Warning', message } } }], because: { code: 'ProvisioningFailed', say: 'no volume was made', why: volume.refusal } }
  }
  const { name } = volume.metadata
  if (snapshot.get('PersistentVolume', undefined, name ?? '')) return nothing({ code: 'Made', say: 'waits until the two are bound', why: `volume ${name} is there` })
  const because: Reason = {
    code: 'ProvisioningSucceeded',
    say: `made volume ${name}`,
    why: `${amount('storage', claim.spec.resources?.requests?.['storage'] ?? '0')} of class ${storageClass.metadata.name}${node ? ` on ${node.metadata.name}` : ''}`,
    refs: [refOf(storageClass), ...(node ? [refOf(node)] : [])],
    event: { type: 'Normal', message: `Successfully provisioned volume ${name}` },
  }
  return { steps: [{ do: 'create', object: volume, because }], because }
}

/** The chosen node went away: the scheduler chooses again. */
function reschedule(claim: PersistentVolumeClaim, node: string): Plan {
  const because: Reason = { code: 'Rescheduled', say: 'asked the scheduler for another node', why: `node ${node} is gone` }
  return { steps: [{ do: 'patch', ref: refOf(claim), patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { [selectedNode]: null } } }, because }], because }
}

function planVolume(volume: PersistentVolume): Plan {
  if (!isOurs(volume)) return nothing({ code: 'NotOurs', say: 'nothing to do', why: 'another provides it' })
  const { metadata, spec, status } = volume
  const finalizers = metadata.finalizers ?? []
  const deletes = spec.persistentVolumeReclaimPolicy === 'Delete'
  const has = finalizers.includes(volumeDataFinalizer)
  const set = (next: string[], because: Reason): Plan => ({ steps: [{ do: 'patch', ref: refOf(volume), patch: { metadata: { resourceVersion: metadata.resourceVersion, finalizers: next } }, because }], because })
  if (has && !deletes) return set(finalizers.filter((name) => name !== volumeDataFinalizer), { code: 'DataKept', say: 'its data stay when it goes', why: 'its policy is Retain' })
  if (metadata.deletionTimestamp !== undefined) {
    return nothing(has ? { code: 'RemovingData', say: 'waits until the node agent has removed its data', why: 'its policy is Delete' } : { code: 'Leaving', say: 'nothing to do', why: 'it is being deleted' })
  }
  if (deletes && !has) return set([...finalizers, volumeDataFinalizer], { code: 'DataHeld', say: 'its data go with it', why: 'its policy is Delete' })
  if (!deletes || status.phase !== 'Released') return nothing({ code: 'Settled', say: 'nothing to do', why: deletes ? 'a claim has it' : 'its policy is Retain' })
  const because: Reason = { code: 'Deleted', say: `deleted volume ${metadata.name}`, why: 'its claim is gone and its policy is Delete' }
  // Whoever has just said that it is to be kept is heard: only the very state goes that was judged.
  return { steps: [{ do: 'delete', ref: refOf(volume), resourceVersion: metadata.resourceVersion, because }], because }
}
