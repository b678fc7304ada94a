/** The journal as stories: writes that share one first cause, oldest step first. Pure; the feed, ruler and Changes read it. */
import type { JournalEntry } from '../../electron/contract.ts'
import { causeOf, tellingSteps, type TellingStep } from './telling.ts'

export interface Story {
  /** Revision of the first cause. */
  root: number
  atMs: number
  lastMs: number
  /** Oldest first. The first is the cause where it is still kept. */
  steps: readonly JournalEntry[]
  /** A person began it. */
  byUser: boolean
  /** The cluster's own beginning. */
  readonly beginning: boolean
  /** What it is told by; undefined where it is bookkeeping alone. */
  readonly cause: JournalEntry | undefined
  /** What followed that a person needs; worked out when first read. */
  readonly told: readonly TellingStep[]
}

/** What a new cluster makes for itself has several first causes, and is one story. */
const makesCluster = 'controller:system-namespaces-controller'

class JournalStory implements Story {
  readonly root: number
  readonly steps: readonly JournalEntry[]
  readonly cause: JournalEntry | undefined
  #told: readonly TellingStep[] | undefined

  constructor(root: number, steps: readonly JournalEntry[]) {
    this.root = root
    this.steps = steps
    this.cause = causeOf(steps)
  }

  get atMs(): number {
    return this.steps[0]!.atMs
  }

  get lastMs(): number {
    return this.steps.at(-1)!.atMs
  }

  get beginning(): boolean {
    return this.steps[0]!.actor === makesCluster
  }

  get byUser(): boolean {
    return this.steps[0]!.revision === this.root && byUser(this.steps[0]!)
  }

  get told(): readonly TellingStep[] {
    return (this.#told ??= tellingSteps(this.steps))
  }
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

/** Newest story first. */
export function storiesOf(entries: readonly JournalEntry[]): Story[] {
  const groups = new Map<number, JournalEntry[]>()
  const first = entries.find((entry) => entry.actor === makesCluster)?.revision
  const beginnings = new Set(entries.flatMap((entry) => (entry.actor === makesCluster ? [entry.revision] : [])))
  for (const entry of entries) {
    const root = first !== undefined && beginnings.has(entry.root) ? first : entry.root
    const group = groups.get(root)
    if (group) group.push(entry)
    else groups.set(root, [entry])
  }
  return [...groups].map(([root, steps]) => new JournalStory(root, steps)).sort((a, b) => b.atMs - a.atMs || b.root - a.root)
}
