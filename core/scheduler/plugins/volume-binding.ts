/**
 * A Pod goes where its volumes can be reached, and takes claims that wait for their first consumer with it: for the chosen
 * node a volume is set aside, or one is asked for there (upstream: plugins/volumebinding).
 */
import { claimClass, storageAnnotation, storageOf } from '../../api/kinds/storage/names.ts'
import { labelSelector } from '../../api/label-selector.ts'
import { refOf } from '../../api/meta.ts'
import { parseQuantity } from '../../api/quantity.ts'
import { isReachable } from '../../api/storage/node-affinity.ts'
import { bestVolume } from '../../api/storage/volume-matching.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types/core.ts'
import type { CSIDriver, CSIStorageCapacity, StorageClass } from '../../api/types/storage.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Plugin, type Refusal, type Rejection, type Reservation } from '../plugin.ts'
import { refuse, usedClaims, usesClaim } from '../volume-claims.ts'

const { selectedNode, boundByController, bindCompleted } = storageAnnotation
const nodeConflict = "node(s) didn't match PersistentVolume's node affinity"
const bindConflict = "node(s) didn't find available persistent volumes to bind"
const noSpace = 'node(s) did not have enough free storage'
const noVolume = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

interface Needs {
  readonly bound: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume | undefined }[]
  /** Wait for their first consumer. */
  readonly waiting: readonly { readonly claim: PersistentVolumeClaim; readonly storageClass: StorageClass }[]
}

/** What is to be done for the waiting claims on one node; reasons where it cannot be. */
interface Answer {
  readonly reasons: readonly string[]
  readonly matches: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[]
  readonly provisions: readonly PersistentVolumeClaim[]
}

const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean => Boolean(spec.volumeName) && metadata.annotations?.[bindCompleted] !== undefined

export const volumeBinding: Plugin = {
  name: 'VolumeBinding',
  filter(pod, { objects }) {
    const used = usedClaims(pod, objects)
    if ('refused' in used) return used
    if (used.claims.length === 0) return undefined
    const needs = needsOf(used.claims, objects)
    if ('refused' in needs) return needs
    const volumes = needs.waiting.length === 0 ? [] : objects.list<PersistentVolume>('PersistentVolume')
    const drivers = new Map(needs.waiting.map(({ storageClass }) => [storageClass.provisioner, objects.get<CSIDriver>('CSIDriver', undefined, storageClass.provisioner)]))
    const capacities = [...drivers.values()].some((driver) => driver?.spec.storageCapacity) ? objects.list<CSIStorageCapacity>('CSIStorageCapacity') : []
    const answers = new Map<string, Answer>()
    const ask = (node: NodeInfo): Answer => {
      let answer = answers.get(node.name)
      if (!answer) answers.set(node.name, (answer = answerFor(node, needs, volumes, (storageClass, claim) => hasRoom(node, storageClass, claim, drivers, capacities))))
      return answer
    }
    const names = used.claims.map(({ metadata }) => metadata.name).join(', ')
    return {
      test(node): Rejection | undefined {
        const { reasons } = ask(node)
        return reasons.length === 0 ? undefined : { reasons, unresolvable: true }
      },
      tell(node) {
        const { reasons, matches, provisions } = ask(node)
        if (reasons.includes(nodeConflict)) return `the volume of ${names} cannot be reached from here`
        if (reasons.length > 0) return reasons.join(', ')
        const parts = [...matches.map(({ claim, volume }) => `${volume.metadata.name} fits ${claim.metadata.name}`), ...provisions.map(({ metadata }) => `a volume for ${metadata.name} would be made here`)]
        return parts.length > 0 ? parts.join(', ') : `reaches ${names}`
      },
      summary: (nodes) => `needs ${names}, which cannot be had on ${sayNames(nodes.map(({ name }) => name))}`,
      reserve: (node) => reservation(node, ask(node)),
    }
  },
  wakesOn: ['Node', 'PersistentVolume', 'PersistentVolumeClaim', 'StorageClass', 'CSIDriver', 'CSIStorageCapacity'],
  helps(pod, change) {
    if (change.kind === 'Node') return changedNode(change, 'added', 'labels') !== undefined
    if (change.kind === 'Pod' || change.what === 'removed') return false
    return change.kind !== 'PersistentVolumeClaim' || usesClaim(pod, change.object)
  },
}

function needsOf(claims: readonly PersistentVolumeClaim[], objects: Snapshot): Needs | Refusal {
  const bound: Needs['bound'][number][] = []
  const waiting: Needs['waiting'][number][] = []
  let immediate: PersistentVolumeClaim | undefined
  for (const claim of claims) {
    if (isFullyBound(claim)) {
      bound.push({ claim, volume: objects.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName!) })
      continue
    }
    const storageClass = objects.get<StorageClass>('StorageClass', undefined, claimClass(claim))
    if (storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && !claim.spec.volumeName) waiting.push({ claim, storageClass })
    else immediate ??= claim
  }
  if (immediate) return refuse('pod has unbound immediate PersistentVolumeClaims', `waits until claim ${immediate.metadata.name} is bound`)
  // Small ones first, so that a large volume stays for who needs it.
  waiting.sort((a, b) => Number(storageOf(a.claim.spec.resources?.requests) - storageOf(b.claim.spec.resources?.requests)))
  return { bound, waiting }
}

function answerFor(node: NodeInfo, needs: Needs, volumes: readonly PersistentVolume[], hasRoom: (storageClass: StorageClass, claim: PersistentVolumeClaim) => boolean): Answer {
  const reasons = new Set<string>()
  const matches: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = []
  const provisions: PersistentVolumeClaim[] = []
  for (const { volume } of needs.bound) {
    if (!volume) reasons.add(noVolume)
    else if (!isReachable(volume, node)) reasons.add(nodeConflict)
  }
  const taken = new Set<string>()
  for (const { claim, storageClass } of needs.waiting) {
    const chosen = claim.metadata.annotations?.[selectedNode]
    if (chosen !== undefined && chosen !== node.name) {
      reasons.add(bindConflict)
      break
    }
    const volume = chosen === undefined ? bestVolume(claim, volumes, { node, delayed: true, excluded: taken }) : undefined
    if (volume) {
      taken.add(volume.metadata.name)
      matches.push({ claim, volume })
    } else if (storageClass.provisioner === 'kubernetes.io/no-provisioner' || !isAllowed(storageClass, node)) reasons.add(bindConflict)
    else if (!hasRoom(storageClass, claim)) reasons.add(noSpace)
    else provisions.push(claim)
  }
  return { reasons: [nodeConflict, bindConflict, noSpace, noVolume].filter((reason) => reasons.has(reason)), matches, provisions }
}

const isAllowed = ({ allowedTopologies = [] }: StorageClass, { labels }: NodeInfo): boolean =>
  allowedTopologies.length === 0 || allowedTopologies.some(({ matchLabelExpressions = [] }) => matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')))

/** Only drivers that tell their capacity are asked about it. */
function hasRoom(node: NodeInfo, storageClass: StorageClass, claim: PersistentVolumeClaim, drivers: ReadonlyMap<string, CSIDriver | undefined>, capacities: readonly CSIStorageCapacity[]): boolean {
  if (!drivers.get(storageClass.provisioner)?.spec.storageCapacity) return true
  const wanted = storageOf(claim.spec.resources?.requests)
  return capacities.some(({ storageClassName, maximumVolumeSize, capacity, nodeTopology }) => {
    const limit = maximumVolumeSize ?? capacity
    return storageClassName === storageClass.metadata.name && limit !== undefined && parseQuantity(limit).nano >= wanted && nodeTopology !== undefined && labelSelector(nodeTopology).matches(node.labels)
  })
}

function reservation(node: NodeInfo, { matches, provisions }: Answer): Reservation | undefined {
  if (matches.length + provisions.length === 0) return undefined
  const assume = []
  const steps: Step[] = []
  for (const { claim, volume } of matches) {
    const { namespace = '', name, uid, resourceVersion } = claim.metadata
    const reserved = volume.spec.claimRef !== undefined
    const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion }
    const annotations = reserved ? {} : { annotations: { ...volume.metadata.annotations, [boundByController]: 'yes' } }
    assume.push({ ...volume, metadata: { ...volume.metadata, ...annotations }, spec: { ...volume.spec, claimRef } })
    steps.push({
      do: 'patch',
      ref: refOf(volume),
      patch: { metadata: { resourceVersion: volume.metadata.resourceVersion, ...(reserved ? {} : { annotations: { [boundByController]: 'yes' } }) }, spec: { claimRef } },
      because: { code: 'VolumeChosen', say: `set ${volume.metadata.name} aside for ${name}`, why: `its first consumer goes to ${node.name}, where this volume fits`, refs: [refOf(claim)] },
    })
  }
  for (const claim of provisions) {
    if (claim.metadata.annotations?.[selectedNode] === node.name) continue
    assume.push({ ...claim, metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [selectedNode]: node.name } } })
    steps.push({
      do: 'patch',
      ref: refOf(claim),
      patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { [selectedNode]: node.name } } },
      because: { code: 'NodeChosen', say: `asked for a volume on ${node.name}`, why: `the first consumer of ${claim.metadata.name} goes there` },
    })
  }
  const claims = [...matches.map(({ claim }) => claim), ...provisions]
  const asked = new Set(provisions.map(({ metadata }) => metadata.uid))
  return {
    assume,
    steps,
    ready(objects) {
      for (const { metadata } of claims) {
        const now = objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', metadata.namespace, metadata.name)
        if (now?.metadata.uid !== metadata.uid) return { failed: `binding volumes: claim ${metadata.name} is gone` }
        // The provisioner gives the choice back where it could not make the volume there.
        if (asked.has(metadata.uid) && !isFullyBound(now) && now.metadata.annotations?.[selectedNode] !== node.name) return { failed: `binding volumes: provisioning failed for PVC "${metadata.name}"` }
        if (!isFullyBound(now)) return { waits: `waits until claim ${metadata.name} is bound` }
        const volume = objects.get<PersistentVolume>('PersistentVolume', undefined, now.spec.volumeName!)
        if (!volume) return { waits: `waits for volume ${now.spec.volumeName}` }
        if (!isReachable(volume, node)) return { failed: `binding volumes: pv "${volume.metadata.name}" node affinity doesn't match node "${node.name}": no matching NodeSelectorTerms` }
      }
      return 'ready'
    },
    waitsOn: ['PersistentVolumeClaim', 'PersistentVolume'],
  }
}
