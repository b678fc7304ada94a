/** A claim stays until no Pod on a node uses it. Mirrors pkg/controller/volume/pvcprotection/pvc_protection_controller.go. */
import { claimProtection } from '../../api/kinds/storage/names.ts'
import { refOf } from '../../api/meta.ts'
import { notForPod, podClaims } from '../../api/storage/pod-claims.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason, type Step } from '../../loop/plan.ts'
import { are, enumerate } from '../planning/words.ts'

export const claimProtectionController = defineController<PersistentVolumeClaim>({
  name: 'persistentvolumeclaim-protection-controller',
  reconciles: 'PersistentVolumeClaim',
  wakesOn: ['Pod'],

  concerns: ({ object }) => object.metadata.deletionTimestamp !== undefined || !object.metadata.finalizers?.includes(claimProtection),
  wakes({ object, type }, snapshot) {
    const pod = object as Pod
    if (type !== 'DELETED' && !isShutDown(pod)) return []
    return podClaims(pod).flatMap(({ claim }) => {
      const found = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', pod.metadata.namespace, claim)
      return found?.metadata.deletionTimestamp === undefined ? [] : [refOf(found)]
    })
  },

  plan({ object: claim, snapshot }) {
    if (!claim) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the claim is gone' })
    const { finalizers = [], deletionTimestamp, namespace } = claim.metadata
    const has = finalizers.includes(claimProtection)
    if (deletionTimestamp === undefined) {
      if (has) return nothing({ code: 'Protected', say: 'nothing to do', why: 'it cannot go while a Pod uses it' })
      const because: Reason = { code: 'Protected', say: `protected ${claim.metadata.name}`, why: 'it cannot go while a Pod uses it' }
      return { steps: [setFinalizers(claim, [...finalizers, claimProtection], because)], because }
    }
    if (!has) return nothing({ code: 'Leaving', say: 'nothing to do', why: 'it is being deleted and nothing of ours holds it' })
    const users = snapshot.list<Pod>('Pod', namespace).filter((pod) => uses(pod, claim))
    if (users.length > 0) {
      return nothing({ code: 'InUse', say: `waits until ${enumerate(users.map(({ metadata }) => metadata.name))} ${are(users.length).slice(2)} gone`, why: `${users.length === 1 ? 'a Pod uses' : `${users.length} Pods use`} it`, refs: users.map(refOf) })
    }
    const because: Reason = { code: 'Unprotected', say: `let ${claim.metadata.name} go`, why: 'no Pod on a node uses it' }
    return { steps: [setFinalizers(claim, finalizers.filter((name) => name !== claimProtection), because)], because }
  },
})

/** Pods without a node do not count: none gets a node while its claim is being deleted. Pods that ended still do: theirs may not be unmounted yet. */
const uses = (pod: Pod, claim: PersistentVolumeClaim): boolean =>
  Boolean(pod.spec.nodeName) && podClaims(pod).some((used) => used.claim === claim.metadata.name && (!used.isEphemeral || (!isShutDown(pod) && notForPod(pod, claim) === undefined)))

const isShutDown = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0

const setFinalizers = (claim: PersistentVolumeClaim, finalizers: readonly string[], because: Reason): Step => ({
  do: 'patch',
  ref: refOf(claim),
  patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, finalizers } },
  because,
})
