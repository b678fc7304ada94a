/** Makes the claims that Pods carry as templates; each belongs to its Pod and goes with it. Mirrors pkg/controller/volume/ephemeral/controller.go. */
import { refOf, type NewObject } from '../../api/meta.ts'
import { ephemeralClaimName, notForPod } from '../../api/storage/pod-claims.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason, type Step } from '../../loop/plan.ts'
import { controllerReference } from '../planning/ownership.ts'

export const ephemeralVolume = defineController<Pod>({
  name: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  reconciles: 'Pod',
  wakesOn: ['PersistentVolumeClaim'],

  concerns: ({ type, object }) => type !== 'MODIFIED' && templates(object as Pod).length > 0,

  plan({ object: pod, snapshot }) {
    if (!pod) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Pod is gone' })
    if (pod.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Leaving', say: 'nothing to do', why: 'the Pod is being deleted' })
    const { namespace = '' } = pod.metadata
    const steps: Step[] = []
    for (const { name, template } of templates(pod)) {
      const claimName = ephemeralClaimName(pod, name)
      const found = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', namespace, claimName)
      const sentence = found && notForPod(pod, found)
      if (found && sentence !== undefined) {
        const because: Reason = { code: 'FailedBinding', say: `cannot have volume ${name}`, why: sentence, refs: [refOf(found)], event: { type: 'Warning', message: `ephemeral volume ${name}: ${sentence}` } }
        return { steps: [...steps, { do: 'note', ref: refOf(pod), because }], because }
      }
      if (found) continue
      const { labels, annotations } = template.metadata ?? {}
      const object: NewObject = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: claimName, namespace, ownerReferences: [controllerReference(pod)], ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
        spec: template.spec,
      }
      steps.push({ do: 'create', object, because: { code: 'ClaimCreated', say: `made claim ${claimName}`, why: `volume ${name} of the Pod is a template` } })
    }
    if (steps.length === 0) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the Pod has all its claims' })
    return { steps, because: steps[0]!.because }
  },
})

const templates = (pod: Pod) => (pod.spec.volumes ?? []).flatMap(({ name, ephemeral }) => (ephemeral?.volumeClaimTemplate ? [{ name, template: ephemeral.volumeClaimTemplate }] : []))
