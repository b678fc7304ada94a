/**
 * What one app shows, in words and marks, before any geometry: workloads with their revisions and Pods, Services with
 * their endpoints, config and storage, ways in. Pure, and made anew only when a part or a countdown changed (see memo.ts).
 */
import { refOf, type Ref } from '../../core/api/meta.ts'
import { imageVersion } from '../../core/api/state/sentences.ts'
import { endpointsOf, serviceState, type EndpointMark } from '../../core/api/state/service-state.ts'
import { appState, stateOf } from '../../core/api/state/state-of.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { Mark, StateWords } from '../../core/api/state/words.ts'
import { leftWords, rolloutOf } from '../../core/api/state/workload-state.ts'
import type { Service } from '../../core/api/types/core.ts'
import type { EmblemState } from '../ui/emblem-shapes.ts'
import type { App } from './apps.ts'
import { emblemOf } from './emblem.ts'
import { keeperViews, type Keeper, type KeeperView } from './keepers.ts'
import { needsOf, type Need } from './needs.ts'
import { setsOf, type PullWords, type SetView } from './sets.ts'
import { coreOf, isComplete, templateOf, type Workload } from './workloads.ts'

export interface WorkloadView {
  id: string
  ref: Ref
  name: string
  state: StateWords
  emblem: EmblemState
  ready: number
  wanted: number
  /** Below its name: "3 of 3 ready", "2 of 5 done", "next run in 12 s". */
  counts: string
  version: string
  sets: readonly SetView[]
  keepers: readonly KeeperView[]
  needs: readonly (Need & { id: string; ref?: Ref; missing: boolean })[]
}
export interface ServiceView {
  id: string
  ref: Ref
  name: string
  state: StateWords
  /** Printed below it at L2: where it is reached from outside, else its own address. */
  address: string
  endpoints: ReadonlyMap<string, EndpointMark>
  ways: readonly WayIn[]
}
export interface WayIn {
  id: string
  title: string
  detail: string
  url?: string
}
export interface AppModel {
  key: string
  name: string
  namespace: string
  state: StateWords
  ready: number
  wanted: number
  /** The same in words: "3 of 3 ready"; of an app that runs to its end, how far it is. */
  counts: string
  /** "about 14 s to go" */
  left: string | undefined
  progress: number | undefined
  workloads: readonly WorkloadView[]
  services: readonly ServiceView[]
  /** Words or a countdown depend on the clock. */
  ticking: boolean
  /** All Pods' marks, newest revision outside. */
  emblem: EmblemState
  pods: number
}

export interface OpenWay {
  ref: Ref
  port: number
  url: string
}

export function modelOf(app: App, view: StateView, now: number, opened: readonly OpenWay[], pulls: PullWords = noPulls): AppModel {
  const workloads = workloadViews(app, view, now, pulls)
  const services = app.services.map((service) => serviceView(service, view, opened))
  const state = appState([...app.workloads, ...app.services], view, now)
  const rollout = app.workloads.flatMap((workload) => (workload.kind === 'Deployment' ? (rolloutOf(workload, view, now) ?? []) : []))[0]
  const serves = app.workloads.some(({ kind }) => kind !== 'Job' && kind !== 'CronJob')
  const [first] = workloads
  return {
    key: app.key, name: app.name, namespace: app.namespace, state, ready: state.ready, wanted: state.wanted,
    counts: !first ? '' : !serves ? (workloads.length === 1 ? first.counts : `${workloads.length} run to their end`) : state.wanted === 0 ? 'scaled to 0' : `${state.ready} of ${state.wanted} ready`,
    left: state.mark === 'moving' ? leftWords(rollout) : undefined,
    progress: rollout && rollout.wanted > 0 ? rollout.replaced / rollout.wanted : serves || workloads.length > 1 ? undefined : first?.emblem.progress,
    workloads, services,
    ticking: workloads.some((workload) => workload.ref.kind === 'CronJob' || isMoving(workload.state) || workload.sets.some((set) => set.pods.some((pod) => isMoving(pod.state)))),
    emblem: appEmblem(workloads, state.mark),
    pods: workloads.reduce((sum, workload) => sum + workload.sets.reduce((n, set) => n + set.pods.length, 0), 0),
  }
}

const isMoving = ({ mark }: StateWords): boolean => mark !== 'ready' && mark !== 'finished'

/** Complete Jobs of one app that keep an emblem of their own; older ones share one. */
const completeShown = 2

function workloadViews(app: App, view: StateView, now: number, pulls: PullWords): WorkloadView[] {
  const complete = app.workloads.filter((workload) => workload.kind === 'Job' && isComplete(workload)).sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))
  const folded = new Set(complete.length > completeShown + 1 ? complete.slice(completeShown) : [])
  const views = app.workloads.filter((workload) => !folded.has(workload)).map((workload) => workloadView(workload, app.keepers, view, now, pulls))
  const [newest] = folded
  if (newest) views.push(foldedJobs(`${app.key}/complete`, newest, folded.size))
  return views
}

const foldedJobs = (id: string, newest: Workload, n: number): WorkloadView => ({
  id, ref: refOf(newest), name: `${n} earlier Jobs`, state: { mark: 'finished', say: 'complete' }, ready: 0, wanted: 0, counts: 'all complete', version: '', sets: [], keepers: [], needs: [],
  emblem: { core: 'check', mark: 'finished', outer: Array.from({ length: Math.min(n, 60) }, () => 'finished' as const), inner: [] },
})

function appEmblem(workloads: readonly WorkloadView[], mark: Mark): EmblemState {
  const only = workloads.length === 1 ? workloads[0] : undefined
  if (only) return only.emblem
  const failing = workloads.find((workload) => workload.emblem.countdown !== undefined)
  return {
    core: workloads.every((workload) => workload.emblem.core === workloads[0]?.emblem.core) ? (workloads[0]?.emblem.core ?? 'disc') : 'disc', mark,
    outer: workloads.flatMap((workload) => workload.emblem.outer), inner: workloads.flatMap((workload) => workload.emblem.inner),
    ...(failing && workloads.length === 1 ? { countdown: failing.emblem.countdown! } : {}),
  }
}

const noPulls: PullWords = new Map()

const wantedOf = (workload: Workload): number => {
  switch (workload.kind) {
    case 'Pod': case 'CronJob': return 1
    case 'DaemonSet': return workload.status?.desiredNumberScheduled ?? 0
    case 'Job': return workload.spec.completions ?? workload.spec.parallelism ?? 1
    default: return workload.spec.replicas ?? 1
  }
}

function workloadView(workload: Workload, keepers: readonly Keeper[], view: StateView, now: number, pulls: PullWords): WorkloadView {
  const state = stateOf(workload, view, now)
  const { spec } = templateOf(workload)
  const sets = setsOf(workload, state, { view, now, pulls })
  const wanted = wantedOf(workload)
  const ready = sets.flatMap((set) => set.pods).filter((pod) => pod.state.mark === 'ready').length
  const namespace = workload.metadata.namespace
  return {
    id: workload.metadata.uid, ref: refOf(workload), name: workload.metadata.name, state, ready, wanted, sets,
    counts: countsOf(workload, state, ready, wanted),
    version: imageVersion(spec?.containers?.[0]?.image ?? ''),
    emblem: emblemOf(workload, state, sets, wanted, view, now),
    keepers: keeperViews(keepers, workload, view, now),
    needs: needsOf(spec).map((need) => {
      const ref = need.kind === 'volume' ? undefined : { kind: need.kind, ...(namespace === undefined ? {} : { namespace }), name: need.name }
      const found = ref && view.get(need.kind, namespace, need.name)
      return { ...need, id: `${workload.metadata.uid}/${need.kind}/${need.name}`, ...(ref ? { ref } : {}), missing: ref !== undefined && !found }
    }),
  }
}

function countsOf(workload: Workload, state: StateWords, ready: number, wanted: number): string {
  if (workload.kind === 'CronJob') return state.say
  if (workload.kind !== 'Job') return `${ready} of ${wanted} ready`
  if (state.mark === 'failing' || state.mark === 'waiting') return state.say
  const done = workload.status?.succeeded ?? 0
  return workload.spec.completions === undefined ? `${done} done` : `${done} of ${wanted} done`
}

function serviceView(service: Service, view: StateView, opened: readonly OpenWay[]): ServiceView {
  const { spec, metadata } = service
  const ports = spec?.ports ?? []
  const ways: WayIn[] = opened
    .filter((one) => one.ref.kind === 'Service' && one.ref.name === metadata.name && one.ref.namespace === metadata.namespace)
    .map((one) => ({ id: `${metadata.uid}/open/${one.port}`, title: 'localhost', detail: `port ${new URL(one.url).port || '80'}`, url: one.url }))
  if (spec?.type === 'NodePort' || spec?.type === 'LoadBalancer') {
    for (const port of ports) if (port.nodePort) ways.push({ id: `${metadata.uid}/node/${port.nodePort}`, title: 'every machine', detail: `port ${port.nodePort}` })
  }
  for (const address of spec?.externalIPs ?? []) ways.push({ id: `${metadata.uid}/ip/${address}`, title: address, detail: `port ${ports[0]?.port ?? ''}` })
  const own = spec?.clusterIP === 'None' ? 'no address of its own' : ports[0] ? `port ${ports.map((port) => port.port).join(', ')}` : (spec?.clusterIP ?? '')
  return {
    id: metadata.uid, ref: refOf(service), name: metadata.name, state: serviceState(service, view), endpoints: endpointsOf(service, view), ways,
    address: ways[0] ? `${ways[0].title.replace('every', 'any')}:${ways[0].detail.replace('port ', '')}` : own,
  }
}
