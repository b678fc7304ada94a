/** Lets go of a Pod that no Job will count any longer (pkg/controller/job/job_controller.go, syncOrphanPod). */
import { jobControllerName, trackingFinalizer } from '../../api/kinds/job/labels.ts'
import { controllerOf, refOf } from '../../api/meta.ts'
import type { Job } from '../../api/types/batch.ts'
import type { Pod } from '../../api/types/core.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { isFinishedJob, managedBy } from './conditions.ts'
import { isTracked } from './job-pod.ts'

/** The patch is on the condition that nobody changed the Pod since. */
export function releaseStep(pod: Pod, because: Reason): Step {
  const { finalizers = [], resourceVersion } = pod.metadata
  const others = finalizers.filter((finalizer) => finalizer !== trackingFinalizer)
  return { do: 'patch', ref: refOf(pod), patch: { metadata: { resourceVersion, finalizers: others.length === 0 ? null : others } }, because }
}

/** Why nobody will count the Pod; undefined where somebody will. */
export function reasonToForget(pod: Pod, snapshot: Snapshot): string | undefined {
  if (!isTracked(pod)) return undefined
  const owner = controllerOf(pod.metadata)
  if (!owner) return 'no Job controls it any longer'
  if (owner.kind !== 'Job' || owner.apiVersion !== 'batch/v1') return undefined
  const job = snapshot.byUid<Job>(owner.uid)
  if (!job) return `Job ${owner.name} is gone`
  return managedBy(job, jobControllerName) === undefined && isFinishedJob(job) ? `Job ${owner.name} has ended` : undefined
}

export function planForPod(pod: Pod | undefined, snapshot: Snapshot): Plan {
  if (!pod) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Pod is gone' })
  const why = reasonToForget(pod, snapshot)
  if (why === undefined) return nothing({ code: 'Counted', say: 'nothing to do', why: 'the Pod is counted, or its Job will count it' })
  const because: Reason = { code: 'PodReleased', say: `let go of ${pod.metadata.name}`, why }
  return { steps: [releaseStep(pod, because)], because }
}
