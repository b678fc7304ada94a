/**
 * State of a Deployment or ReplicaSet in words (upstream's counts: pkg/controller/deployment/sync.go and
 * staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go). Trouble of one Pod speaks for all of them.
 */
import type { KubeObject } from '../meta.ts'
import type { Deployment, ReplicaSet } from '../types/apps.ts'
import type { Node, Pod } from '../types/core.ts'
import { podIsReady, podState, podVersion } from './pod-state.ts'
import { plainRefusal } from './quota-words.ts'
import { count, duration } from './sentences.ts'
import { unscheduledWords } from './unscheduled.ts'
import type { StateWords } from './words.ts'
import type { StateView } from './view.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'

export const revisionOf = (object: KubeObject): number => Number(object.metadata.annotations?.[revisionAnnotation] ?? 0)

/** ReplicaSets of a Deployment, newest revision first. */
export function replicaSetsOf(deployment: KubeObject, snapshot: StateView): ReplicaSet[] {
  return [...snapshot.ownedBy<ReplicaSet>(deployment.metadata.uid, 'ReplicaSet')]
    .sort((a, b) => revisionOf(b) - revisionOf(a) || (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))
}

/** maxUnavailable or maxSurge: a number, or a percentage of the wanted Pods. */
function intOrPercent(value: number | string | undefined, of: number, up: boolean): number {
  if (value === undefined) return intOrPercent('25%', of, up)
  if (typeof value === 'number') return value
  const exact = (Number(value.replace('%', '')) / 100) * of
  return up ? Math.ceil(exact) : Math.floor(exact)
}

export interface Rollout {
  wanted: number
  /** Ready Pods of the newest revision. */
  replaced: number
  /** Pods of older revisions that still exist. */
  old: number
  /** Never fewer ready than this. */
  floor: number
  version: string
  /** About, from the pace so far; undefined before the first Pod is replaced. */
  leftMs?: number
}

/** The rollout under way, or undefined. */
export function rolloutOf(deployment: Deployment, snapshot: StateView, now: number): Rollout | undefined {
  const [newest, ...older] = replicaSetsOf(deployment, snapshot)
  if (!newest) return undefined
  const alive = older.filter((set) => (set.spec.replicas ?? 0) > 0 || (set.status?.replicas ?? 0) > 0)
  const wanted = deployment.spec.replicas ?? 1
  const replaced = Math.min(wanted, newest.status?.readyReplicas ?? 0)
  if (alive.length === 0 || wanted === 0) return undefined
  const recreate = deployment.spec.strategy?.type === 'Recreate'
  const surge = intOrPercent(deployment.spec.strategy?.rollingUpdate?.maxSurge, wanted, true)
  let unavailable = intOrPercent(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, wanted, false)
  if (surge === 0 && unavailable === 0) unavailable = 1
  const started = Date.parse(newest.metadata.creationTimestamp)
  const version = podVersion({ spec: newest.spec.template.spec ?? {} })
  const leftMs = replaced > 0 && now > started ? ((now - started) / replaced) * (wanted - replaced) : undefined
  return {
    wanted, replaced, version,
    old: alive.reduce((sum, set) => sum + (set.status?.replicas ?? 0), 0),
    floor: recreate ? 0 : Math.max(0, wanted - unavailable),
    ...(leftMs === undefined ? {} : { leftMs }),
  }
}

const podContext = (pod: Pod, snapshot: StateView, now: number) => ({
  now,
  node: pod.spec?.nodeName ? snapshot.get<Node>('Node', undefined, pod.spec.nodeName) : undefined,
  unscheduled: (one: Pod) => unscheduledWords(one, snapshot),
})

export const podStateIn = (pod: Pod, snapshot: StateView, now: number): StateWords => podState(pod, podContext(pod, snapshot, now))

const severity: Readonly<Record<StateWords['mark'], number>> = {
  failing: 6, unreachable: 5, degraded: 4, waiting: 3, moving: 2, leaving: 1, planned: 1, ready: 0, finished: 0,
}
export const worse = (a: StateWords['mark'], b: StateWords['mark']): number => severity[b] - severity[a]

export const worstOf = (pods: readonly Pod[], snapshot: StateView, now: number): StateWords | undefined => {
  let worst: StateWords | undefined
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue
    const state = podStateIn(pod, snapshot, now)
    if (!worst || severity[state.mark] > severity[worst.mark]) worst = state
  }
  return worst
}

export const troubled = (state: StateWords | undefined): state is StateWords =>
  state !== undefined && (state.mark === 'failing' || state.mark === 'unreachable' || state.mark === 'degraded' || state.mark === 'waiting')

export function deploymentState(deployment: Deployment, snapshot: StateView, now: number): StateWords {
  const wanted = deployment.spec.replicas ?? 1
  const sets = replicaSetsOf(deployment, snapshot)
  const pods = sets.flatMap((set) => [...snapshot.ownedBy<Pod>(set.metadata.uid, 'Pod')])
  const ready = pods.filter(podIsReady).length
  const rollout = rolloutOf(deployment, snapshot, now)
  const worst = worstOf(pods, snapshot, now)
  const stuck = deployment.status?.conditions?.some((c) => c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded') === true
  const refused = deployment.status?.conditions?.find((c) => c.type === 'ReplicaFailure' && c.status === 'True')

  if (wanted === 0 && pods.length === 0) return { mark: 'finished', say: 'scaled to 0' }
  if (troubled(worst) && worst.mark === 'failing') return trouble(worst, ready, wanted, rollout)
  if (refused) return { mark: 'failing', say: 'its Pods are refused', ...(refused.message ? { why: plainRefusal(refused.message) } : {}) }
  if (troubled(worst)) return trouble(worst, ready, wanted, rollout)
  if (deployment.spec.paused && (rollout || ready < wanted)) {
    return { mark: 'waiting', say: `paused${rollout ? ` at ${rollout.version}` : ''}`, why: rollout ? `${rollout.replaced} of ${wanted} replaced` : `${ready} of ${wanted} ready` }
  }
  if (rollout) {
    const words = { say: `rolling out ${rollout.version}`, why: `${rollout.replaced} of ${wanted} replaced, ${floorWords(rollout.floor)}` }
    return stuck ? { mark: 'degraded', say: `rollout of ${rollout.version} does not get on`, why: words.why } : { mark: 'moving', ...words }
  }
  if (stuck && ready < wanted) return { mark: 'degraded', say: `${ready} of ${wanted} ready`, why: 'it does not get on' }
  if (ready < wanted) return { mark: 'moving', say: pods.length > 0 && ready > 0 ? `scaling to ${wanted}` : 'starting', why: `${ready} of ${wanted} ready` }
  const going = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length
  if (wanted === 0) return { mark: 'moving', say: 'scaling to 0', why: `${count(pods.length, 'Pod')} left` }
  if (pods.length - going > wanted) return { mark: 'moving', say: `scaling to ${wanted}`, why: `${pods.length - wanted} too many` }
  return { mark: 'ready', say: `${ready} of ${wanted} ready`, ...(deployment.spec.paused ? { why: 'rollouts are paused' } : {}) }
}

const floorWords = (floor: number): string => (floor === 0 ? 'none stays ready meanwhile' : `never fewer than ${floor} ready`)

export function trouble(worst: StateWords, ready: number, wanted: number, rollout: Rollout | undefined): StateWords {
  const rest = ready > 0 ? `${ready} of ${wanted} ${rollout ? 'keep serving' : 'ready'}` : undefined
  const why = [worst.why, rest].filter((part) => part !== undefined).join('; ')
  const mark = worst.mark === 'failing' && ready >= wanted && !rollout ? 'degraded' : worst.mark
  return { mark, say: worst.say, ...(why === '' ? {} : { why }) }
}

export const replicaSetState = (set: ReplicaSet, snapshot: StateView, now: number): StateWords => replicasState(set, 'kept for going back', snapshot, now)

/** Of whatever keeps a number of Pods; `none` says what it is without any. */
export function replicasState(set: Pick<ReplicaSet, 'metadata' | 'status'> & { spec: { replicas?: number } }, none: string, snapshot: StateView, now: number): StateWords {
  const wanted = set.spec.replicas ?? 1
  const pods = snapshot.ownedBy<Pod>(set.metadata.uid, 'Pod')
  const ready = pods.filter(podIsReady).length
  if (wanted === 0 && pods.length === 0) return { mark: 'finished', say: none }
  const worst = worstOf(pods, snapshot, now)
  if (troubled(worst)) return trouble(worst, ready, wanted, undefined)
  const refused = set.status?.conditions?.find((c) => c.type === 'ReplicaFailure' && c.status === 'True')
  if (refused) return { mark: 'failing', say: 'its Pods are refused', ...(refused.message ? { why: plainRefusal(refused.message) } : {}) }
  if (ready !== wanted || pods.length > wanted) return { mark: 'moving', say: `${ready} of ${wanted} ready` }
  return { mark: 'ready', say: `${ready} of ${wanted} ready` }
}

/** "about 14 s to go". */
export const leftWords = (rollout: Rollout | undefined): string | undefined =>
  rollout?.leftMs === undefined || rollout.leftMs <= 0 ? undefined : `about ${duration(rollout.leftMs)} to go`
