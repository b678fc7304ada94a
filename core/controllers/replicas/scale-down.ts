/**
 * Which Pods go first when there are too many: those that serve least and are missed least
 * (pkg/controller/controller_utils.go, ActivePodsWithRanks).
 */
import type { ContainerStatus, Pod } from '../../api/types/core.ts'
import { isActive, isReady, readySince } from '../../api/pod-lifecycle.ts'

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

interface Ranked {
  readonly pod: Pod
  readonly unassigned: number
  readonly phase: number
  readonly ready: number
  readonly cost: number
  readonly crowd: number
  readonly readySince: number | undefined
  readonly restarts: number
  readonly sidecarRestarts: number
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
    return {
      pod,
      unassigned: nodeName === '' ? 0 : 1,
      phase: phaseRank[pod.status?.phase ?? 'Pending'] ?? 0,
      ready: isReady(pod) ? 1 : 0,
      cost: deletionCost(pod),
      crowd: crowds.get(nodeName) ?? 0,
      readySince: readySince(pod),
      restarts: restartsOf(pod.status?.containerStatuses),
      sidecarRestarts: restartsOf(pod.status?.initContainerStatuses?.filter(({ name }) => pod.spec.initContainers?.some((one) => one.name === name && one.restartPolicy === 'Always'))),
    }
  })
  ranked.sort(
    (a, b) =>
      a.unassigned - b.unassigned ||
      a.phase - b.phase ||
      a.ready - b.ready ||
      a.cost - b.cost ||
      b.crowd - a.crowd ||
      younger(a.readySince, b.readySince, a, b, now) ||
      b.restarts - a.restarts ||
      b.sidecarRestarts - a.sidecarRestarts ||
      younger(Date.parse(a.pod.metadata.creationTimestamp), Date.parse(b.pod.metadata.creationTimestamp), a, b, now) ||
      byUid(a, b),
  )
  return ranked.slice(0, n).map(({ pod }) => pod)
}

/** Upstream's powers of two are of nanoseconds. */
const ageClass = (sinceMs: number, now: number): number => (now > sinceMs ? Math.floor(Math.log2((now - sinceMs) * 1e6)) : -1)
const byUid = (a: Ranked, b: Ranked): number => (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1)

/** The younger class first; 0 only where both are of the very same instant, or there is none. */
function younger(a: number | undefined, b: number | undefined, one: Ranked, other: Ranked, now: number): number {
  if (a === undefined || b === undefined || a === b) return 0
  return ageClass(a, now) - ageClass(b, now) || byUid(one, other)
}

const restartsOf = (statuses: readonly ContainerStatus[] = []): number => statuses.reduce((most, { restartCount }) => Math.max(most, restartCount), 0)

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation]
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : 0
}
