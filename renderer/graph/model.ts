/**
 * What one app shows, in words and marks, before any geometry: workloads with their revisions and Pods, Services with
 * their endpoints, config and storage, ways in. Pure, and made anew only when a part or a countdown changed (see memo.ts).
 */
import { refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import { podSuffix, podVersion } from '../../core/api/state/pod-state.ts'
import { imageVersion, shortImage } from '../../core/api/state/sentences.ts'
import { endpointsOf, serviceState, type EndpointMark } from '../../core/api/state/service-state.ts'
import { appState, stateOf } from '../../core/api/state/state-of.ts'
import type { StateView } from '../../core/api/state/view.ts'
import type { Mark, StateWords } from '../../core/api/state/words.ts'
import { leftWords, podStateIn, replicaSetsOf, revisionOf, rolloutOf } from '../../core/api/state/workload-state.ts'
import type { Deployment, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Pod, Service } from '../../core/api/types/core.ts'
import type { EmblemState } from '../ui/emblem-shapes.ts'
import { templateOf, type App, type Workload } from './apps.ts'
import { needsOf, type Need } from './needs.ts'

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
  count: number
  newest: boolean
  state: StateWords
  pods: readonly PodView[]
}
export interface WorkloadView {
  id: string
  ref: Ref
  name: string
  state: StateWords
  emblem: EmblemState
  ready: number
  wanted: number
  version: string
  sets: readonly SetView[]
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

/** Image pulls under way, by Pod: what its words say meanwhile. */
export type PullWords = ReadonlyMap<string, string>

export interface OpenWay {
  ref: Ref
  port: number
  url: string
}

export function modelOf(app: App, view: StateView, now: number, opened: readonly OpenWay[], pulls: PullWords = noPulls): AppModel {
  const workloads = app.workloads.map((workload) => workloadView(workload, view, now, pulls))
  const services = app.services.map((service) => serviceView(service, view, opened))
  const state = appState([...app.workloads, ...app.services], view, now)
  const rollout = app.workloads.flatMap((workload) => (workload.kind === 'Deployment' ? (rolloutOf(workload as Deployment, view, now) ?? []) : []))[0]
  return {
    key: app.key, name: app.name, namespace: app.namespace, state, ready: state.ready, wanted: state.wanted,
    left: state.mark === 'moving' ? leftWords(rollout) : undefined,
    progress: rollout && rollout.wanted > 0 ? rollout.replaced / rollout.wanted : undefined,
    workloads, services,
    ticking: workloads.some((workload) => workload.state.mark !== 'ready' && workload.state.mark !== 'finished' || workload.sets.some((set) => set.pods.some((pod) => pod.state.mark !== 'ready' && pod.state.mark !== 'finished'))),
    emblem: appEmblem(workloads, state.mark),
    pods: workloads.reduce((sum, workload) => sum + workload.sets.reduce((n, set) => n + set.pods.length, 0), 0),
  }
}

function appEmblem(workloads: readonly WorkloadView[], mark: Mark): EmblemState {
  const only = workloads.length === 1 ? workloads[0] : undefined
  if (only) return only.emblem
  const failing = workloads.find((workload) => workload.emblem.countdown !== undefined)
  return {
    core: 'disc', mark,
    outer: workloads.flatMap((workload) => workload.emblem.outer), inner: workloads.flatMap((workload) => workload.emblem.inner),
    ...(failing && workloads.length === 1 ? { countdown: failing.emblem.countdown! } : {}),
  }
}

const noPulls: PullWords = new Map()

function podView(pod: Pod, newest: boolean, view: StateView, now: number, pulls: PullWords): PodView {
  const pulling = pulls.size === 0 ? undefined : pulls.get(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`)
  const known = podStateIn(pod, view, now)
  const state: StateWords = pulling !== undefined && known.mark === 'moving' ? { mark: 'moving', say: pulling } : known
  return { id: pod.metadata.uid, ref: refOf(pod), name: podSuffix(pod), state, machine: pod.spec?.nodeName, version: podVersion(pod), newest }
}

const byAge = (a: KubeObject, b: KubeObject): number =>
  a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : a.metadata.creationTimestamp > b.metadata.creationTimestamp ? 1 : a.metadata.name < b.metadata.name ? -1 : 1

function setView(set: ReplicaSet, newest: boolean, view: StateView, now: number, pulls: PullWords): SetView {
  const pods = [...view.ownedBy<Pod>(set.metadata.uid, 'Pod')].sort(byAge).map((pod) => podView(pod, newest, view, now, pulls))
  return {
    id: set.metadata.uid, ref: refOf(set), revision: revisionOf(set), image: shortImage(set.spec.template.spec?.containers?.[0]?.image ?? ''),
    count: set.spec.replicas ?? 1, newest, state: stateOf(set, view, now), pods,
  }
}

function workloadView(workload: Workload, view: StateView, now: number, pulls: PullWords): WorkloadView {
  const state = stateOf(workload, view, now)
  const { spec } = templateOf(workload)
  let sets: SetView[]
  let wanted = 1
  if (workload.kind === 'Deployment') {
    sets = replicaSetsOf(workload, view)
      .map((set, i) => setView(set, i === 0, view, now, pulls))
      .filter((set) => set.newest || set.count > 0 || set.pods.length > 0)
    wanted = (workload as Deployment).spec.replicas ?? 1
  } else if (workload.kind === 'ReplicaSet') {
    sets = [setView(workload as ReplicaSet, true, view, now, pulls)]
    wanted = (workload as ReplicaSet).spec.replicas ?? 1
  } else sets = [{ id: workload.metadata.uid, ref: refOf(workload), revision: 0, image: '', count: 1, newest: true, state, pods: [podView(workload as Pod, true, view, now, pulls)] }]

  const namespace = workload.metadata.namespace
  const newest = sets.filter((set) => set.newest).flatMap((set) => set.pods)
  const older = sets.filter((set) => !set.newest).flatMap((set) => set.pods)
  const ready = [...newest, ...older].filter((pod) => pod.state.mark === 'ready').length
  const outer: Mark[] = newest.map((pod) => pod.state.mark)
  while (outer.length < Math.min(wanted, 500)) outer.push('planned')
  const rollout = workload.kind === 'Deployment' ? rolloutOf(workload as Deployment, view, now) : undefined
  const countdown = countdownOf(sets, view, now)
  return {
    id: workload.metadata.uid, ref: refOf(workload), name: workload.metadata.name, state, ready, wanted, sets,
    version: imageVersion(spec?.containers?.[0]?.image ?? ''),
    emblem: {
      core: 'disc', mark: state.mark, outer, inner: older.map((pod) => pod.state.mark),
      ...(rollout && rollout.wanted > 0 ? { progress: rollout.replaced / rollout.wanted } : {}),
      ...(countdown === undefined ? {} : { countdown }),
    },
    needs: needsOf(spec).map((need) => {
      const ref = need.kind === 'volume' ? undefined : { kind: need.kind, ...(namespace === undefined ? {} : { namespace }), name: need.name }
      const found = ref && view.get(need.kind, namespace, need.name)
      return { ...need, id: `${workload.metadata.uid}/${need.kind}/${need.name}`, ...(ref ? { ref } : {}), missing: ref !== undefined && !found }
    }),
  }
}

/** Share of the pause before the next try that is left, where the only Pod waits in its crash loop. */
function countdownOf(sets: readonly SetView[], view: StateView, now: number): number | undefined {
  const pods = sets.flatMap((set) => set.pods)
  if (pods.length !== 1) return undefined
  const pod = view.get<Pod>('Pod', pods[0]!.ref.namespace, pods[0]!.ref.name)
  for (const container of pod?.status?.containerStatuses ?? []) {
    const waiting = container.state?.waiting
    const match = /back-off (?:(\d+)m)?(?:([\d.]+)s)? restarting/.exec(waiting?.message ?? '')
    const finished = container.lastState?.terminated?.finishedAt
    if (waiting?.reason !== 'CrashLoopBackOff' || !match || !finished) continue
    const pause = (Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0)) * 1000
    if (pause > 0) return Math.min(1, Math.max(0, (Date.parse(finished) + pause - now) / pause))
  }
  return undefined
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
