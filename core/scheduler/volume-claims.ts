/** The claims of a Pod as the volume plugins look at them, or why it cannot be placed at all. Upstream: plugins/volumebinding, PreFilter. */
import type { KubeObject } from '../api/meta.ts'
import { notForPod, podClaims } from '../api/storage/pod-claims.ts'
import type { PersistentVolumeClaim } from '../api/types/core.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { Refusal } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

export const refuse = (reason: string, say: string): Refusal => ({ refused: { reasons: [reason], unresolvable: true }, say })

export function usedClaims(pod: PodInfo, objects: Snapshot): { readonly claims: readonly PersistentVolumeClaim[] } | Refusal {
  const claims: PersistentVolumeClaim[] = []
  for (const { claim: name, isEphemeral } of podClaims(pod.pod)) {
    const claim = objects.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.namespace, name)
    if (!claim) {
      return isEphemeral
        ? refuse(`waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`, `waits for its claim ${name} to be made`)
        : refuse(`persistentvolumeclaim "${name}" not found`, `needs claim ${name}, which does not exist`)
    }
    if (claim.status.phase === 'Lost') return refuse(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`, `needs claim ${name}, which has lost its volume`)
    if (claim.metadata.deletionTimestamp !== undefined) return refuse(`persistentvolumeclaim "${name}" is being deleted`, `needs claim ${name}, which is being deleted`)
    const sentence = isEphemeral ? notForPod(pod.pod, claim) : undefined
    if (sentence !== undefined) return refuse(sentence, `needs claim ${name}, which belongs to another Pod`)
    claims.push(claim)
  }
  return { claims }
}

export const usesClaim = (pod: PodInfo, { metadata }: KubeObject): boolean => metadata.namespace === pod.namespace && podClaims(pod.pod).some(({ claim }) => claim === metadata.name)
