/**
 * The policy Recycle, deprecated and still there: a Pod empties the folder, then the volume is free again. Only folders of
 * a machine and NFS can be emptied so. Mirrors recycleVolumeOperation in pv_controller.go, with the Pod of
 * pkg/volume/plugins.go and the life that pkg/volume/util/recyclerclient gives it.
 */
import { refOf, type NewObject } from '../../../api/meta.ts'
import { quantityValue } from '../../../api/quantity.ts'
import { podClaims } from '../../../api/storage/pod-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/types/core.ts'
import { equal } from '../../../base/json.ts'
import { nothing, type Plan, type Reason, type Step } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { reclaimFailed, unbindSteps } from './steps.ts'

const namespace = 'default'
const prefix = 'recycler-for-'
/** As often as upstream looks at every volume. */
const againMs = 15_000
const gi = 2 ** 30
const secondsPerGi = 30

const scrub = {
  containers: [
    {
      name: 'pv-recycler',
      image: 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6',
      command: ['/bin/sh'],
      args: ['-c', 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1'],
      volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
    },
  ],
} satisfies Pod['spec']

const workOf = ({ containers }: Pod['spec']) => containers.map(({ image, command, args }) => [image, command, args])

/** The volume that a Pod of ours empties. */
export const volumeOfRecycler = ({ metadata }: Pod): string | undefined => (metadata.namespace === namespace && metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : undefined)

export function recycle(volume: PersistentVolume, snapshot: Snapshot, now: number): Plan {
  const code = 'VolumeFailedRecycle'
  const users = usersOf(volume, snapshot)
  if (users.length > 0) {
    const message = `Volume is used by pods: ${users.join(',')}`
    const because: Reason = { code, say: 'waits until no Pod uses it, then it is emptied', why: message, event: { type: 'Normal', message } }
    return { steps: [{ do: 'note', ref: refOf(volume), because }], because, requeueAt: now + againMs }
  }
  const wanted = recyclerPod(volume)
  if (!wanted) return reclaimFailed(volume, code, 'No recycler plugin found for the volume!')
  const pod = snapshot.get<Pod>('Pod', namespace, wanted.metadata.name)
  if (!pod) {
    const because: Reason = { code: 'Recycling', say: `started ${wanted.metadata.name}, which empties it`, why: 'its claim is gone and its policy is Recycle' }
    return { steps: [{ do: 'create', object: wanted, because }], because }
  }
  const refs = [refOf(pod)]
  if (pod.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Recycling', say: `waits until ${pod.metadata.name} is gone`, why: 'the next try needs its name', refs }, now + againMs)
  const remove: Step = { do: 'delete', ref: refOf(pod), because: { code: 'Recycling', say: `removed ${pod.metadata.name}`, why: !isOurs(pod, wanted) ? 'somebody else put it under this name' : pod.status.phase === 'Failed' ? 'it failed, and the next try is due' : 'it has done its work' } }
  if (!isOurs(pod, wanted)) return reclaimFailed(volume, code, 'Recycle failed: old recycler pod found, will retry later', [remove])
  if (pod.status.phase === 'Failed') {
    // The Pod that failed holds the name until the next try is due.
    const dueMs = Date.parse(pod.metadata.creationTimestamp) + againMs
    const failed = reclaimFailed(volume, code, `Recycle failed: failed to recycle volume: ${pod.status.message || 'pod failed, pod.Status.Message unknown'}`, dueMs > now ? [] : [remove])
    return dueMs > now ? { ...failed, because: { ...failed.because, say: `could not be emptied, next try in ${Math.ceil((dueMs - now) / 1000)} s` }, requeueAt: dueMs } : failed
  }
  if (pod.status.phase !== 'Succeeded') return nothing({ code: 'Recycling', say: `waits until ${pod.metadata.name} has emptied it`, why: `the Pod is ${pod.status.phase?.toLowerCase() ?? 'new'}`, refs })
  const because: Reason = { code: 'VolumeRecycled', say: 'emptied and free again', why: `${pod.metadata.name} succeeded`, refs, event: { type: 'Normal', message: 'Volume recycled' } }
  // The Pod first: should the rest break off, it is emptied once more, which does no harm.
  return { steps: [remove, { do: 'note', ref: refOf(volume), because }, ...unbindSteps(volume, { code: 'VolumeRecycled', say: because.say, why: because.why })], because }
}

/** What empties a volume goes with it. */
export function volumeGone(name: string, snapshot: Snapshot): Plan {
  const pod = snapshot.get<Pod>('Pod', namespace, `${prefix}${name}`)
  if (!pod || pod.metadata.deletionTimestamp !== undefined || !equal(workOf(pod.spec), workOf(scrub))) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the volume is gone' })
  const because: Reason = { code: 'Recycling', say: `removed ${pod.metadata.name}`, why: 'the volume that it empties is gone', refs: [refOf(pod)] }
  return { steps: [{ do: 'delete', ref: refOf(pod), because }], because }
}

/** Pods of the claim that is gone, unless another claim has its name and so its Pods. */
function usersOf({ spec: { claimRef } }: PersistentVolume, snapshot: Snapshot): string[] {
  if (!claimRef?.name || snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', claimRef.namespace, claimRef.name)) return []
  return snapshot
    .list<Pod>('Pod', claimRef.namespace)
    .filter((pod) => pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed' && podClaims(pod).some(({ claim }) => claim === claimRef.name))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .sort()
}

function recyclerPod({ metadata, spec }: PersistentVolume): (NewObject & { metadata: { name: string }; spec: Pod['spec'] }) | undefined {
  const { hostPath, nfs, capacity } = spec
  if (!hostPath && !nfs) return undefined
  const perSize = Math.floor(quantityValue(capacity?.['storage'] ?? '0') / gi) * secondsPerGi
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${prefix}${metadata.name}`, namespace },
    spec: {
      activeDeadlineSeconds: Math.max(perSize, hostPath ? 60 : 300),
      restartPolicy: 'Never',
      volumes: [{ name: 'vol', ...(hostPath ? { hostPath: { path: hostPath.path } } : { nfs: { server: nfs!.server, path: nfs!.path } }) }],
      ...scrub,
    },
  }
}

/** What somebody else put under the name says nothing about the folder. */
function isOurs({ spec }: Pod, wanted: { spec: Pod['spec'] }): boolean {
  const essence = ({ containers, volumes = [] }: Pod['spec']) => [workOf({ containers }), volumes[0]?.hostPath?.path, volumes[0]?.nfs?.server, volumes[0]?.nfs?.path]
  return equal(essence(spec), essence(wanted.spec))
}
