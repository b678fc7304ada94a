/** An autoscaler's conditions as upstream keeps them (setConditionInList). */
import { setCondition } from '../../api/conditions.ts'
import { timestamp } from '../../api/meta.ts'
import type { HorizontalPodAutoscalerCondition } from '../../api/types/autoscaling-v2.ts'

export type Conditions = readonly HorizontalPodAutoscalerCondition[]
type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited'

export const putCondition = (conditions: Conditions, type: ConditionType, isTrue: boolean, reason: string, message: string, now: number): Conditions =>
  setCondition(conditions, { type, status: isTrue ? 'True' : 'False', lastTransitionTime: timestamp(now), reason, message })
