/**
 * Has volumes of drivers attached to the nodes whose Pods use them, and detached again: asks by VolumeAttachments, which
 * the driver's own attacher answers. Volumes that need no attaching, ours among them, are left alone.
 * Mirrors pkg/controller/volume/attachdetach and pkg/volume/csi/csi_attacher.go.
 */
import { createHash } from 'node:crypto'
import { conditionOf } from '../../api/conditions.ts'
import { refOf, type Ref } from '../../api/meta.ts'
import { isFinished } from '../../api/pod-lifecycle.ts'
import { dockerVolumeDriver } from '../../api/storage/local-storage.ts'
import { podClaims } from '../../api/storage/pod-claims.ts'
import { count } from '../../api/state/sentences.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core.ts'
import type { CSIDriver, VolumeAttachment } from '../../api/types/storage.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

/** An attacher that has not answered by then is complained about, each time again. */
const patienceMs = 120_000
/** A node that is not ready for so long has unmounted for certain what it had. */
const forceMs = 360_000
const outOfService = 'node.kubernetes.io/out-of-service'

interface Wanted {
  readonly volume: PersistentVolume
  readonly pods: Pod[]
}

export const attachDetach = defineController<Node>({
  name: 'attachdetach-controller',
  reconciles: 'Node',
  wakesOn: ['Pod', 'PersistentVolumeClaim', 'VolumeAttachment', 'CSIDriver'],

  /** Of a node that only breathes nothing changes here. */
  concerns: ({ type, object, previous }) => type !== 'MODIFIED' || !previous || !equal(face(object as Node), face(previous as Node)),

  wakes(event, snapshot): readonly Ref[] {
    switch (event.object.kind) {
      case 'Pod': return nodeOf(event)
      case 'VolumeAttachment': return nodesOfAttachment(event, snapshot)
      case 'PersistentVolumeClaim': {
        const { namespace, name } = event.object.metadata
        return refsOf(snapshot.list<Pod>('Pod', namespace).filter((pod) => podClaims(pod).some(({ claim }) => claim === name)))
      }
      default: return snapshot.list<PersistentVolume>('PersistentVolume').some(({ spec }) => spec.csi?.driver === event.object.metadata.name) ? snapshot.list<Node>('Node').map(refOf) : []
    }
  },

  plan({ object: node, ref, snapshot, now }) {
    const attachments = snapshot.list<VolumeAttachment>('VolumeAttachment').filter(({ spec }) => spec.nodeName === ref.name)
    const wanted = node ? wantedOn(node.metadata.name, snapshot) : new Map<string, Wanted>()
    if (wanted.size === 0 && attachments.length === 0) return nothing({ code: 'Settled', say: 'has nothing to attach', why: 'no Pod there uses a volume that a driver attaches' })
    const pass = new Pass(ref, node, snapshot, now)
    for (const attachment of attachments) if (!wanted.has(attachment.metadata.name)) pass.detach(attachment)
    for (const [name, one] of wanted) pass.attach(name, one)
    return pass.plan()
  },
})

class Pass {
  readonly #ref: Ref
  readonly #node: Node | undefined
  readonly #snapshot: Snapshot
  readonly #now: number
  readonly #before: readonly { name: string; devicePath: string }[]
  readonly #steps: Step[] = []
  readonly #waits: Reason[] = []
  #reported: readonly { name: string; devicePath: string }[]
  #requeueAt = Number.POSITIVE_INFINITY

  constructor(ref: Ref, node: Node | undefined, snapshot: Snapshot, now: number) {
    this.#ref = ref
    this.#node = node
    this.#snapshot = snapshot
    this.#now = now
    this.#before = node?.status?.volumesAttached ?? []
    this.#reported = this.#before
  }

  attach(name: string, { volume, pods }: Wanted): void {
    const { driver = '', volumeHandle = '' } = volume.spec.csi ?? {}
    const shown = volume.metadata.name
    const attachment = this.#snapshot.get<VolumeAttachment>('VolumeAttachment', undefined, name)
    if (attachment?.metadata.deletionTimestamp !== undefined) return this.#wait(`waits until ${shown} is detached`, 'it was on its way out when a Pod came that uses it')
    if (!attachment) {
      const elsewhere = isShared(volume) ? undefined : this.#snapshot.list<VolumeAttachment>('VolumeAttachment').find(({ spec }) => spec.source.persistentVolumeName === shown && spec.nodeName !== this.#ref.name)
      if (elsewhere) return this.#complain(pods, `${shown} is attached to ${elsewhere.spec.nodeName}, and may be on one node only`, multiAttach(shown, elsewhere, pods, this.#snapshot))
      const because: Reason = { code: 'Attaching', say: `asked ${driver} to attach ${shown}`, why: `${count(pods.length, 'Pod')} there ${pods.length === 1 ? 'uses' : 'use'} it`, refs: pods.map(refOf) }
      const object = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name }, spec: { attacher: driver, nodeName: this.#ref.name, source: { persistentVolumeName: shown } } }
      this.#steps.push({ do: 'create', object, tolerateExisting: true, because })
      this.#again(this.#now + patienceMs)
      return
    }
    if (attachment.status?.attached) {
      const unique = uniqueName(volume)
      if (this.#reported.some((one) => one.name === unique)) return
      this.#reported = [...this.#reported, { name: unique, devicePath: '' }]
      for (const pod of pods) this.#note(pod, 'Normal', 'SuccessfulAttachVolume', `${driver} attached ${shown}`, `AttachVolume.Attach succeeded for volume "${shown}" `)
      return
    }
    const failed = attachment.status?.attachError?.message
    if (failed !== undefined) return this.#complain(pods, `${driver} could not attach ${shown}`, `AttachVolume.Attach failed for volume "${shown}" : ${failed}`)
    const sinceMs = this.#now - Date.parse(attachment.metadata.creationTimestamp)
    this.#again(this.#now + patienceMs - (sinceMs % patienceMs))
    if (sinceMs < patienceMs) return this.#wait(`waits until ${driver} attaches ${shown}`, `asked ${count(Math.round(sinceMs / 1000), 'second')} ago`)
    this.#complain(pods, `${driver} does not attach ${shown}`, `AttachVolume.Attach failed for volume "${shown}" : timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${volumeHandle}`)
  }

  /** Only what this controller asked for; attachments under other names are other people's. */
  detach(attachment: VolumeAttachment): void {
    const volume = this.#snapshot.get<PersistentVolume>('PersistentVolume', undefined, attachment.spec.source.persistentVolumeName ?? '')
    if (!volume?.spec.csi || attachmentName(volume, this.#ref.name) !== attachment.metadata.name) return
    const unique = uniqueName(volume)
    const shown = volume.metadata.name
    if (attachment.metadata.deletionTimestamp !== undefined) return this.#wait(`waits until ${shown} is detached`, `${attachment.spec.attacher} has been asked`)
    const releasedMs = this.#releasedAt(unique)
    if (releasedMs > this.#now) {
      this.#again(releasedMs)
      return this.#wait(`keeps ${shown} attached`, 'the node says that it is still mounted')
    }
    this.#reported = this.#reported.filter(({ name }) => name !== unique)
    const { uid, resourceVersion } = attachment.metadata
    this.#steps.push({ do: 'delete', ref: { ...refOf(attachment), uid }, resourceVersion, because: { code: 'Detaching', say: `asked ${attachment.spec.attacher} to detach ${shown}`, why: this.#node ? 'no Pod there uses it any more' : 'the node is gone' } })
  }

  plan(): Plan {
    // A node loses a volume from its list before the driver is asked, and gets it after the driver has answered.
    if (this.#node && !equal(this.#reported, this.#before)) {
      const because: Reason = { code: 'Attached', say: `says that ${count(this.#reported.length, 'volume')} ${this.#reported.length === 1 ? 'is' : 'are'} attached`, why: `it was ${this.#before.length}` }
      this.#steps.unshift({ do: 'patch', ref: refOf(this.#node), subresource: 'status', patch: { status: { volumesAttached: this.#reported.length > 0 ? this.#reported : null } }, because })
    }
    const because = this.#waits[0] ?? this.#steps[0]?.because ?? { code: 'Settled', say: 'has what its Pods need', why: 'their volumes are attached' }
    return { steps: this.#steps, because, ...(Number.isFinite(this.#requeueAt) ? { requeueAt: this.#requeueAt } : {}) }
  }

  /** From when on nothing of it can be mounted there. */
  #releasedAt(unique: string): number {
    const { spec, status } = this.#node ?? {}
    if (!status?.volumesInUse?.includes(unique) || spec?.taints?.some(({ key }) => key === outOfService)) return 0
    const ready = conditionOf(status.conditions, 'Ready')
    return ready?.status === 'True' || !ready?.lastTransitionTime ? Number.POSITIVE_INFINITY : Date.parse(ready.lastTransitionTime) + forceMs
  }

  #wait(say: string, why: string): void {
    this.#waits.push({ code: 'Waiting', say, why })
  }

  #complain(pods: readonly Pod[], say: string, message: string): void {
    this.#waits.push({ code: 'FailedAttachVolume', say, why: message })
    for (const pod of pods) this.#note(pod, 'Warning', 'FailedAttachVolume', say, message)
  }

  #note(pod: Pod, type: 'Normal' | 'Warning', code: string, say: string, message: string): void {
    this.#steps.push({ do: 'note', ref: refOf(pod), because: { code, say, why: message, event: { type, message, regarding: refOf(pod) } } })
  }

  #again(atMs: number): void {
    if (Number.isFinite(atMs)) this.#requeueAt = Math.min(this.#requeueAt, atMs)
  }
}

const face = ({ spec, status }: Node) => ({ taints: spec?.taints?.some(({ key }) => key === outOfService), attached: status?.volumesAttached, inUse: status?.volumesInUse, ready: conditionOf(status?.conditions, 'Ready')?.status })

/** Both sides make the same name, so that it is asked for once. */
const attachmentName = ({ spec: { csi } }: PersistentVolume, node: string): string =>
  `csi-${createHash('sha256').update(`${csi?.volumeHandle ?? ''}${csi?.driver ?? ''}${node}`).digest('hex')}`

const uniqueName = ({ spec: { csi } }: PersistentVolume): string => `kubernetes.io/csi/${csi?.driver ?? ''}^${csi?.volumeHandle ?? ''}`

const isShared = ({ spec }: PersistentVolume): boolean => (spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany')

/** The volume behind a Pod's claim, where a driver has to attach it. */
function attachable(pod: Pod, name: string, snapshot: Snapshot): PersistentVolume | undefined {
  const claim = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.metadata.namespace, name)
  const volume = claim?.spec.volumeName ? snapshot.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName) : undefined
  const driver = volume?.spec.csi?.driver
  if (!claim || !volume || driver === undefined || driver === dockerVolumeDriver || claim.status.phase !== 'Bound' || volume.spec.claimRef?.uid !== claim.metadata.uid) return undefined
  return snapshot.get<CSIDriver>('CSIDriver', undefined, driver)?.spec.attachRequired === false ? undefined : volume
}

function wantedOn(node: string, snapshot: Snapshot): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const pod of snapshot.podsOn<Pod>(node)) {
    if (isFinished(pod)) continue
    for (const { claim } of podClaims(pod)) {
      const volume = attachable(pod, claim, snapshot)
      if (!volume) continue
      const name = attachmentName(volume, node)
      const one = wanted.get(name)
      if (!one) wanted.set(name, { volume, pods: [pod] })
      else if (!one.pods.includes(pod)) one.pods.push(pod)
    }
  }
  return wanted
}

function multiAttach(volume: string, elsewhere: VolumeAttachment, pods: readonly Pod[], snapshot: Snapshot): string {
  const message = `Multi-Attach error for volume "${volume}" `
  const claims = new Set(pods.flatMap((pod) => podClaims(pod).map(({ claim }) => `${pod.metadata.namespace}/${claim}`)))
  const users = snapshot.podsOn<Pod>(elsewhere.spec.nodeName).filter((pod) => !isFinished(pod) && podClaims(pod).some(({ claim }) => claims.has(`${pod.metadata.namespace}/${claim}`) && attachable(pod, claim, snapshot)?.metadata.name === volume))
  return users.length === 0 ? `${message}Volume is already exclusively attached to one node and can't be attached to another` : `${message}Volume is already used by pod(s) ${users.map(({ metadata }) => metadata.name).join(', ')}`
}

const nodeRef = (name: string): Ref => ({ kind: 'Node', name })
const refsOf = (pods: readonly Pod[]): Ref[] => [...new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []))].map(nodeRef)

function nodeOf({ type, object, previous }: WatchEvent): Ref[] {
  const pod = object as Pod
  if (!pod.spec.nodeName || podClaims(pod).length === 0) return []
  const before = previous as Pod | undefined
  return type === 'MODIFIED' && before?.spec.nodeName === pod.spec.nodeName && isFinished(before) === isFinished(pod) ? [] : [nodeRef(pod.spec.nodeName)]
}

/** When it goes, another node may have its turn. */
function nodesOfAttachment({ type, object }: WatchEvent, snapshot: Snapshot): Ref[] {
  const { spec } = object as VolumeAttachment
  const volume = type === 'DELETED' ? snapshot.get<PersistentVolume>('PersistentVolume', undefined, spec.source.persistentVolumeName ?? '') : undefined
  const claim = volume?.spec.claimRef
  const users = claim?.name ? snapshot.list<Pod>('Pod', claim.namespace).filter((pod) => podClaims(pod).some((one) => one.claim === claim.name)) : []
  return [nodeRef(spec.nodeName), ...refsOf(users).filter(({ name }) => name !== spec.nodeName)]
}
