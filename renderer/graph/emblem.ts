/** The emblem's state of each workload: Pods on their orbits, completions of a Job, the last runs of a CronJob and its hand. Pure. */
import { nextTime } from '../../core/api/cron/next.ts'
import { parseSchedule } from '../../core/api/cron/schedule.ts'
import { knownZone, Zone } from '../../core/api/cron/zone.ts'
import { goDuration } from '../../core/api/state/sentences.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { Mark, StateWords } from '../../core/api/state/words.ts'
import { rolloutOf } from '../../core/api/state/workload-state.ts'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { EmblemState } from '../ui/emblem-shapes.ts'
import { indexesIn } from '../words/indexes.ts'
import { byAge, ordinalOf, type SetView } from './sets.ts'
import { coreOf, isComplete, isFailed, type Workload } from './workloads.ts'

/** Orbits are drawn to this many places; a Job of a million completions is still one ring. */
const mostPlaces = 500
const runsShown = 10

export function emblemOf(workload: Workload, state: StateWords, sets: readonly SetView[], wanted: number, view: StateView, now: number): EmblemState {
  const base = { core: coreOf(workload.kind), mark: state.mark }
  if (workload.kind === 'CronJob') {
    const due = dueShare(workload, now)
    return { ...base, outer: runMarks(workload, view), inner: [], ...(due === undefined ? {} : { hand: due }) }
  }
  if (workload.kind === 'Job') {
    const outer = completionMarks(workload, sets, wanted)
    const done = workload.status?.succeeded ?? 0
    return { ...base, outer, inner: [], ...(state.mark === 'moving' && wanted > 1 ? { progress: done / wanted } : {}) }
  }
  const newest = sets.flatMap((set) => set.pods.filter((pod) => pod.newest))
  const older = sets.flatMap((set) => set.pods.filter((pod) => !pod.newest))
  const outer: Mark[] = workload.kind === 'StatefulSet' ? byOrdinal(sets, workload.spec.ordinals?.start ?? 0, wanted) : newest.map((pod) => pod.state.mark)
  while (outer.length < Math.min(wanted, mostPlaces)) outer.push('planned')
  const rollout = workload.kind === 'Deployment' ? rolloutOf(workload, view, now) : undefined
  const countdown = countdownOf(sets, view, now)
  return {
    ...base, outer, inner: older.map((pod) => pod.state.mark),
    ...(rollout && rollout.wanted > 0 ? { progress: rollout.replaced / rollout.wanted } : {}),
    ...(countdown === undefined ? {} : { countdown }),
  }
}

/** Place i is ordinal i, whoever is missing; an old one leaves its place free for its successor. */
function byOrdinal(sets: readonly SetView[], start: number, wanted: number): Mark[] {
  const pods = sets.flatMap((set) => set.pods)
  const places: Mark[] = Array.from({ length: Math.min(wanted, mostPlaces) }, () => 'planned')
  for (const pod of pods) {
    if (!pod.newest) continue
    const place = ordinalOf(pod.ref.name) - start
    if (place >= 0 && place < places.length) places[place] = pod.state.mark
    else places.push(pod.state.mark)
  }
  return places
}

/** A place for each completion: done, failed for good, running, to come. */
function completionMarks(job: Job, sets: readonly SetView[], wanted: number): Mark[] {
  // What runs to its end is under way, not ready; a try that failed speaks through the Job.
  const running = sets.flatMap((set) => set.pods).filter(({ state }) => state.mark !== 'finished' && state.mark !== 'leaving').map((pod) => (pod.state.mark === 'ready' ? { ...pod, state: { ...pod.state, mark: 'moving' as const } } : pod))
  const places = Math.min(Math.max(wanted, 1), mostPlaces)
  if (job.spec.completionMode === 'Indexed' && wanted <= mostPlaces) {
    const done = indexesIn(job.status?.completedIndexes)
    const failed = indexesIn(job.status?.failedIndexes)
    const now = new Map(running.map((pod) => [pod.name, pod.state.mark]))
    return Array.from({ length: places }, (_, i) => (failed.has(i) ? 'failing' : done.has(i) ? 'finished' : (now.get(`index ${i}`) ?? 'planned')))
  }
  const done = Math.round((Math.min(job.status?.succeeded ?? 0, wanted) / Math.max(1, wanted)) * places)
  const marks: Mark[] = Array.from({ length: done }, () => 'finished')
  for (const pod of running) if (marks.length < places || pod.state.mark === 'failing') marks.push(pod.state.mark)
  while (marks.length < places) marks.push('planned')
  return marks
}

/** The last runs, oldest first; a run to come keeps a place. */
function runMarks(cron: CronJob, view: StateView): Mark[] {
  const jobs = [...view.ownedBy<Job>(cron.metadata.uid, 'Job')].sort(byAge)
  const marks = jobs.slice(-runsShown).map((job): Mark => (isFailed(job) ? 'failing' : isComplete(job) ? 'finished' : job.spec.suspend ? 'waiting' : 'moving'))
  return marks.length === 0 ? ['planned'] : marks
}

/** How much of the time from the last run to the next has passed. */
function dueShare({ metadata, spec, status }: CronJob, now: number): number | undefined {
  if (spec.suspend === true) return undefined
  const zone = spec.timeZone === undefined ? new Zone('UTC') : knownZone(spec.timeZone)
  const schedule = zone && parseSchedule(spec.schedule, zone)
  if (!schedule || typeof schedule === 'string') return undefined
  const last = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp)
  const next = nextTime(schedule, last)
  if (next === undefined || next <= last) return undefined
  return Math.min(1, Math.max(0, (now - last) / (next - last)))
}

/** Share of the pause before the next try that is left, where the only Pod waits in its crash loop. */
function countdownOf(sets: readonly SetView[], view: StateView, now: number): number | undefined {
  const pods = sets.flatMap((set) => set.pods)
  if (pods.length !== 1) return undefined
  const pod = view.get<Pod>('Pod', pods[0]!.ref.namespace, pods[0]!.ref.name)
  for (const container of pod?.status?.containerStatuses ?? []) {
    const waiting = container.state?.waiting
    const match = /back-off (\S+) restarting/.exec(waiting?.message ?? '')
    const finished = container.lastState?.terminated?.finishedAt
    if (waiting?.reason !== 'CrashLoopBackOff' || !match || !finished) continue
    const pause = goDuration(match[1] ?? '') ?? 0
    if (pause > 0) return Math.min(1, Math.max(0, (Date.parse(finished) + pause - now) / pause))
  }
  return undefined
}
