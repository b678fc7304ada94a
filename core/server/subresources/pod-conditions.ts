/** Sets one condition of a Pod, with its time of transition (upstream: pkg/api/v1/pod/util.go, UpdatePodCondition). */
import { setCondition } from '../../api/conditions.ts'
import { timestamp, type NewObject } from '../../api/meta.ts'
import type { Pod, PodCondition } from '../../api/types/core.ts'

export function setPodCondition(draft: NewObject, condition: Omit<PodCondition, 'lastTransitionTime'>, nowMs: number): void {
  const { status } = draft as unknown as Pod
  status.conditions = setCondition(status.conditions ?? [], { ...condition, lastTransitionTime: timestamp(nowMs) })
}
