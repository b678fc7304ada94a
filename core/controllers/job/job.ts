/**
 * Runs Pods until enough of them have succeeded. Mirrors pkg/controller/job/job_controller.go; the runner's revision
 * barrier stands in for its expectations.
 */
import { jobControllerName } from '../../api/kinds/job/labels.ts'
import { refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import type { Job } from '../../api/types/batch.ts'
import type { Pod } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { isActive, isLeaving, podCondition } from '../../api/pod-lifecycle.ts'
import { ownersOf } from '../../loop/owners.ts'
import { refusedPod } from '../planning/refused-pod.ts'
import { ownersAndSuitors } from '../planning/wake-ups.ts'
import { isFinishedJob, managedBy, type Verdict } from './conditions.ts'
import { indexOf, isSuspended, isTracked } from './job-pod.ts'
import { manage, type Management } from './manage.ts'
import { newPod } from './new-pod.ts'
import { planForPod, reasonToForget, releaseStep } from './orphan.ts'
import { look, type Picture } from './picture.ts'
import { nextStatus } from './status.ts'
import { tally } from './tally.ts'
import { completion, deadlineOf, judge } from './verdict.ts'
import { counted, started, stopped, summary } from './words.ts'

export const job = defineController<KubeObject>({
  name: 'job-controller',
  // Pods only to let go of those that no Job counts any longer; `wakes` says which.
  reconciles: ['Job', 'Pod'],
  concerns: ({ object }) => object.kind === 'Job',
  wakesOn: ['Job', 'Pod'],
  // Pods of a Job tend to start and end together.
  gapMs: 100,

  wakes(event, snapshot) {
    if (event.object.kind === 'Pod') return wokenByPod(event, snapshot)
    const isGone = event.type === 'DELETED'
    if (!isGone && !isFinishedJob(event.object as Job)) return []
    return snapshot.ownedBy<Pod>(event.object.metadata.uid, 'Pod').filter(isTracked).map(refOf)
  },

  plan({ object, ref, snapshot, now }) {
    if (ref.kind === 'Pod') return planForPod(object as Pod | undefined, snapshot)
    const it = object as Job | undefined
    if (!it) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Job is gone' })
    const manager = managedBy(it, jobControllerName)
    if (manager !== undefined) return nothing({ code: 'ManagedElsewhere', say: `left to ${manager}`, why: 'spec.managedBy names it' })
    if (isFinishedJob(it)) return nothing({ code: 'Finished', say: 'nothing left to do', why: 'the Job has ended' })
    return planJob(look(it, snapshot, now))
  },

  onFailure({ object, ref }, { step, message }) {
    const because = refusedPod(step, message)
    if (!object || ref.kind !== 'Job' || !because) return []
    return [{ do: 'note', ref, because }]
  },
})

/** Counting and letting go come before starting: a refused Pod must not keep what ended from being counted. */
function planJob(picture: Picture): Plan {
  const { job: it, active, claims } = picture
  const early = judge(picture)
  const management = early || it.metadata.deletionTimestamp !== undefined ? undefined : manage(picture)
  const stop = early ? active : (management?.stop ?? [])
  const start = management?.start ?? []
  const verdict = early ?? completion(picture, active.length - stop.length + start.length)
  const tallied = tally(picture, verdict)
  const { patch, news, ended, status } = nextStatus(picture, tallied, verdict)
  const because = summary(picture, management, verdict, ended)

  const steps: Step[] = [...claims]
  if (patch) {
    const { resourceVersion } = it.metadata
    steps.push({ do: 'patch', ref: refOf(it), subresource: 'status', patch: { metadata: { resourceVersion }, status: patch }, because: news ?? { ...because, code: 'StatusUpdated' } })
  }
  if (ended && (status.succeeded ?? 0) > (it.spec.completions ?? Number.POSITIVE_INFINITY)) steps.push({ do: 'note', ref: refOf(it), because: tooMany })
  const letGo = new Set(tallied.release)
  if (letGo.size > 0) {
    const reason = counted(picture, tallied.release.map(({ metadata }) => metadata.name))
    steps.push(...tallied.release.map((pod) => releaseStep(pod, { ...reason, refs: [refOf(pod)] })))
  }
  steps.push(...stops(picture, stop, letGo, management, verdict))
  for (const index of start) {
    steps.push({ do: 'create', object: newPod(it, index, index === undefined ? undefined : picture.kept.get(index)), because: started(picture, index, management?.wanted ?? 0) })
  }
  const due = [management?.notBefore, verdict ? undefined : nextDeadline(it, status.startTime)].filter((at) => at !== undefined)
  return { steps, because, ...(due.length === 0 ? {} : { requeueAt: Math.min(...due) }) }
}

const tooMany: Reason = {
  code: 'TooManySucceededPods',
  say: 'more Pods succeeded than were wanted',
  why: 'the number of completions was reached',
  event: { type: 'Warning', message: 'Too many succeeded pods running after completion count reached' },
}

/** A Pod that the Job itself stops early is no failure: it is let go of first. */
function stops(picture: Picture, stop: readonly Pod[], letGo: ReadonlySet<Pod>, management: Management | undefined, verdict: Verdict | undefined): Step[] {
  const { active, job: it } = picture
  const tooManyActive = active.length > (management?.wanted ?? 0)
  const why = verdict?.message ?? (isSuspended(it) ? 'the Job is suspended' : tooManyActive ? `${active.length} active, ${management?.wanted ?? 0} wanted` : 'its index is none of the Job, or another Pod works on it')
  const reasonFor = (pod: Pod): Reason => ({ ...stopped(picture, pod.metadata.name, why), refs: [refOf(pod)] })
  return [
    ...stop.filter((pod) => isTracked(pod) && !letGo.has(pod)).map((pod) => releaseStep(pod, { code: 'PodReleased', say: `let go of ${pod.metadata.name}`, why, refs: [refOf(pod)] })),
    ...stop.map((pod): Step => ({ do: 'delete', ref: refOf(pod), because: reasonFor(pod) })),
  ]
}

const nextDeadline = (it: Job, startTime: string | undefined): number | undefined =>
  startTime === undefined ? undefined : deadlineOf({ ...it, status: { ...it.status, startTime } })

function wokenByPod(event: WatchEvent, snapshot: Snapshot): readonly Ref[] {
  const pod = event.object as Pod
  const released = event.type !== 'DELETED' && reasonToForget(pod, snapshot) !== undefined ? [refOf(pod)] : []
  if (!matters(event)) return released
  const jobs = isLeaving(pod) ? ownersOf(event, ['Job']) : ownersAndSuitors<Job>(event, 'Job', ({ spec }) => spec.selector, snapshot)
  return [...released, ...jobs]
}

/** Of the many changes of a Pod, those that a Job counts. */
function matters({ type, object, previous }: WatchEvent): boolean {
  if (type !== 'MODIFIED' || !previous) return true
  const [pod, before] = [object as Pod, previous as Pod]
  const restarts = ({ status }: Pod) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(({ restartCount }) => restartCount)
  return (
    pod.status?.phase !== before.status?.phase ||
    isActive(pod) !== isActive(before) ||
    isTracked(pod) !== isTracked(before) ||
    indexOf(pod) !== indexOf(before) ||
    podCondition(pod, 'Ready')?.status !== podCondition(before, 'Ready')?.status ||
    !equal(restarts(pod), restarts(before)) ||
    !equal(pod.metadata.labels, before.metadata.labels) ||
    !equal(pod.metadata.ownerReferences, before.metadata.ownerReferences)
  )
}
