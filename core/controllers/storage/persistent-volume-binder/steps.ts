/** The writes of binding, each guarded by the revision it was decided on: of two claims that want one volume the second is refused. */
import { storageAnnotation } from '../../../api/kinds/storage/names.ts'
import { refOf } from '../../../api/meta.ts'
import { amount } from '../../../api/state/sentences.ts'
import { isBoundTo } from '../../../api/storage/volume-matching.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/types/core.ts'
import { equal } from '../../../base/json.ts'
import { nothing, type Plan, type Reason, type Step } from '../../../loop/plan.ts'
import { difference } from '../../planning/status-patch.ts'

const { bindCompleted, boundByController } = storageAnnotation

export const isBindCompleted = ({ metadata }: PersistentVolumeClaim): boolean => metadata.annotations?.[bindCompleted] !== undefined

export const nameOf = ({ metadata }: PersistentVolumeClaim): string => `${metadata.namespace}/${metadata.name}`

/** All that is still missing between the two, in an order that may break off anywhere and be taken up again. */
export function bindSteps(volume: PersistentVolume, claim: PersistentVolumeClaim): Step[] {
  const because: Reason = {
    code: 'Bound',
    say: `bound ${claim.metadata.name} to ${volume.metadata.name}`,
    why: `${amount('storage', claim.spec.resources?.requests?.['storage'] ?? '0')} wanted, ${amount('storage', volume.spec.capacity?.['storage'] ?? '0')} there`,
    refs: [refOf(volume), refOf(claim)],
  }
  const steps: Step[] = []
  const { claimRef } = volume.spec
  if (!claimRef || claimRef.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace || claimRef.uid !== claim.metadata.uid) {
    const { namespace = '', name, uid, resourceVersion } = claim.metadata
    const annotations = isBoundTo(volume, claim) || volume.metadata.annotations?.[boundByController] !== undefined ? {} : { annotations: { [boundByController]: 'yes' } }
    steps.push({
      do: 'patch',
      ref: refOf(volume),
      patch: { metadata: { resourceVersion: volume.metadata.resourceVersion, ...annotations }, spec: { claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion } } },
      because,
    })
  }
  steps.push(...volumePhase(volume, 'Bound', because))
  const names = volume.metadata.name === claim.spec.volumeName
  if (!names || !isBindCompleted(claim)) {
    steps.push({
      do: 'patch',
      ref: refOf(claim),
      patch: {
        metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { ...(names || claim.metadata.annotations?.[boundByController] !== undefined ? {} : { [boundByController]: 'yes' }), [bindCompleted]: 'yes' } },
        ...(names ? {} : { spec: { volumeName: volume.metadata.name } }),
      },
      because,
    })
  }
  steps.push(...claimStatus(claim, 'Bound', volume, because))
  return steps
}

export function volumePhase(volume: PersistentVolume, phase: NonNullable<PersistentVolume['status']['phase']>, because: Reason, message?: string): Step[] {
  if (volume.status.phase === phase) return []
  return [{ do: 'patch', ref: refOf(volume), subresource: 'status', patch: { status: { phase, message: message ?? null } }, because }]
}

/** Without a volume the claim has no capacity and no modes. The capacity is read once: growing it is the expansion's. */
export function claimStatus(claim: PersistentVolumeClaim, phase: NonNullable<PersistentVolumeClaim['status']['phase']>, volume: PersistentVolume | undefined, because: Reason): Step[] {
  const { status } = claim
  const { accessModes: _modes, capacity: _capacity, currentVolumeAttributesClassName: _class, ...rest } = status
  const next: PersistentVolumeClaim['status'] = { ...rest, phase }
  if (volume) {
    if (volume.spec.accessModes) next.accessModes = volume.spec.accessModes
    const capacity = status.phase !== phase && !equal(status.capacity?.['storage'], volume.spec.capacity?.['storage']) ? volume.spec.capacity : status.capacity
    if (capacity) next.capacity = capacity
    const attributes = status.phase === 'Pending' ? volume.spec.volumeAttributesClassName : status.currentVolumeAttributesClassName
    if (attributes !== undefined) next.currentVolumeAttributesClassName = attributes
  }
  const patch = difference(status, next)
  return patch === undefined ? [] : [{ do: 'patch', ref: refOf(claim), subresource: 'status', patch: { status: patch }, because }]
}

/** Gives the volume back: to everyone where the binder took it, to whoever comes under the name where a person set it aside. */
export function unbindSteps(volume: PersistentVolume, because: Reason): Step[] {
  const byController = volume.metadata.annotations?.[boundByController] !== undefined
  const { resourceVersion } = volume.metadata
  return [
    {
      do: 'patch',
      ref: refOf(volume),
      patch: byController ? { metadata: { resourceVersion, annotations: { [boundByController]: null } }, spec: { claimRef: null } } : { metadata: { resourceVersion }, spec: { claimRef: { uid: null } } },
      because,
    },
    ...volumePhase(volume, 'Available', because),
  ]
}

/** `first` comes before the volume is marked. Said once, at the change of phase. */
export function reclaimFailed(volume: PersistentVolume, code: string, message: string, first: readonly Step[] = []): Plan {
  const because: Reason = { code, say: 'could not be reclaimed', why: message, event: { type: 'Warning', message } }
  const steps = [...first, ...volumePhase(volume, 'Failed', because, message)]
  return steps.length > 0 ? { steps, because } : nothing({ code, say: 'could not be reclaimed', why: message })
}
