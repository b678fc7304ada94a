/** One claim: finds its volume, asks for one to be made, or says what it waits for. */
import { claimClass, defaultClass, namesClass, storageAnnotation } from '../../../api/kinds/storage/names.ts'
import { refOf } from '../../../api/meta.ts'
import { isFinished } from '../../../api/pod-lifecycle.ts'
import { podClaims } from '../../../api/storage/pod-claims.ts'
import { bestVolume, isBoundTo, mismatch } from '../../../api/storage/volume-matching.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/types/core.ts'
import type { StorageClass } from '../../../api/types/storage.ts'
import { nothing, type Plan, type Reason } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { enumerate } from '../../planning/words.ts'
import { bindSteps, claimStatus, nameOf } from './steps.ts'

const { selectedNode, storageProvisioner, betaStorageProvisioner } = storageAnnotation
const done: Reason = { code: 'Settled', say: 'nothing to do', why: 'claim and volume are bound to each other' }

export function planBoundClaim(claim: PersistentVolumeClaim, snapshot: Snapshot): Plan {
  const { volumeName } = claim.spec
  if (!volumeName) return lost(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  const volume = snapshot.get<PersistentVolume>('PersistentVolume', undefined, volumeName)
  if (!volume) return lost(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  if (volume.spec.claimRef && volume.spec.claimRef.uid !== claim.metadata.uid) return lost(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
  return bound(volume, claim)
}

export function planUnboundClaim(claim: PersistentVolumeClaim, snapshot: Snapshot): Plan {
  if (claim.spec.volumeName) return planNamedVolume(claim, claim.spec.volumeName, snapshot)
  const className = claimClass(claim)
  const found = className === '' ? undefined : snapshot.get<StorageClass>('StorageClass', undefined, className)
  const delayed = found?.volumeBindingMode === 'WaitForFirstConsumer'
  const volume = bestVolume(claim, snapshot.list<PersistentVolume>('PersistentVolume'), { delayed })
  if (volume) return bound(volume, claim)
  if (!namesClass(claim)) {
    const standard = defaultClass(snapshot.list<StorageClass>('StorageClass'))
    if (standard) return giveClass(claim, standard.metadata.name)
  }
  if (delayed && claim.metadata.annotations?.[selectedNode] === undefined) return waitForConsumer(claim, snapshot)
  if (className !== '') return provision(claim, className, found)
  return wait(claim, { code: 'FailedBinding', say: 'waits for a volume', why: 'no volume fits, and no storage class makes one', event: { type: 'Normal', message: 'no persistent volumes available for this claim and no storage class is set' } })
}

/** The claim says which volume it wants. */
function planNamedVolume(claim: PersistentVolumeClaim, name: string, snapshot: Snapshot): Plan {
  const volume = snapshot.get<PersistentVolume>('PersistentVolume', undefined, name)
  if (!volume) return wait(claim, { code: 'WaitingForVolume', say: `waits for volume ${name}`, why: 'there is no such volume yet' }, false)
  if (!volume.spec.claimRef) {
    const sentence = mismatch(volume, claim)
    if (sentence === undefined) return bound(volume, claim)
    return wait(claim, { code: 'VolumeMismatch', say: `cannot have volume ${name}`, why: sentence, refs: [refOf(volume)], event: { type: 'Warning', message: `Cannot bind to requested volume "${name}": ${sentence}` } })
  }
  if (isBoundTo(volume, claim)) return bound(volume, claim)
  return wait(claim, { code: 'FailedBinding', say: `cannot have volume ${name}`, why: 'it is bound to another claim', refs: [refOf(volume)], event: { type: 'Warning', message: `volume "${name}" already bound to a different claim.` } })
}

function bound(volume: PersistentVolume, claim: PersistentVolumeClaim): Plan {
  const steps = bindSteps(volume, claim)
  return steps.length === 0 ? nothing(done) : { steps, because: steps[0]!.because }
}

function lost(claim: PersistentVolumeClaim, code: string, message: string): Plan {
  const because: Reason = { code, say: 'has lost its volume', why: message, event: { type: 'Warning', message } }
  if (claim.status.phase === 'Lost') return nothing({ code: 'Lost', say: 'nothing can be done', why: message })
  return { steps: claimStatus(claim, 'Lost', undefined, because), because }
}

/** A default class that came after the claim. */
function giveClass(claim: PersistentVolumeClaim, name: string): Plan {
  const because: Reason = { code: 'ClassAssigned', say: `gave ${claim.metadata.name} the class ${name}`, why: 'it names none, and this is the default', refs: [{ kind: 'StorageClass', name }] }
  return { steps: [{ do: 'patch', ref: refOf(claim), patch: { metadata: { resourceVersion: claim.metadata.resourceVersion }, spec: { storageClassName: name } }, because }], because }
}

function waitForConsumer(claim: PersistentVolumeClaim, snapshot: Snapshot): Plan {
  const { namespace, name } = claim.metadata
  const pods = snapshot.podsOn<Pod>('').filter((pod) => pod.metadata.namespace === namespace && !isFinished(pod) && podClaims(pod).some((used) => used.claim === name))
  const names = pods.map((pod) => pod.metadata.name).sort()
  if (names.length === 0) {
    return wait(claim, { code: 'WaitForFirstConsumer', say: 'waits for its first consumer', why: 'its class binds it where the first Pod that uses it runs', event: { type: 'Normal', message: 'waiting for first consumer to be created before binding' } })
  }
  const message = names.length > 1 ? `waiting for pods ${names.join(',')} to be scheduled` : `waiting for pod ${names[0]} to be scheduled`
  return wait(claim, { code: 'WaitForPodScheduled', say: `waits until ${enumerate(names)} ${names.length === 1 ? 'has' : 'have'} a node`, why: 'its class binds it where the first Pod that uses it runs', refs: pods.map(refOf), event: { type: 'Normal', message } })
}

function provision(claim: PersistentVolumeClaim, className: string, found: StorageClass | undefined): Plan {
  const failed = (message: string) => wait(claim, { code: 'ProvisioningFailed', say: 'gets no volume', why: message, event: { type: 'Warning', message } })
  if (!found) return failed(`storageclass.storage.k8s.io "${className}" not found`)
  const { provisioner } = found
  if (provisioner.startsWith('kubernetes.io/')) return failed(`no volume plugin matched name: ${provisioner}`)
  const waiting: Reason = { code: 'ExternalProvisioning', say: `waits for ${provisioner} to make a volume`, why: `class ${className} makes volumes on demand`, refs: [refOf(found)] }
  const annotations = { [storageProvisioner]: provisioner, [betaStorageProvisioner]: provisioner }
  const has = claim.metadata.annotations ?? {}
  if (has[storageProvisioner] === provisioner && has[betaStorageProvisioner] === provisioner) return wait(claim, waiting, false)
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  const because: Reason = { ...waiting, code: 'ExternalProvisioning', say: `asked ${provisioner} for a volume`, event: { type: 'Normal', message } }
  return { steps: [{ do: 'patch', ref: refOf(claim), patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations } }, because }], because }
}

/** Nothing to do for now; a person hears of it once a pass, as from upstream. */
function wait(claim: PersistentVolumeClaim, because: Reason, tells = true): Plan {
  const { event: _, ...quiet } = because
  const steps = claimStatus(claim, 'Pending', undefined, { ...quiet, code: 'Pending', say: `${nameOf(claim)} is pending` })
  return { steps: [...(tells && because.event ? [{ do: 'note' as const, ref: refOf(claim), because }] : []), ...steps], because: quiet }
}
