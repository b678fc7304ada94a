/** An autoscaler's conditions as upstream keeps them: in place, their time moves with the status only (setConditionInList). */
import { timestamp } from '../../api/meta.ts'
import type { HorizontalPodAutoscalerCondition } from '../../api/types/autoscaling-v2.ts'

export type Conditions = readonly HorizontalPodAutoscalerCondition[]
export type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited'

export function setCondition(conditions: Conditions, type: ConditionType, isTrue: boolean, reason: string, message: string, now: number): Conditions {
  const status = isTrue ? 'True' : 'False'
  const before = conditions.find((condition) => condition.type === type)
  const lastTransitionTime = before?.status === status && before.lastTransitionTime !== undefined ? before.lastTransitionTime : timestamp(now)
  const next = { type, status, lastTransitionTime, reason, message }
  return before ? conditions.map((condition) => (condition === before ? next : condition)) : [...conditions, next]
}
