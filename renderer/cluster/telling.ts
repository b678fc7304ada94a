/**
 * Which steps of a story a person needs. Bookkeeping (status written, lists of addresses, state noted) says again what
 * another step said already, and what follows from a told step by itself is left to it: a Deployment that "added a second
 * 1.26 Pod" need not be followed by a ReplicaSet that "started a Pod". Changes shows every write. Pure.
 */
import { refKey } from '../../core/api/meta.ts'
import type { JournalEntry } from '../../electron/contract.ts'

export interface TellingStep { entry: JournalEntry; also: number }

const bookkeeping = new Set(['StatusUpdated', 'Observed', 'Settled', 'SliceDropped', 'EndpointsSynced', 'EndpointsDropped', 'Starting', 'NodeStatus', 'Lease', 'Adopted', 'TtlSet'])
/** Said by whoever carries out what another step told: left out where that step is in the story. */
const follows: Readonly<Record<string, readonly string[]>> = {
  Ready: ['Registered'],
  SuccessfulCreate: ['ScalingReplicaSet'],
  SuccessfulDelete: ['ScalingReplicaSet'],
  TrafficStopped: ['SuccessfulDelete'],
  Stopped: ['SuccessfulDelete', 'Stopped'],
}

export const tells = (entry: JournalEntry): boolean => !bookkeeping.has(entry.code) && entry.ref.kind !== 'Endpoints'

/** The first step worth telling: the cause, where it is still kept. */
export const causeOf = (steps: readonly JournalEntry[]): JournalEntry | undefined => steps.find(tells)

/** What followed. The same actor saying the same thing to many objects becomes one step with a count. */
export function tellingSteps(all: readonly JournalEntry[]): TellingStep[] {
  const byRevision = new Map(all.map((step) => [step.revision, step]))
  const steps: TellingStep[] = []
  const said = new Map<string, TellingStep>()
  const cause = causeOf(all)
  for (const entry of all) {
    if (entry === cause || !tells(entry)) continue
    if (follows[entry.code]?.some((code) => entry.led.some((revision) => byRevision.get(revision)?.code === code))) continue
    // The same said of the same object again is one deed; of another object it is one more like it.
    const again = `${entry.actor} ${entry.say} ${refKey(entry.ref)}`
    const alike = `${entry.actor} ${entry.code} ${entry.say} ${entry.why}`
    if (said.has(again)) continue
    const same = said.get(alike)
    if (same) {
      same.also++
      said.set(again, same)
      continue
    }
    const step = { entry, also: 0 }
    said.set(again, step).set(alike, step)
    steps.push(step)
  }
  return steps
}
