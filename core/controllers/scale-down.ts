/**
 * Which Pods go first when there are too many: those that serve least and are missed least
 * (pkg/controller/controller_utils.go, ActivePodsWithRanks).
 */
import type { Pod } from '../api/types/core.ts'
import { isActive, isReady, readySince } from './pod-state.ts'

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

interface Ranked {
  readonly pod: Pod
  readonly unassigned: number
  readonly phase: number
  readonly ready: number
  readonly cost: number
  readonly crowd: number
  readonly readyAge: number
  readonly restarts: number
  readonly age: number
}

/**
 * The `n` Pods to stop. `related` are the active Pods of all ReplicaSets of the same owner: a Pod on a node with many of
 * them goes before one that stands alone. Ages count by powers of two, so that the choice among peers is even.
 */
export function firstToStop(pods: readonly Pod[], n: number, related: readonly Pod[], now: number): readonly Pod[] {
  if (n >= pods.length) return pods
  const crowds = new Map<string, number>()
  for (const pod of related) if (isActive(pod)) crowds.set(pod.spec.nodeName ?? '', (crowds.get(pod.spec.nodeName ?? '') ?? 0) + 1)
  const ranked = pods.map((pod): Ranked => {
    const nodeName = pod.spec.nodeName ?? ''
    const since = readySince(pod)
    return {
      pod,
      unassigned: nodeName === '' ? 0 : 1,
      phase: phaseRank[pod.status?.phase ?? 'Pending'] ?? 0,
      ready: isReady(pod) ? 1 : 0,
      cost: deletionCost(pod),
      crowd: crowds.get(nodeName) ?? 0,
      readyAge: since === undefined ? 0 : ageClass(since, now),
      restarts: Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
      age: ageClass(Date.parse(pod.metadata.creationTimestamp), now),
    }
  })
  ranked.sort(
    (a, b) =>
      a.unassigned - b.unassigned ||
      a.phase - b.phase ||
      a.ready - b.ready ||
      a.cost - b.cost ||
      b.crowd - a.crowd ||
      a.readyAge - b.readyAge ||
      b.restarts - a.restarts ||
      a.age - b.age ||
      (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1),
  )
  return ranked.slice(0, n).map(({ pod }) => pod)
}

const ageClass = (sinceMs: number, now: number): number => Math.floor(Math.log2(Math.max(1, now - sinceMs)))

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation]
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : 0
}
