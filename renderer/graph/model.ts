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
import { leftWords, rolloutOf, worse } from '../../core/api/state/workload-state.ts'
import type { Service } from '../../core/api/types/core.ts'
import type { Ingress } from '../../core/api/types/networking.ts'
import { scheduleInWords, scheduleOf } from '../words/schedule.ts'
import type { EmblemState } from '../ui/emblem-shapes.ts'
import type { App } from './apps.ts'
import { emblemOf } from './emblem.ts'
import { keeperViews, type Keeper, type KeeperView } from './keepers.ts'
import { needsOf, type Need } from './needs.ts'
import { setsOf, type PullWords, type SetView } from './sets.ts'
import { looseView, ownClaims, sharedClaims, summedClaims, type ClaimView } from './storage.ts'
import { deadWays, ingressWays, type WayIn } from './ways.ts'
import { isComplete, templateOf, type Workload } from './workloads.ts'

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
  /** Config and storage below it; `perPod`: a sum of what stands below its Pods, where these are shown. */
  needs: readonly (Need & { id: string; ref?: Ref; missing: boolean; state?: StateWords; perPod?: true })[]
  /** Claims of single Pods, by the Pod's uid. */
  podClaims: ReadonlyMap<string, readonly ClaimView[]>
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
  /** Claims that nothing uses, and ways in that lead nowhere. */
  loose: { claims: readonly ClaimView[]; ways: readonly WayIn[] }
  /** Words or a countdown depend on the clock. */
  ticking: boolean
  /** All Pods' marks, newest revision outside. */
  emblem: EmblemState
  pods: number
}

/** What an app as a whole stands for where one object is needed. */
export const firstOf = (app: AppModel): Ref | undefined => app.workloads[0]?.ref ?? app.services[0]?.ref ?? app.loose.ways[0]?.ref ?? app.loose.claims[0]?.ref

export interface OpenWay {
  ref: Ref
  port: number
  url: string
}

export function modelOf(app: App, view: StateView, now: number, opened: readonly OpenWay[], pulls: PullWords = noPulls): AppModel {
  const workloads = workloadViews(app, view, now, pulls)
  const services = app.services.map((service) => serviceView(service, app.ingresses, view, opened))
  const loose = { claims: app.claims.map((claim) => looseView(claim, view, now)), ways: deadWays(app.ingresses, view) }
  const state = withTrouble(appState([...app.workloads, ...app.services, ...app.ingresses, ...app.claims], view, now), workloads, services, loose)
  const rollout = app.workloads.flatMap((workload) => (workload.kind === 'Deployment' ? (rolloutOf(workload, view, now) ?? []) : []))[0]
  const serves = app.workloads.some(({ kind }) => kind !== 'Job' && kind !== 'CronJob')
  const [first] = workloads
  return {
    key: app.key, name: app.name, namespace: app.namespace, state, ready: state.ready, wanted: state.wanted,
    counts: !first ? (state.mark === 'ready' ? '' : state.say) : !serves ? (workloads.length === 1 ? first.counts : `${workloads.length} run to their end`) : state.wanted === 0 ? 'scaled to 0' : `${state.ready} of ${state.wanted} ready`,
    left: state.mark === 'moving' ? leftWords(rollout) : undefined,
    progress: rollout && rollout.wanted > 0 ? rollout.replaced / rollout.wanted : serves || workloads.length > 1 ? undefined : first?.emblem.progress,
    workloads: first?.ref.kind === 'CronJob' && workloads.length === 1 ? [{ ...first, counts: rhythmOf(app.workloads) ?? first.counts }] : workloads, services, loose,
    ticking: workloads.some((workload) => workload.ref.kind === 'CronJob' || isMoving(workload.state) || workload.sets.some((set) => set.pods.some((pod) => isMoving(pod.state)))),
    emblem: appEmblem(workloads, state.mark),
    pods: workloads.reduce((sum, workload) => sum + workload.sets.reduce((n, set) => n + set.pods.length, 0), 0),
  }
}

/** What keeps no Pod from running is trouble all the same: a lost volume, a way in that nobody answers. */
function withTrouble<S extends StateWords>(state: S, workloads: readonly WorkloadView[], services: readonly ServiceView[], loose: AppModel['loose']): S {
  const claims = [...workloads.flatMap(({ needs, podClaims }) => [...needs.flatMap(({ name, state: words }) => (words ? [{ name, state: words }] : [])), ...[...podClaims.values()].flat()]), ...loose.claims]
  const ways = [...services.flatMap((service) => service.ways), ...loose.ways].flatMap(({ title, state: words }) => (words ? [{ name: title, state: words }] : []))
  let worst: S = state
  for (const { name, state: { mark, say, why } } of [...claims, ...ways]) {
    if ((mark === 'failing' || mark === 'degraded') && worse(worst.mark, mark) > 0) worst = { ...state, mark, say: `${name} ${say}`, ...(why === undefined ? {} : { why }) }
  }
  return worst
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
  id, ref: refOf(newest), name: `${n} earlier Jobs`, state: { mark: 'finished', say: 'complete' }, ready: 0, wanted: 0, counts: 'all complete', version: '', sets: [], keepers: [], needs: [], podClaims: new Map(),
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
  const podClaims = ownClaims(workload, sets.flatMap((set) => set.pods), view, now)
  return {
    id: workload.metadata.uid, ref: refOf(workload), name: workload.metadata.name, state, ready, wanted, sets,
    counts: countsOf(workload, state, ready, wanted),
    version: imageVersion(spec?.containers?.[0]?.image ?? ''),
    emblem: emblemOf(workload, state, sets, wanted, view, now),
    keepers: keeperViews(keepers, workload, view, now),
    podClaims,
    needs: [...needsOf(spec).map((need) => {
      const ref = need.kind === 'volume' ? undefined : { kind: need.kind, ...(namespace === undefined ? {} : { namespace }), name: need.name }
      const found = ref && view.get(need.kind, namespace, need.name)
      return { ...need, id: `${workload.metadata.uid}/${need.kind}/${need.name}`, ...(ref ? { ref } : {}), missing: ref !== undefined && !found }
    }), ...sharedClaims(workload, view, now).map(claimNeed), ...summedClaims(workload.metadata.uid, podClaims).map((claim) => ({ ...claimNeed(claim), perPod: true as const }))],
  }
}

const claimNeed = (claim: ClaimView) => ({ ...claim, kind: 'PersistentVolumeClaim' as const, how: 'mounts' as const, missing: claim.state.mark === 'failing' })

/** The app's head says when a lone CronJob runs next; below its emblem stands how often. */
function rhythmOf([workload]: readonly Workload[]): string | undefined {
  const schedule = workload?.kind === 'CronJob' ? scheduleOf(workload) : undefined
  return schedule && scheduleInWords(schedule)
}

function countsOf(workload: Workload, state: StateWords, ready: number, wanted: number): string {
  if (workload.kind === 'CronJob') return state.say
  if (workload.kind !== 'Job') return `${ready} of ${wanted} ready`
  if (state.mark === 'waiting') return state.say
  const done = workload.status?.succeeded ?? 0
  return workload.spec.completions === undefined ? `${done} done` : `${done} of ${wanted} done`
}

function serviceView(service: Service, ingresses: readonly Ingress[], view: StateView, opened: readonly OpenWay[]): ServiceView {
  const { spec, metadata } = service
  const ports = spec?.ports ?? []
  const ways: WayIn[] = opened
    .filter((one) => one.ref.kind === 'Service' && one.ref.name === metadata.name && one.ref.namespace === metadata.namespace)
    .map((one) => ({ id: `${metadata.uid}/open/${one.port}`, title: 'localhost', detail: `port ${new URL(one.url).port || '80'}`, url: one.url }))
  if (spec?.type === 'NodePort' || spec?.type === 'LoadBalancer') {
    for (const port of ports) if (port.nodePort) ways.push({ id: `${metadata.uid}/node/${port.nodePort}`, title: 'every machine', detail: `port ${port.nodePort}` })
  }
  for (const address of spec?.externalIPs ?? []) ways.push({ id: `${metadata.uid}/ip/${address}`, title: address, detail: `port ${ports[0]?.port ?? ''}` })
  ways.push(...ingressWays(ingresses, service, view))
  const own = spec?.clusterIP === 'None' ? 'no address of its own' : ports[0] ? `port ${ports.map((port) => port.port).join(', ')}` : (spec?.clusterIP ?? '')
  return {
    id: metadata.uid, ref: refOf(service), name: metadata.name, state: serviceState(service, view), endpoints: endpointsOf(service, view), ways,
    address: !ways[0] ? own : ways[0].ref ? ways[0].title : `${ways[0].title.replace('every', 'any')}:${ways[0].detail.replace('port ', '')}`,
  }
}
