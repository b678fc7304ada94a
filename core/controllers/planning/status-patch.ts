/** Merge patches that turn one status into another. */
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
