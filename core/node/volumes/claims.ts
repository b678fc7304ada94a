/**
 * Volumes that a Pod has by claim: which PersistentVolume it is, or, in clear words, why the Pod still waits for it.
 * Upstream: pkg/kubelet/volumemanager/populator, getPVCExtractPV.
 */
import type { KubeObject } from '../../api/meta.ts'
import { isReachable } from '../../api/storage/node-affinity.ts'
import { notForPod, podClaims } from '../../api/storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { VolumeError } from './content.ts'

export const isClaimed = (volume: Volume): boolean => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined

export interface ClaimedVolume {
  readonly volume: PersistentVolume
  readonly claim: PersistentVolumeClaim
  readonly readOnly: boolean
}

export function claimedVolume(pod: Pod, { name }: Volume, node: string, snapshot: Snapshot): ClaimedVolume {
  const { namespace = '' } = pod.metadata
  // The agent's Pod is the API's, seen through fewer fields.
  const used = podClaims(pod).find((one) => one.volume === name)!
  const wait = (why: string) => new VolumeError(name, `MountVolume.SetUp failed for volume "${name}" : error processing PVC ${namespace}/${used.claim}: ${why}`)
  const claim = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', namespace, used.claim)
  if (!claim) throw wait(`failed to fetch PVC from API server: persistentvolumeclaims "${used.claim}" not found`)
  const foreign = used.isEphemeral ? notForPod(pod, claim) : undefined
  if (foreign !== undefined) throw wait(foreign)
  if (claim.metadata.deletionTimestamp !== undefined) throw wait('PVC is being deleted')
  if (claim.status.phase !== 'Bound' || !claim.spec.volumeName) throw wait('PVC is not bound')
  const volume = snapshot.get<PersistentVolume>('PersistentVolume', undefined, claim.spec.volumeName)
  if (!volume) throw wait(`failed to fetch PV ${claim.spec.volumeName} from API server: persistentvolumes "${claim.spec.volumeName}" not found`)
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) throw wait(`PV ${volume.metadata.name} is bound to another claim`)
  if (volume.spec.volumeMode === 'Block') throw wait('block devices are not offered by this node')
  const machine = snapshot.get<KubeObject>('Node', undefined, node)
  if (machine && !isReachable(volume, { name: node, labels: machine.metadata.labels ?? {} })) throw wait(`volume ${volume.metadata.name} cannot be reached from node ${node}: no matching NodeSelectorTerms`)
  return { volume, claim, readOnly: used.readOnly || volume.spec.csi?.readOnly === true }
}
