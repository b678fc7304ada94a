/** The journal as stories: writes that share one first cause, oldest step first. Pure; the feed, ruler and Changes read it. */
import type { JournalEntry } from '../../electron/contract.ts'

export interface Story {
  /** Revision of the first cause. */
  root: number
  atMs: number
  lastMs: number
  /** Oldest first. The first is the cause where it is still kept. */
  steps: readonly JournalEntry[]
  /** A person began it. */
  byUser: boolean
}

export const byUser = (entry: JournalEntry): boolean => entry.actor.startsWith('user:')

/** Entries by revision, without doubles, kept to the newest `limit`. */
export function mergeEntries(known: readonly JournalEntry[], incoming: readonly JournalEntry[], limit: number): readonly JournalEntry[] {
  if (incoming.length === 0) return known
  const last = known.at(-1)?.revision ?? 0
  const inOrder = incoming.every((entry, i) => entry.revision > (i === 0 ? last : incoming[i - 1]!.revision))
  if (inOrder) return [...known, ...incoming].slice(-limit)
  const byRevision = new Map<number, JournalEntry>()
  for (const entry of known) byRevision.set(entry.revision, entry)
  for (const entry of incoming) byRevision.set(entry.revision, entry)
  return [...byRevision.values()].sort((a, b) => a.revision - b.revision).slice(-limit)
}

/** Newest story first, by its last step. */
export function storiesOf(entries: readonly JournalEntry[]): Story[] {
  const groups = new Map<number, JournalEntry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.root)
    if (group) group.push(entry)
    else groups.set(entry.root, [entry])
  }
  const stories: Story[] = []
  for (const [root, steps] of groups) {
    const first = steps[0]!
    stories.push({ root, atMs: first.atMs, lastMs: steps.at(-1)!.atMs, steps, byUser: first.revision === root && byUser(first) })
  }
  return stories.sort((a, b) => b.atMs - a.atMs || b.root - a.root)
}
