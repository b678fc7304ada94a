/**
 * Which volume fits a claim: asked by the binder, and by the scheduler for claims that wait for their first consumer.
 * Upstream: component-helpers/storage/volume/pv_helpers.go (FindMatchingVolume), pkg/controller/volume/persistentvolume/index.go.
 */
import { accessModesText, claimClass, storageOf, volumeClass } from '../kinds/storage/names.ts'
import { labelSelector } from '../label-selector.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../types/core.ts'
import type { NodeFace } from '../node-selector.ts'
import { isReachable } from './node-affinity.ts'

/** Bound, or set aside by name for whoever comes under it. */
export function isBoundTo({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false
  return !claimRef.uid || claimRef.uid === metadata.uid
}

const modeOf = ({ volumeMode }: { volumeMode?: string }) => volumeMode ?? 'Filesystem'
export const sameVolumeMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => modeOf(volume.spec) === modeOf(claim.spec)
const offersModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode))
const sameAttributes = (volume: PersistentVolume, claim: PersistentVolumeClaim) => (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '')
const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim) => storageOf(volume.spec.capacity) >= storageOf(claim.spec.resources?.requests)

/** Why a volume that the claim names cannot be its own; undefined: it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) return `the volume is marked for deletion "${volume.metadata.name}"`
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (volumeClass(volume) !== claimClass(claim)) return 'storageClassName does not match'
  if (!sameAttributes(volume, claim)) return 'volumeAttributesClassName does not match'
  if (!sameVolumeMode(volume, claim)) return 'incompatible volumeMode'
  return offersModes(volume, claim) ? undefined : 'incompatible accessMode'
}

export interface Search {
  /** The scheduler asks for one node; the binder for any. */
  readonly node?: NodeFace
  /** The claim waits for its first consumer: without a node, only a volume that is set aside for it counts. */
  readonly delayed: boolean
  readonly excluded?: ReadonlySet<string>
}

/** The volume set aside for the claim, or else the smallest that fits, of those with the fewest further access modes. */
export function bestVolume(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[], search: Search): PersistentVolume | undefined {
  const { matches } = claim.spec.selector === undefined ? { matches: () => true } : labelSelector(claim.spec.selector)
  const wanted = claimClass(claim)
  let best: PersistentVolume | undefined
  let bestModes = Infinity
  const better = (volume: PersistentVolume, modes: number) => {
    if (!best) return true
    // For a node, size alone counts.
    if (search.node === undefined && modes !== bestModes) return modes < bestModes
    const [size, smallest] = [storageOf(volume.spec.capacity), storageOf(best.spec.capacity)]
    return size === smallest ? volume.metadata.name < best.metadata.name : size < smallest
  }
  let reserved: PersistentVolume | undefined
  for (const volume of volumes) {
    if (search.excluded?.has(volume.metadata.name)) continue
    const own = isBoundTo(volume, claim)
    if (volume.spec.claimRef && !own) continue
    if (!isLargeEnough(volume, claim) || !sameVolumeMode(volume, claim) || !sameAttributes(volume, claim) || volume.metadata.deletionTimestamp !== undefined) continue
    if (own) {
      if (search.node === undefined && !offersModes(volume, claim)) continue
      if (!reserved || volume.metadata.name < reserved.metadata.name) reserved = volume
      continue
    }
    if (search.node === undefined && search.delayed) continue
    if (volume.status.phase !== 'Available' || !matches(volume.metadata.labels) || volumeClass(volume) !== wanted || !offersModes(volume, claim)) continue
    if (search.node && !isReachable(volume, search.node)) continue
    const modes = accessModesText(volume.spec.accessModes).split(',').length
    if (!better(volume, modes)) continue
    best = volume
    bestModes = modes
  }
  if (!reserved) return best
  return search.node === undefined || isReachable(reserved, search.node) ? reserved : undefined
}
