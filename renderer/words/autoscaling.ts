/**
 * An autoscaler's arithmetic for drawing: how many Pods a load asks for (upstream: pkg/controller/podautoscaler/replica_calculator.go,
 * without tolerance and pace, which only say when it moves), and what its journal tells of the past. Pure.
 */
import type { JournalEntry } from '../../electron/contract.ts'

export interface Rule { min: number; max: number; /** Percent of the request. */ target: number }

/** `load`: in Pods' requests; 2.5 keeps two Pods and a half busy with all they ask for. */
export const wantedAt = (load: number, { min, max, target }: Rule): number => Math.max(min, Math.min(max, Math.ceil((load * 100) / Math.max(1, target) - 1e-9)))

export interface Step { load: number; pods: number }
/** Where the number of Pods changes, from no load to `upTo`. */
export function stepsOf(rule: Rule, upTo: number): Step[] {
  const steps: Step[] = [{ load: 0, pods: wantedAt(0, rule) }]
  for (let pods = rule.min + 1; pods <= rule.max; pods++) {
    const load = ((pods - 1) * rule.target) / 100
    if (load >= upTo) break
    steps.push({ load, pods })
  }
  return steps
}

/** So that the largest number of Pods and the present load are both in the picture. */
export const reachOf = (rules: readonly Rule[], load: number): number => Math.max(0.5, load * 1.25, ...rules.map(({ max, target }) => (Math.min(max, 60) * target * 1.15) / 100))

export interface Point { atMs: number; value: number }
export interface Past { pods: Point[]; measured: Point[] }

/** What its own writes say: Pods, and the first measure in percent. Oldest first. */
export function pastOf(entries: readonly JournalEntry[]): Past {
  const past: Past = { pods: [], measured: [] }
  const add = (list: Point[], atMs: number, before: unknown, after: unknown) => {
    if (list.length === 0 && typeof before === 'number') list.push({ atMs: atMs - 1, value: before })
    if (typeof after === 'number') list.push({ atMs, value: after })
  }
  for (const { atMs, changes } of entries.toSorted((a, b) => a.revision - b.revision)) {
    for (const { path, before, after } of changes) {
      if (path === 'status.currentReplicas') add(past.pods, atMs, before, after)
      else if (path.startsWith('status.currentMetrics') && past.measured.at(-1)?.atMs !== atMs) add(past.measured, atMs, percentIn(before, path), percentIn(after, path))
    }
  }
  return past
}

/** The list comes whole where it is new, else as the one number that changed. */
const percentIn = (value: unknown, path: string): number | undefined => {
  if (typeof value === 'number') return path.endsWith('averageUtilization') ? value : undefined
  const found = /"averageUtilization":(\d+)/.exec(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))?.[1]
  return found === undefined ? undefined : Number(found)
}
