/**
 * From the first cause to this state: the writes that led to each other, oldest first. A fact read from the journal, not
 * a guess: each write names the revisions that led to it.
 */
import type { JournalEntry, WhyStep } from '../../../electron/contract.ts'
import type { KubeObject, Ref } from '../../api/meta.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Journal } from '../journal/journal.ts'

const longest = 24
const recentRows = 12

/** The object whose trouble speaks for this one: a workload's worst Pod, otherwise the object itself. */
export function spokesman(object: KubeObject, snapshot: Snapshot, isTroubled: (pod: KubeObject) => boolean): KubeObject {
  if (object.kind === 'Pod') return object
  const pods = podsUnder(object, snapshot)
  return pods.find(isTroubled) ?? object
}

export function podsUnder(object: KubeObject, snapshot: Snapshot): KubeObject[] {
  return snapshot.ownedBy(object.metadata.uid).flatMap((owned) => (owned.kind === 'Pod' ? [owned] : podsUnder(owned, snapshot)))
}

const stepOf = (entry: JournalEntry): WhyStep => ({
  actor: entry.actor,
  atMs: entry.atMs,
  say: entry.say,
  why: entry.why,
  ref: entry.ref,
  revision: entry.revision,
  ...(entry.changes.length > 0 && entry.actor.startsWith('user:') ? { changes: entry.changes.slice(0, 6) } : {}),
})

/** Walks back from the newest telling write about the object. */
export async function causalChain(journal: Journal, keyOf: (ref: Ref) => string, ref: Ref): Promise<WhyStep[]> {
  const about = await journal.query({ prefix: keyOf(ref), limit: recentRows })
  const own = about.filter((entry) => entry.ref.name === ref.name && (ref.uid === undefined || entry.ref.uid === undefined || entry.ref.uid === ref.uid))
  const newest = own[0]
  if (!newest) return []
  const chain: JournalEntry[] = [newest]
  const seen = new Set([newest.revision])
  for (let at: JournalEntry | undefined = newest; at && chain.length < longest; ) {
    // The newest cause of the same story; another story's write may have woken the same pass.
    const story = at.root
    const causes: number[] = at.led.filter((revision) => journal.rootOf(revision) === story).sort((a, b) => b - a)
    const next: number | undefined = causes[0] ?? [...at.led].sort((a, b) => b - a)[0]
    if (next === undefined || seen.has(next)) break
    seen.add(next)
    const row = await journal.row(next)
    at = row ? journal.entryOf(row) : undefined
    if (at) chain.push(at)
  }
  // What happened to the object itself since its story began belongs in the chain too.
  const present = new Set(chain.map((entry) => entry.revision))
  for (const entry of own) if (!present.has(entry.revision) && entry.root === newest.root) chain.push(entry)
  chain.sort((a, b) => a.revision - b.revision)
  return collapse(chain.map(stepOf))
}

/** Neighbours that say the same of the same object are one step. */
function collapse(steps: WhyStep[]): WhyStep[] {
  return steps.filter((step, i) => {
    const before = steps[i - 1]
    return !before || before.say !== step.say || before.actor !== step.actor || before.ref.name !== step.ref.name || before.why !== step.why
  })
}
