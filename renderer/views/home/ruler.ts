/** The last hour as a ruler: how much was written when, and flags where a person or a failure was. Pure. */
import type { Story } from '../../cluster/stories.ts'
import { rowOf } from './feed.ts'

export interface RulerBar { x: number; height: number }
export interface RulerFlag { x: number; kind: 'person' | 'failing' | 'unreachable'; atMs: number; title: string }
export interface RulerTick { x: number; long: boolean; label?: string }

export const spanMs = 62 * 60_000
const binMs = 30_000

export function rulerOf(stories: readonly Story[], now: number, left: number, right: number): { bars: RulerBar[]; flags: RulerFlag[]; ticks: RulerTick[]; xOf: (ms: number) => number; msOf: (x: number) => number } {
  const from = now - spanMs
  const xOf = (ms: number) => left + ((ms - from) / spanMs) * (right - left)
  const msOf = (x: number) => from + ((x - left) / (right - left)) * spanMs
  const bins = new Map<number, number>()
  const flags: RulerFlag[] = []
  for (const story of stories) {
    if (story.lastMs < from) continue
    for (const step of story.steps) if (step.atMs >= from) bins.set(Math.floor(step.atMs / binMs), (bins.get(Math.floor(step.atMs / binMs)) ?? 0) + 1)
    if (story.atMs < from) continue
    const row = rowOf(story)
    if (row.person) flags.push({ x: xOf(story.atMs), kind: 'person', atMs: story.atMs, title: `${row.subject} ${row.say}` })
    else if (row.mark === 'failing' || row.mark === 'unreachable') flags.push({ x: xOf(story.atMs), kind: row.mark, atMs: story.atMs, title: `${row.subject} ${row.say}` })
  }
  const bars = [...bins.entries()].map(([bin, n]) => ({ x: xOf(bin * binMs + binMs / 2), height: Math.min(15, 3 + Math.sqrt(n) * 3.4) }))
  const ticks: RulerTick[] = []
  const minute = 60_000
  for (let at = Math.ceil(from / minute) * minute; at <= now; at += minute) {
    const date = new Date(at)
    const whole = date.getMinutes() % 10 === 0
    const x = xOf(at)
    ticks.push({ x, long: date.getMinutes() % 5 === 0, ...(whole && x > left + 20 && x < right - 20 ? { label: `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}` } : {}) })
  }
  /** Flags that would cover each other: the earlier one gives way. */
  const apart: RulerFlag[] = []
  for (const flag of flags.sort((a, b) => b.x - a.x)) if (!apart.some((one) => Math.abs(one.x - flag.x) < 5)) apart.push(flag)
  return { bars, flags: apart, ticks, xOf, msOf }
}
