/** Sets one condition of a Pod, with its time of transition (upstream: pkg/api/v1/pod/util.go, UpdatePodCondition). */
import type { NewObject } from '../../api/meta.ts'
import { timestamp } from '../../api/meta.ts'
import type { Pod, PodCondition } from '../../api/types/core.ts'

export function setPodCondition(draft: NewObject, condition: Omit<PodCondition, 'lastTransitionTime'>, nowMs: number): void {
  const pod = draft as unknown as Pod
  const conditions = [...(pod.status.conditions ?? [])]
  const at = conditions.findIndex(({ type }) => type === condition.type)
  const known = conditions[at]
  const full: PodCondition = {
    ...condition,
    lastTransitionTime: known !== undefined && known.status === condition.status && known.lastTransitionTime ? known.lastTransitionTime : timestamp(nowMs),
  }
  if (at < 0) conditions.push(full)
  else conditions[at] = full
  pod.status.conditions = conditions
}
