/** The claims that a Pod uses, by its volumes. Upstream: component-helpers/storage/ephemeral. */
import { controllerOf } from '../meta.ts'
import type { PersistentVolumeClaim, Pod, Volume } from '../types/core.ts'

export interface PodClaim {
  /** The volume's name in the Pod. */
  readonly volume: string
  readonly claim: string
  readonly readOnly: boolean
  /** Made from a template in the Pod, for this Pod alone. */
  readonly isEphemeral: boolean
}

type PodLike = { metadata: { name?: string }; spec: { volumes?: readonly Pick<Volume, 'name' | 'persistentVolumeClaim' | 'ephemeral'>[] } }

export function podClaims(pod: PodLike): PodClaim[] {
  const found: PodClaim[] = []
  for (const { name, persistentVolumeClaim, ephemeral } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim) found.push({ volume: name, claim: persistentVolumeClaim.claimName, readOnly: persistentVolumeClaim.readOnly ?? false, isEphemeral: false })
    else if (ephemeral) found.push({ volume: name, claim: ephemeralClaimName(pod, name), readOnly: false, isEphemeral: true })
  }
  return found
}

export const ephemeralClaimName = (pod: { metadata: { name?: string } }, volume: string): string => `${pod.metadata.name ?? ''}-${volume}`

/** A claim of that name which another made is not the Pod's: upstream's sentence says so. */
export const notForPod = (pod: Pod, claim: PersistentVolumeClaim): string | undefined =>
  controllerOf(claim.metadata)?.uid === pod.metadata.uid ? undefined : `PVC ${claim.metadata.namespace}/${claim.metadata.name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`
