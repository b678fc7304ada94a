/** Panels of claims, volumes, classes and what drivers report: who has what, where the data lives, what becomes of it. Pure. */
import { claimClass, isDefaultClass, volumeClass } from '../../../../core/api/kinds/storage/names.ts'
import type { KubeObject } from '../../../../core/api/meta.ts'
import { dockerVolumeDriver, hostnameLabel, hostPathProvisioner } from '../../../../core/api/storage/local-storage.ts'
import { isFinished } from '../../../../core/api/pod-lifecycle.ts'
import { podClaims } from '../../../../core/api/storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../../core/api/types/core.ts'
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeAttributesClass } from '../../../../core/api/types/storage.ts'
import { bytesInWords, count, quantityToNumber } from '../../../words/amounts.ts'
import { shortName, type World } from '../../../words/world.ts'
import { byName, cell, inNamespace, linked, mono, settingRows, type Cell, type Part } from './part.ts'

export const sizeInWords = (quantity: string | undefined): string => (quantity === undefined ? 'no size' : bytesInWords(quantityToNumber(quantity) ?? 0))

const modeWords: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'one machine reads and writes', ReadOnlyMany: 'many machines read', ReadWriteMany: 'many machines read and write', ReadWriteOncePod: 'one Pod alone reads and writes',
}
export const accessInWords = (modes: readonly string[] | undefined): string => (modes ?? []).map((mode) => modeWords[mode] ?? mode).join(', or ') || 'not said'

export const volumeOf = (world: World, claim: PersistentVolumeClaim): PersistentVolume | undefined =>
  claim.spec.volumeName ? (world.get({ kind: 'PersistentVolume', name: claim.spec.volumeName }) as PersistentVolume | undefined) : undefined
export const classOf = (world: World, name: string): StorageClass | undefined => (name === '' ? undefined : (world.get({ kind: 'StorageClass', name }) as StorageClass | undefined))

/** Pods that mount it and have not ended. */
export const mountersOf = (world: World, claim: KubeObject): Pod[] =>
  (world.list('Pod', claim.metadata.namespace) as readonly Pod[]).filter((pod) => !isFinished(pod) && podClaims(pod).some((used) => used.claim === claim.metadata.name)).toSorted(byName)

/** The only machine a volume can be used on; undefined where any will do. */
export function machineOf({ spec }: PersistentVolume): string | undefined {
  const [term] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const names = term?.matchExpressions?.find(({ key, operator }) => key === hostnameLabel && operator === 'In')?.values
  return names?.length === 1 ? names[0] : undefined
}

/** Where the bytes are: what holds them, and its name there. */
export function placeOf(volume: PersistentVolume): { say: string; name: string } {
  const { spec } = volume
  if (spec.csi?.driver === dockerVolumeDriver) return { say: 'a volume of the container engine', name: spec.csi.volumeHandle }
  if (spec.csi) return { say: `a volume of driver ${spec.csi.driver}`, name: spec.csi.volumeHandle }
  if (spec.local) return { say: 'a folder of the machine', name: spec.local.path }
  if (spec.hostPath) return { say: 'a folder of whichever machine the Pod runs on', name: spec.hostPath.path }
  if (spec.nfs) return { say: 'a share on the network (NFS)', name: `${spec.nfs.server}:${spec.nfs.path}` }
  if (spec.iscsi) return { say: 'a disk on the network (iSCSI)', name: `${spec.iscsi.targetPortal} ${spec.iscsi.iqn}` }
  return { say: 'storage of a driver built into Kubernetes', name: volume.metadata.name }
}

const reclaimWords: Readonly<Record<string, string>> = {
  Delete: 'The volume and its data are deleted with the claim. That is final.',
  Retain: 'The volume and its data stay. Nobody else can have it until a person frees or deletes it.',
  Recycle: 'Its files are removed, and the volume is offered again.',
}
const reclaimOf = (policy: string | undefined): string => reclaimWords[policy ?? 'Delete'] ?? policy ?? ''

function whereParts(volume: PersistentVolume): Part[] {
  const place = placeOf(volume)
  const machine = machineOf(volume)
  return [{
    title: 'Where the data lives', say: `In ${place.say}${machine === undefined ? '' : ', on one machine: Pods that use it run there'}.`,
    facts: [
      { label: 'Named there', cell: mono(place.name) },
      ...(machine === undefined ? [] : [{ label: 'Machine', cell: linked({ kind: 'Node', name: machine }) }]),
      ...(volume.spec.mountOptions?.length ? [{ label: 'Mounted with', cell: mono(volume.spec.mountOptions.join(',')) }] : []),
    ],
  }]
}

export function claimParts(world: World, claim: PersistentVolumeClaim): Part[] {
  const { spec, status, metadata } = claim
  const volume = volumeOf(world, claim)
  const name = claimClass(claim)
  const storageClass = classOf(world, name)
  const wanted = spec.resources?.requests?.['storage']
  const has = status.capacity?.['storage']
  const pods = mountersOf(world, claim)
  const pending = status.phase !== 'Bound' && status.phase !== 'Lost'
  const parts: Part[] = []
  if (pending) parts.push({ title: 'What it waits for', facts: steps(world, claim, storageClass, volume, pods) })
  parts.push({
    title: 'Space',
    facts: [
      { label: 'Asks for', cell: cell(sizeInWords(wanted)) },
      { label: 'Has', cell: cell(has === undefined ? 'nothing yet' : sizeInWords(has)) },
      { label: 'Access', cell: cell(accessInWords(spec.accessModes)) },
      { label: 'Class', cell: name === '' ? cell('none') : storageClass ? linked({ kind: 'StorageClass', name }) : volume ? cell(name, { note: 'a name only' }) : cell(name, { note: 'is not there', mark: 'failing' }) },
      { label: 'Volume', cell: spec.volumeName ? linked({ kind: 'PersistentVolume', name: spec.volumeName }, volume ? {} : { note: 'is not there', mark: 'failing' }) : cell('none yet') },
      ...(spec.volumeMode === 'Block' ? [{ label: 'Used as', cell: cell('a raw disk') }] : []),
      ...(spec.volumeAttributesClassName ? [{ label: 'Attributes', cell: linked({ kind: 'VolumeAttributesClass', name: spec.volumeAttributesClassName }) }] : []),
    ],
  })
  parts.push(pods.length === 0
    ? { title: 'Mounted by', say: 'No Pod mounts it now.' }
    : { title: 'Mounted by', table: { columns: ['Pod', 'At', 'Machine'], rows: pods.map((pod) => [linked(inNamespace('Pod', metadata.namespace, pod.metadata.name)), mono(mountPaths(pod, metadata.name)), pod.spec.nodeName ? linked({ kind: 'Node', name: pod.spec.nodeName }) : cell('none yet')]) } })
  if (volume) parts.push(...whereParts(volume))
  parts.push({ title: 'When it is deleted', say: volume ? reclaimOf(volume.spec.persistentVolumeReclaimPolicy) : 'It has no volume, so no data is lost.' })
  return parts
}

function mountPaths(pod: Pod, claim: string): string {
  const volumes = new Set(podClaims(pod).filter((used) => used.claim === claim).map(({ volume }) => volume))
  const paths = pod.spec.containers.flatMap((container) => (container.volumeMounts ?? []).filter((mount) => volumes.has(mount.name)).map((mount) => `${mount.mountPath}${mount.readOnly ? ' (read only)' : ''}`))
  return [...new Set(paths)].join(', ') || 'nowhere'
}

/** From asking to having: each step done, under way or in the way. */
function steps(world: World, claim: PersistentVolumeClaim, storageClass: StorageClass | undefined, volume: PersistentVolume | undefined, pods: readonly Pod[]): { label: string; cell: Cell }[] {
  const name = claimClass(claim)
  const found: { label: string; cell: Cell }[] = []
  const say = (label: string, text: string, mark: Cell['mark'], more: Partial<Cell> = {}) => found.push({ label, cell: cell(text, { ...(mark === undefined ? {} : { mark }), ...more }) })
  if (claim.spec.volumeName) say('Volume by name', volume ? `${claim.spec.volumeName} is there` : `${claim.spec.volumeName} is not there`, volume ? 'finished' : 'waiting')
  else if (name === '') say('Class', 'none: it takes a free volume that fits', 'finished')
  else say('Class', storageClass ? `${name} makes volumes` : `there is no class ${name}`, storageClass ? 'finished' : 'failing')
  if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer') {
    const placed = pods.find((pod) => pod.spec.nodeName)
    say('Pod on a machine', placed ? `${shortName(placed)} runs on ${placed.spec.nodeName ?? ''}` : pods[0] ? `${shortName(pods[0])} has no machine yet` : 'no Pod uses it yet; its volume is made where the first one runs', placed ? 'finished' : 'waiting', pods[0] ? { ref: inNamespace('Pod', pods[0].metadata.namespace, pods[0].metadata.name) } : {})
  }
  const free = (world.list('PersistentVolume') as readonly PersistentVolume[]).filter((one) => one.status?.phase === 'Available' && volumeClass(one) === name)
  if (!claim.spec.volumeName) say('Volume', free.length > 0 ? `${count(free.length, 'free volume')} of this class, the largest ${sizeInWords(free.map((one) => one.spec.capacity?.['storage'] ?? '0').toSorted((a, b) => (quantityToNumber(b) ?? 0) - (quantityToNumber(a) ?? 0))[0])}` : storageClass && storageClass.provisioner !== 'kubernetes.io/no-provisioner' ? `${provisionerWords(storageClass.provisioner)} will be made` : 'no free volume fits', 'waiting')
  return found
}

const provisionerWords = (provisioner: string): string => (provisioner === dockerVolumeDriver ? 'a volume of the container engine' : provisioner === hostPathProvisioner ? 'a folder of the machine' : `one by ${provisioner}`)

export function volumeParts(world: World, volume: PersistentVolume): Part[] {
  const { spec } = volume
  const claim = spec.claimRef
  const name = volumeClass(volume)
  const there = claim && world.get(inNamespace('PersistentVolumeClaim', claim.namespace, claim.name ?? ''))
  return [
    {
      title: 'Space',
      facts: [
        { label: 'Holds', cell: cell(sizeInWords(spec.capacity?.['storage'])) },
        { label: 'Access', cell: cell(accessInWords(spec.accessModes)) },
        { label: 'Class', cell: name === '' ? cell('none') : classOf(world, name) ? linked({ kind: 'StorageClass', name }) : cell(name, { note: 'a name only: claims that say it can have this volume' }) },
        { label: 'Claim', cell: !claim ? cell('nobody has it') : linked(inNamespace('PersistentVolumeClaim', claim.namespace, claim.name ?? ''), there ? { note: `in ${claim.namespace ?? ''}` } : { note: `in ${claim.namespace ?? ''}, is gone`, mark: 'leaving' }) },
      ],
    },
    ...whereParts(volume),
    { title: 'When its claim is deleted', say: reclaimOf(spec.persistentVolumeReclaimPolicy) },
  ]
}

export function storageClassParts(world: World, storageClass: StorageClass): Part[] {
  const claims = (world.list('PersistentVolumeClaim') as readonly PersistentVolumeClaim[]).filter((claim) => claimClass(claim) === storageClass.metadata.name).toSorted(byName)
  const { provisioner } = storageClass
  return [
    {
      title: 'What it makes',
      say: isDefaultClass(storageClass) ? 'The default: a claim that names no class gets a volume of this one.' : 'A claim gets a volume of it by naming it.',
      facts: [
        { label: 'Made by', cell: mono(provisioner) },
        { label: 'Makes', cell: cell(provisioner === 'kubernetes.io/no-provisioner' ? 'nothing by itself: a person makes its volumes' : provisioner === dockerVolumeDriver || provisioner === hostPathProvisioner ? provisionerWords(provisioner) : 'a volume of that driver') },
        { label: 'When', cell: cell(storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? 'once the first Pod that uses it has a machine' : 'as soon as it is claimed') },
        { label: 'Can grow', cell: cell(storageClass.allowVolumeExpansion === true ? 'yes, by a larger claim' : 'no') },
        ...(storageClass.mountOptions?.length ? [{ label: 'Mounted with', cell: mono(storageClass.mountOptions.join(',')) }] : []),
        ...settingRows(storageClass.parameters),
      ],
    },
    { title: 'When a claim is deleted', say: reclaimOf(storageClass.reclaimPolicy) },
    claimsTable('Claims of this class', claims),
  ]
}

const claimsTable = (title: string, claims: readonly PersistentVolumeClaim[]): Part =>
  claims.length === 0 ? { title, say: 'None.' } : {
    title,
    table: { columns: ['Claim', 'Namespace', 'Size', 'State'], rows: claims.slice(0, 30).map((claim) => [linked(inNamespace('PersistentVolumeClaim', claim.metadata.namespace, claim.metadata.name)), cell(claim.metadata.namespace ?? ''), cell(sizeInWords(claim.status.capacity?.['storage'] ?? claim.spec.resources?.requests?.['storage']), { numeric: true }), cell(claim.status.phase === 'Bound' ? 'bound' : claim.status.phase === 'Lost' ? 'lost its volume' : 'waits', { mark: claim.status.phase === 'Bound' ? 'ready' : claim.status.phase === 'Lost' ? 'failing' : 'waiting' })]) },
  }

export function attachmentParts({ spec, status }: VolumeAttachment): Part[] {
  const volume = spec.source.persistentVolumeName
  const problem = status?.attachError?.message ?? status?.detachError?.message
  return [{
    title: 'Attached', say: `${status?.attached ? 'The volume is attached to the machine' : 'The volume is not attached yet'}${problem === undefined ? '.' : `: ${problem}`}`,
    facts: [
      { label: 'Volume', cell: volume === undefined ? cell('given in place') : linked({ kind: 'PersistentVolume', name: volume }) },
      { label: 'Machine', cell: linked({ kind: 'Node', name: spec.nodeName }) },
      { label: 'By', cell: mono(spec.attacher) },
    ],
  }]
}

export function attributesClassParts(world: World, attributes: VolumeAttributesClass): Part[] {
  const claims = (world.list('PersistentVolumeClaim') as readonly PersistentVolumeClaim[]).filter((claim) => claim.spec.volumeAttributesClassName === attributes.metadata.name)
  return [{ title: 'What it sets', say: 'A claim that names it asks its driver for these, on a volume in use too.', facts: [{ label: 'Driver', cell: mono(attributes.driverName) }, ...settingRows(attributes.parameters)] }, claimsTable('Claims that ask for it', claims)]
}

export const csiDriverParts = (world: World, { metadata, spec }: CSIDriver): Part[] => {
  const classes = (world.list('StorageClass') as readonly StorageClass[]).filter((one) => one.provisioner === metadata.name).toSorted(byName)
  const volumes = (world.list('PersistentVolume') as readonly PersistentVolume[]).filter((one) => one.spec.csi?.driver === metadata.name)
  const audiences = (spec.tokenRequests ?? []).map(({ audience }) => audience || 'the API server')
  return [howItWorks(spec, audiences), {
    title: 'What is made with it',
    facts: [
      { label: 'Volumes', cell: cell(volumes.length === 0 ? 'none' : count(volumes.length, 'volume')) },
      ...classes.map((one, i) => ({ label: i === 0 ? 'Classes' : '', cell: linked({ kind: 'StorageClass', name: one.metadata.name }) })),
      ...(classes.length === 0 ? [{ label: 'Classes', cell: cell('none') }] : []),
    ],
  }]
}

const howItWorks = (spec: CSIDriver['spec'], audiences: readonly string[]): Part => ({
  title: 'How it works',
  facts: [
    { label: 'Attaches', cell: cell(spec.attachRequired === false ? 'no, it mounts at once' : 'yes, to the machine before it mounts') },
    { label: 'Knows its Pod', cell: cell(spec.podInfoOnMount ? 'yes, it is told which Pod mounts' : 'no') },
    { label: 'Reports space', cell: cell(spec.storageCapacity ? 'yes, the scheduler looks for machines with enough' : 'no') },
    { label: 'Volumes', cell: cell((spec.volumeLifecycleModes ?? ['Persistent']).map((mode) => (mode === 'Ephemeral' ? 'for one Pod' : 'that last')).join(', ')) },
    ...(spec.fsGroupPolicy === undefined ? [] : [{ label: 'Group of files', cell: cell(groupWords[spec.fsGroupPolicy] ?? spec.fsGroupPolicy) }]),
    ...(audiences.length === 0 ? [] : [{ label: 'Gets tokens', cell: cell(`of the Pod’s account, for ${audiences.join(', ')}`) }]),
    ...(spec.requiresRepublish ? [{ label: 'Mounts again', cell: cell('from time to time, while the Pod runs') }] : []),
  ],
})

const groupWords: Readonly<Record<string, string>> = {
  File: 'changed to the Pod’s, always', None: 'left as it is', ReadWriteOnceWithFSType: 'changed to the Pod’s where one machine writes to a file system',
}

export const csiNodeParts = ({ metadata, spec }: CSINode): Part[] => [
  { title: 'Machine', facts: [{ label: 'Machine', cell: linked({ kind: 'Node', name: metadata.name }) }] },
  (spec.drivers ?? []).length === 0 ? { title: 'Drivers', say: 'No storage driver runs on it.' } : { title: 'Drivers', table: { columns: ['Driver', 'Volumes at most'], rows: spec.drivers.map((driver) => [mono(driver.name), cell(driver.allocatable?.count === undefined ? 'no limit' : String(driver.allocatable.count), { numeric: true })]) } },
]

export const capacityParts = (capacity: CSIStorageCapacity): Part[] => [{
  title: 'Space left',
  facts: [
    { label: 'Free', cell: cell(sizeInWords(capacity.capacity)) },
    ...(capacity.maximumVolumeSize === undefined ? [] : [{ label: 'Largest volume', cell: cell(sizeInWords(capacity.maximumVolumeSize)) }]),
    { label: 'Of class', cell: linked({ kind: 'StorageClass', name: capacity.storageClassName }) },
    ...(capacity.nodeTopology === undefined ? [] : settingRows(capacity.nodeTopology.matchLabels)),
  ],
}]
