/**
 * What stands between a workload and the right edge of its column: revisions of a Deployment, runs of a CronJob, or just
 * its Pods; in the order people think of them (ordinals, machines, indexes). Finished runs add up in one node; what failed
 * keeps its own. Pure.
 */
import { refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import { podSuffix, podVersion } from '../../core/api/state/pod-state.ts'
import { shortImage } from '../../core/api/state/sentences.ts'
import { stateOf } from '../../core/api/state/state-of.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { StateWords } from '../../core/api/state/words.ts'
import { podStateIn, replicaSetsOf, revisionOf } from '../../core/api/state/workload-state.ts'
import type { ReplicaSet, StatefulSet } from '../../core/api/types/apps.ts'
import type { CronJob, Job } from '../../core/api/types/batch.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { isComplete, isFailed, templateOf, type Workload } from './workloads.ts'

export interface PodView {
  id: string
  ref: Ref
  /** What its owner's name does not say already. */
  name: string
  state: StateWords
  machine: string | undefined
  version: string
  /** Of the newest revision. */
  newest: boolean
}
export interface SetView {
  id: string
  ref: Ref
  revision: number
  image: string
  /** "Revision 7", "run of 16:20" */
  title: string
  /** Below the title. */
  detail: string
  count: number
  newest: boolean
  state: StateWords
  pods: readonly PodView[]
}

/** Image pulls under way, by Pod: what its words say meanwhile. */
export type PullWords = ReadonlyMap<string, string>

interface Seeing { view: StateView; now: number; pulls: PullWords }

const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
const hashLabel = 'controller-revision-hash'
/** Failed runs that keep a node of their own. */
const failedShown = 3

export function setsOf(workload: Workload, state: StateWords, seeing: Seeing): SetView[] {
  switch (workload.kind) {
    case 'Deployment':
      return replicaSetsOf(workload, seeing.view)
        .map((set, i) => revisionView(set, i === 0, seeing))
        .filter((set) => set.newest || set.count > 0 || set.pods.length > 0)
    case 'CronJob': return runsOf(workload, seeing)
    case 'Pod': return [plain(workload, state, 1, [podView(workload, true, seeing)])]
    // A Job that is complete has nothing more to say; its Pods are in its panel.
    default: return [plain(workload, state, countOf(workload), workload.kind === 'Job' && isComplete(workload) ? [] : podsOf(workload, seeing))]
  }
}

const countOf = (workload: Exclude<Workload, Pod | CronJob>): number =>
  workload.kind === 'DaemonSet' ? (workload.status?.desiredNumberScheduled ?? 0) : workload.kind === 'Job' ? (workload.spec.parallelism ?? 1) : (workload.spec.replicas ?? 1)

function plain(workload: Workload, state: StateWords, count: number, pods: readonly PodView[]): SetView {
  return {
    id: workload.metadata.uid, ref: refOf(workload), revision: revisionOf(workload), title: revisionOf(workload) > 0 ? `Revision ${revisionOf(workload)}` : workload.metadata.name,
    image: shortImage(templateOf(workload).spec?.containers?.[0]?.image ?? ''), detail: '', count, newest: true, state, pods,
  }
}

export const byAge = (a: KubeObject, b: KubeObject): number =>
  a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : a.metadata.creationTimestamp > b.metadata.creationTimestamp ? 1 : a.metadata.name < b.metadata.name ? -1 : 1

function revisionView(set: ReplicaSet, newest: boolean, seeing: Seeing): SetView {
  const pods = [...seeing.view.ownedBy<Pod>(set.metadata.uid, 'Pod')].sort(byAge).map((pod) => podView(pod, newest, seeing))
  const image = shortImage(set.spec.template.spec?.containers?.[0]?.image ?? '')
  const revision = revisionOf(set)
  return {
    id: set.metadata.uid, ref: refOf(set), revision, image, title: revision > 0 ? `Revision ${revision}` : set.metadata.name, detail: image,
    count: set.spec.replicas ?? 1, newest, state: stateOf(set, seeing.view, seeing.now), pods,
  }
}

/** Ordinals, machines and indexes tell Pods apart better than their ages. */
function podsOf(workload: Workload, seeing: Seeing): PodView[] {
  const pods = [...seeing.view.ownedBy<Pod>(workload.metadata.uid, 'Pod')]
  switch (workload.kind) {
    case 'StatefulSet': {
      const newest = (workload as StatefulSet).status?.updateRevision
      return pods.sort((a, b) => ordinalOf(a.metadata.name) - ordinalOf(b.metadata.name)).map((pod) => {
        const view = podView(pod, newest === undefined || pod.metadata.labels?.[hashLabel] === newest, seeing)
        return { ...view, name: pod.metadata.name.length <= 13 ? pod.metadata.name : `…-${view.name}` }
      })
    }
    case 'DaemonSet': {
      // A Pod of a new revision stands beside the old one only for a moment: the newest Pod's revision is the newest.
      const hash = pods.toSorted(byAge).at(-1)?.metadata.labels?.[hashLabel]
      return pods
        .map((pod) => {
          const view = podView(pod, pod.metadata.labels?.[hashLabel] === hash, seeing)
          return view.machine === undefined ? view : { ...view, name: view.machine, machine: undefined }
        })
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1))
    }
    case 'Job': {
      const indexed = workload.spec.completionMode === 'Indexed'
      return pods
        .sort((a, b) => (indexed ? indexOf(a) - indexOf(b) : 0) || byAge(a, b))
        .map((pod) => (indexed && indexOf(pod) >= 0 ? { ...podView(pod, true, seeing), name: `index ${indexOf(pod)}` } : podView(pod, true, seeing)))
    }
    default: return pods.sort(byAge).map((pod) => podView(pod, true, seeing))
  }
}

export const ordinalOf = (name: string): number => Number(/-(\d+)$/.exec(name)?.[1] ?? -1)
export const indexOf = (pod: KubeObject): number => Number(pod.metadata.annotations?.[indexAnnotation] ?? -1)

/** Runs that go on, the last that ended, the newest failures; the others in a node for each outcome. */
function runsOf(cron: CronJob, seeing: Seeing): SetView[] {
  const jobs = [...seeing.view.ownedBy<Job>(cron.metadata.uid, 'Job')].sort((a, b) => byAge(b, a))
  const complete = jobs.filter(isComplete)
  const failed = jobs.filter(isFailed)
  const shown = new Set<Job>([...jobs.filter((job) => !isComplete(job) && !isFailed(job)), ...complete.slice(0, 1), ...failed.slice(0, failedShown)])
  const runs = jobs.filter((job) => shown.has(job)).map((job): SetView => {
    const state = stateOf(job, seeing.view, seeing.now)
    const pods = podsOf(job, seeing)
    return {
      id: job.metadata.uid, ref: refOf(job), revision: 0, image: shortImage(job.spec.template.spec?.containers?.[0]?.image ?? ''), title: clock(runAt(job)), detail: state.say,
      count: pods.length, newest: state.mark === 'moving' || state.mark === 'failing', state,
      // What ended well has nothing more to say; its Pods are in its panel.
      pods: state.mark === 'finished' ? [] : pods,
    }
  })
  const fold = (rest: readonly Job[], what: 'complete' | 'failed'): SetView[] =>
    rest.length === 0 ? [] : [{
      id: `${cron.metadata.uid}/${what}`, ref: refOf(cron), revision: 0, image: '', title: `${rest.length} earlier`, detail: what === 'failed' ? 'all failed' : 'all complete',
      count: rest.length, newest: false, state: what === 'failed' ? { mark: 'failing', say: `${rest.length} earlier runs failed` } : { mark: 'finished', say: `${rest.length} earlier runs complete` }, pods: [],
    }]
  return [...runs, ...fold(failed.slice(failedShown), 'failed'), ...fold(complete.slice(1), 'complete')]
}

const runAt = (job: Job): number => Date.parse(job.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? job.metadata.creationTimestamp)
const two = (n: number): string => String(n).padStart(2, '0')
const clock = (ms: number): string => {
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}${at.getSeconds() === 0 ? '' : `:${two(at.getSeconds())}`}`
}

function podView(pod: Pod, newest: boolean, { view, now, pulls }: Seeing): PodView {
  const pulling = pulls.size === 0 ? undefined : pulls.get(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`)
  const known = podStateIn(pod, view, now)
  const state: StateWords = pulling !== undefined && known.mark === 'moving' ? { mark: 'moving', say: pulling } : known
  return { id: pod.metadata.uid, ref: refOf(pod), name: podSuffix(pod), state, machine: pod.spec?.nodeName, version: podVersion(pod), newest }
}
