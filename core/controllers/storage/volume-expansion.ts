/**
 * Grows volumes whose claims ask for more. What an engine volume or a folder may hold is not limited by anything but the
 * disk, so that growing is a matter of the two objects; volumes of other drivers are left to those.
 * Mirrors pkg/controller/volume/expand/expand_controller.go, and kubernetes-csi/external-resizer for our own driver.
 */
import { conditionOf } from '../../api/conditions.ts'
import { storageAnnotation, storageOf } from '../../api/kinds/storage/names.ts'
import { refOf, timestamp } from '../../api/meta.ts'
import { amount } from '../../api/state/sentences.ts'
import { localProvisioners } from '../../api/storage/local-storage.ts'
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimCondition } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'

export const volumeExpansion = defineController<PersistentVolumeClaim>({
  name: 'persistentvolume-expander-controller',
  component: 'volume_expand',
  reconciles: 'PersistentVolumeClaim',
  wakesOn: ['PersistentVolume'],

  concerns: ({ object }) => asksForMore(object as PersistentVolumeClaim),
  wakes({ object }, snapshot) {
    const { claimRef } = (object as PersistentVolume).spec
    const claim = claimRef && snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', claimRef.namespace, claimRef.name ?? '')
    return claim && asksForMore(claim) ? [refOf(claim)] : []
  },

  plan({ object: claim, snapshot, now }) {
    if (!claim) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the claim is gone' })
    if (!asksForMore(claim)) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the volume is as large as the claim asks for' })
    const volume = snapshot.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName ?? '')
    if (!volume || volume.spec.claimRef?.uid !== claim.metadata.uid) return nothing({ code: 'NotBound', say: 'nothing to do', why: 'the volume is not its own' })
    if (!localProvisioners.has(volume.metadata.annotations?.[storageAnnotation.provisionedBy] ?? '')) return leave(claim)
    return grow(claim, volume, now)
  },
})

const asksForMore = ({ spec, status }: PersistentVolumeClaim): boolean =>
  status.phase === 'Bound' && status.capacity?.['storage'] !== undefined && storageOf(spec.resources?.requests) > storageOf(status.capacity)

function leave(claim: PersistentVolumeClaim): Plan {
  const message = 'waiting for an external controller to expand this PVC'
  const because: Reason = { code: 'ExternalExpanding', say: 'waits until its driver has grown the volume', why: 'the volume is not one of ours', event: { type: 'Normal', message } }
  return { steps: [{ do: 'note', ref: refOf(claim), because }], because }
}

function grow(claim: PersistentVolumeClaim, volume: PersistentVolume, now: number): Plan {
  const wanted = claim.spec.resources!.requests!['storage']!
  const steps: Step[] = []
  const { conditions = [] } = claim.status
  const others = conditions.filter(({ type }) => type !== 'Resizing' && type !== 'FileSystemResizePending')
  if (storageOf(volume.spec.capacity) < storageOf(claim.spec.resources?.requests)) {
    const because: Reason = { code: 'Resizing', say: `grows ${volume.metadata.name}`, why: `${amount('storage', claim.status.capacity?.['storage'])} there, ${amount('storage', wanted)} wanted` }
    if (!conditionOf(conditions, 'Resizing')) {
      const condition: PersistentVolumeClaimCondition = { type: 'Resizing', status: 'True', lastTransitionTime: timestamp(now) }
      steps.push({ do: 'patch', ref: refOf(claim), subresource: 'status', patch: { status: { conditions: [...others, condition] } }, because: { ...because, event: { type: 'Normal', message: `External resizer is resizing volume ${volume.metadata.name}` } } })
    }
    steps.push({ do: 'patch', ref: refOf(volume), patch: { metadata: { resourceVersion: volume.metadata.resourceVersion }, spec: { capacity: { storage: wanted } } }, because })
  }
  const because: Reason = { code: 'VolumeResizeSuccessful', say: `grew ${claim.metadata.name} to ${amount('storage', wanted)}`, why: `it had ${amount('storage', claim.status.capacity?.['storage'])}`, refs: [refOf(volume)], event: { type: 'Normal', message: 'Resize volume succeeded' } }
  steps.push({ do: 'patch', ref: refOf(claim), subresource: 'status', patch: { status: { capacity: { storage: wanted }, conditions: others.length > 0 ? others : null } }, because })
  return { steps, because }
}
