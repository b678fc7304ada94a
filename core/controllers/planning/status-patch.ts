/** Merge patches that turn one status into another, and conditions as upstream keeps them. */
import { equal } from '../../base/json.ts'

type Fields = Readonly<Record<string, unknown>>

/** Undefined where nothing differs. Keys that are absent in `next` are removed; lists are replaced whole. */
export function difference(before: object | undefined, next: object): Record<string, unknown> | undefined {
  const from = (before ?? {}) as Fields
  const to = next as Fields
  const patch: Record<string, unknown> = {}
  for (const key in to) if (to[key] !== undefined && !equal(from[key], to[key])) patch[key] = to[key]
  for (const key in from) if (from[key] !== undefined && to[key] === undefined) patch[key] = null
  return Object.keys(patch).length === 0 ? undefined : patch
}

/** Go's omitempty: zero is absent. */
export const orAbsent = (n: number): number | undefined => (n === 0 ? undefined : n)

interface ConditionLike {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly lastTransitionTime?: string
}

export const conditionOf = <C extends ConditionLike>(conditions: readonly C[] | undefined, type: string): C | undefined => conditions?.find((condition) => condition.type === type)

/** As upstream: the same status and reason changes nothing, the same status keeps its transition time, a change moves to the end. */
export function withCondition<C extends ConditionLike>(conditions: readonly C[], condition: C): readonly C[] {
  const before = conditionOf(conditions, condition.type)
  if (before && before.status === condition.status && before.reason === condition.reason) return conditions
  const kept = before && before.status === condition.status && before.lastTransitionTime !== undefined ? { ...condition, lastTransitionTime: before.lastTransitionTime } : condition
  return [...withoutCondition(conditions, condition.type), kept]
}

export const withoutCondition = <C extends ConditionLike>(conditions: readonly C[], type: string): readonly C[] =>
  conditions.some((condition) => condition.type === type) ? conditions.filter((condition) => condition.type !== type) : conditions
