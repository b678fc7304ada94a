/**
 * Pods whose eviction was granted but that still stand: they no longer count as healthy, until they leave or two minutes
 * have passed. Mirrors buildDisruptedPodMap and countHealthyPods in pkg/controller/disruption/disruption.go.
 */
import type { Pod } from '../../api/types/core.ts'
import { isLeaving, isReady } from '../../api/pod-lifecycle.ts'

/** A granted eviction that has not happened by then is forgotten. */
const deletionTimeoutMs = 2 * 60_000

export interface Disrupted {
  readonly pods: Readonly<Record<string, string>>
  /** Were to be gone by now and are not. */
  readonly late: readonly Pod[]
  /** When the next one is forgotten (ms epoch). */
  readonly nextMs: number | undefined
}

export function disruptedPods(recorded: Readonly<Record<string, string>> | undefined, pods: readonly Pod[], now: number): Disrupted {
  const kept: Record<string, string> = {}
  const late: Pod[] = []
  let nextMs: number | undefined
  for (const pod of pods) {
    const since = recorded?.[pod.metadata.name]
    if (since === undefined || isLeaving(pod)) continue
    const due = Date.parse(since) + deletionTimeoutMs
    if (due < now) late.push(pod)
    else {
      kept[pod.metadata.name] = since
      nextMs = Math.min(nextMs ?? due, due)
    }
  }
  return { pods: kept, late, nextMs }
}

export const healthyPods = (pods: readonly Pod[], disrupted: Readonly<Record<string, string>>, now: number): number =>
  pods.filter((pod) => {
    const since = disrupted[pod.metadata.name]
    return !isLeaving(pod) && (since === undefined || Date.parse(since) + deletionTimeoutMs <= now) && isReady(pod)
  }).length
