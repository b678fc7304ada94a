/** Sets of indexes as ordered intervals, and their text in a Job's status: `0,3-5` (pkg/controller/job/indexed_job_utils.go). */
import type { Interval } from '../../api/kinds/job/index-intervals.ts'

export type Indexes = readonly Interval[]

/** What can't be read is left out; what lies beyond the completions is cut off. */
export function parseIndexes(text: string | undefined, completions: number): Indexes {
  const parsed: Interval[] = []
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!match) continue
    const first = Number(match[1])
    if (first >= completions) break
    parsed.push({ first, last: Math.min(match[2] === undefined ? first : Number(match[2]), completions - 1) })
  }
  return union(parsed, [])
}

/** Both lists in order; neighbours grow together. */
export function union(a: Indexes, b: Indexes): Indexes {
  const merged: Interval[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const takeA = j >= b.length || (i < a.length && a[i]!.first < b[j]!.first)
    const next = takeA ? a[i++]! : b[j++]!
    const last = merged.at(-1)
    if (!last || next.first > last.last + 1) merged.push(next)
    else if (next.last > last.last) merged[merged.length - 1] = { first: last.first, last: next.last }
  }
  return merged
}

export const withIndexes = (indexes: Indexes, more: Iterable<number>): Indexes => {
  const sorted = [...new Set(more)].sort((a, b) => a - b)
  return union(indexes, sorted.map((index) => ({ first: index, last: index })))
}

export const total = (indexes: Indexes): number => indexes.reduce((sum, { first, last }) => sum + last - first + 1, 0)

export function has(indexes: Indexes, index: number): boolean {
  let [low, high] = [0, indexes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (indexes[middle]!.last >= index) high = middle
    else low = middle + 1
  }
  return low < indexes.length && indexes[low]!.first <= index
}

export const printIndexes = (indexes: Indexes): string =>
  indexes.map(({ first, last }) => (last === first ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`)).join(',')

/** The first `count` indexes below `completions` that are not in the list. */
export function firstMissing(indexes: Indexes, count: number, completions: number): readonly number[] {
  const missing: number[] = []
  let candidate = 0
  for (const { first, last } of indexes) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) missing.push(candidate)
    candidate = Math.max(candidate, last + 1)
  }
  for (; candidate < completions && missing.length < count; candidate++) missing.push(candidate)
  return missing
}

/** How many indexes both hold. */
export function overlap(a: Indexes, b: Indexes): number {
  let shared = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i]!, b[j]!]
    shared += Math.max(0, Math.min(x.last, y.last) - Math.max(x.first, y.first) + 1)
    if (x.last < y.last) i++
    else j++
  }
  return shared
}
