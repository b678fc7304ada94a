/** Conditions of a status, found and set as upstream does (apimachinery/pkg/api/meta/conditions.go, controllers' own helpers). */
export interface ConditionLike {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly lastTransitionTime?: string
}

export const conditionOf = <C extends { readonly type: string }>(conditions: readonly C[] | undefined, type: string): C | undefined => conditions?.find((condition) => condition.type === type)

export const hasCondition = (conditions: readonly ConditionLike[] | undefined, type: string, status = 'True'): boolean => conditionOf(conditions, type)?.status === status

/** meta.SetStatusCondition: in its place; the time of transition moves with the status only. */
export function setCondition<C extends ConditionLike>(conditions: readonly C[], next: C): C[] {
  const before = conditionOf(conditions, next.type)
  if (!before) return [...conditions, next]
  const kept = sinceBefore(before, next)
  return conditions.map((condition) => (condition === before ? kept : condition))
}

/** As the controllers of replicas keep theirs: the same status and reason changes nothing, a change moves to the end. */
export function withCondition<C extends ConditionLike>(conditions: readonly C[], next: C): readonly C[] {
  const before = conditionOf(conditions, next.type)
  if (before && before.status === next.status && before.reason === next.reason) return conditions
  return [...withoutCondition(conditions, next.type), before ? sinceBefore(before, next) : next]
}

export const withoutCondition = <C extends { readonly type: string }>(conditions: readonly C[], type: string): readonly C[] =>
  conditions.some((condition) => condition.type === type) ? conditions.filter((condition) => condition.type !== type) : conditions

const sinceBefore = <C extends ConditionLike>(before: C, next: C): C =>
  before.status === next.status && before.lastTransitionTime ? { ...next, lastTransitionTime: before.lastTransitionTime } : next
