/**
 * What an autoscaler recommended and did before, which stabilisation windows and rate limits look back on.
 *
 * Upstream keeps this in memory. Here it is an annotation of the autoscaler, written with its status: so a plan remains
 * a function of the snapshot and the samples alone, can be replayed from the log, and survives a restart. A row of equal
 * recommendations is one entry that counts from its start until the next begins, so that steady load writes nothing.
 */
import type { HorizontalPodAutoscaler } from '../../api/types/autoscaling-v2.ts'

export const historyAnnotation = 'orrery.dev/autoscaling-history'

/** When (ms epoch), and how many Pods. */
export type Entry = readonly [atMs: number, pods: number]

export interface History {
  /** Last pass that wrote something. */
  readonly checkedMs: number
  readonly recommended: readonly Entry[]
  /** Pods added and taken away, only where the object limits rates. */
  readonly added: readonly Entry[]
  readonly removed: readonly Entry[]
}

const none: History = { checkedMs: 0, recommended: [], added: [], removed: [] }
/** Nothing looks back further: the longest window and the longest period that validation lets through. */
const longestMs = 3600_000

export function historyOf({ metadata }: HorizontalPodAutoscaler): History {
  const text = metadata.annotations?.[historyAnnotation]
  if (text === undefined) return none
  try {
    const value = JSON.parse(text) as Partial<History> | null
    const entries = (list: unknown): Entry[] => (Array.isArray(list) ? list.filter((entry): entry is Entry => Array.isArray(entry) && entry.length === 2 && entry.every(Number.isFinite)) : [])
    return { checkedMs: Number(value?.checkedMs ?? 0) || 0, recommended: entries(value?.recommended), added: entries(value?.added), removed: entries(value?.removed) }
  } catch {
    // Somebody edited it: as if the past were unknown.
    return none
  }
}

export const textOf = (history: History): string => JSON.stringify(history)

/** A recommendation counts until the next one was made, less the period that lies between two. */
export function recent(entries: readonly Entry[], sinceMs: number, now: number, periodMs: number): number[] {
  return entries.filter(([from], i) => Math.max(from, (entries[i + 1]?.[0] ?? now) - periodMs) >= sinceMs).map(([, pods]) => pods)
}

export function recommend(entries: readonly Entry[], now: number, pods: number): readonly Entry[] {
  if (entries.at(-1)?.[1] === pods) return entries
  // The run that was going on when the longest window began still counts.
  const kept = entries.filter((_, i) => (entries[i + 1]?.[0] ?? now) >= now - longestMs)
  return [...kept, [now, pods]]
}

export const remember = (entries: readonly Entry[], now: number, pods: number, longestPeriodSeconds: number): readonly Entry[] => [...entries.filter(([at]) => at > now - longestPeriodSeconds * 1000), [now, pods]]

export const changeWithin = (entries: readonly Entry[], periodSeconds: number, now: number): number => {
  let sum = 0
  for (const [at, pods] of entries) if (at > now - periodSeconds * 1000) sum += pods
  return sum
}
