/** Where a Pod stands in its life: questions that controllers, scheduler, network and window ask alike (pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go). */
import { conditionOf, hasCondition } from './conditions.ts'
import type { Pod, PodCondition } from './types/core.ts'

export const podCondition = (pod: Pod, type: string): PodCondition | undefined => conditionOf(pod.status?.conditions, type)

export const isReady = (pod: Pod): boolean => hasCondition(pod.status?.conditions, 'Ready')

/** It has run to its end; nothing of it runs any more. */
export const isFinished = ({ status }: Pick<Pod, 'status'>): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

export const isLeaving = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined

/** Counts as a replica: neither finished nor on its way out. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isLeaving(pod)

/** Since when the Pod is ready (ms epoch); undefined where it is not. */
export function readySince(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'Ready')
  if (condition?.status !== 'True') return undefined
  const since = condition.lastTransitionTime === undefined ? Number.NaN : Date.parse(condition.lastTransitionTime)
  return Number.isNaN(since) ? 0 : since
}

/** When a ready Pod counts as available (ms epoch); undefined where it is not ready. */
export function availableFrom(pod: Pod, minReadySeconds: number): number | undefined {
  if (minReadySeconds === 0) return isReady(pod) ? 0 : undefined
  const since = readySince(pod)
  return since === undefined ? undefined : since + minReadySeconds * 1000
}
