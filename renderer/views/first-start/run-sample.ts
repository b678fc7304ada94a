/** Writes a sample's objects; what it does next waits for its Deployment, outside any view. */
import { refOf, type KubeObject } from '../../../core/api/meta.ts'
import type { Cluster } from '../../cluster/cluster.svelte.ts'
import type { Sample } from './samples.ts'

const available = (deployment: KubeObject | undefined): boolean => {
  const wanted = (deployment?.['spec'] as { replicas?: number } | undefined)?.replicas ?? 1
  const status = deployment?.['status'] as { availableReplicas?: number; observedGeneration?: number } | undefined
  return deployment !== undefined && (status?.availableReplicas ?? 0) >= wanted && status?.observedGeneration === deployment.metadata.generation
}

/** Settles when the objects are written. A failure of the first write is the caller's to say; nothing else was written then. */
export async function runSample(cluster: Cluster, sample: Sample): Promise<void> {
  for (const object of sample.objects) {
    const already = cluster.get(refOf(object))
    if (already) continue
    await cluster.call('create', { object, say: object.kind === 'Deployment' ? `deployed ${sample.name}` : `created ${object.kind} ${object.metadata.name ?? ''}` })
  }
  const next = sample.then
  if (!next) return
  const ref = refOf(sample.objects.at(-1)!)
  // A user who changed it meanwhile comes first: a refused patch changes nothing and is left at that.
  const goOn = () => { cluster.call('patch', { ref, patch: next.patch, say: next.say }).catch(() => undefined) }
  // Pretended Pods are ready before the answer to the write is here.
  if (available(cluster.get(ref))) { goOn(); return }
  const stop = cluster.onEvents((events) => {
    const changed = events.findLast((event) => event.object.kind === 'Deployment' && event.object.metadata.name === ref.name && event.object.metadata.namespace === ref.namespace)
    if (!changed) return
    if (changed.type === 'DELETED') { stop(); return }
    if (!available(changed.object)) return
    stop()
    goOn()
  })
}
