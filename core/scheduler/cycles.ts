/**
 * The last cycle of each Pod, for the window. Kept as outcomes, whose verdicts are worked out only when somebody asks;
 * bounded by how many nodes they hold on to.
 */
import { toCycle, type Outcome } from './cycle.ts'
import type { PreemptionCandidate, SchedulingCycle } from './verdict.ts'

interface Kept {
  readonly outcome: Outcome
  readonly attempt: number
  readonly nextTryMs?: number
  readonly weight: number
  /** Whom it displaced, while it waits for them to leave: later attempts only say that it waits. */
  readonly room?: Room
}

interface Room { readonly node: string; readonly candidates: readonly PreemptionCandidate[] }

/** Sum of the nodes looked at over all kept cycles. */
const nodesAtMost = 400_000

export class Cycles {
  readonly #kept = new Map<string, Kept>()
  #nodes = 0

  of(uid: string): SchedulingCycle | undefined {
    const kept = this.#kept.get(uid)
    if (!kept) return undefined
    const cycle = toCycle(kept.outcome, kept.attempt, kept.nextTryMs)
    const { preemption } = cycle
    return preemption && kept.room ? { ...cycle, preemption: { ...preemption, chosen: kept.room.node, candidates: kept.room.candidates } } : cycle
  }

  set(outcome: Outcome, attempt: number, nextTryMs?: number): void {
    const { uid } = outcome.pod
    const room = roomOf(outcome, this.#kept.get(uid)?.room)
    this.forget(uid)
    const weight = outcome.looked + 20
    this.#kept.set(uid, { outcome, attempt, weight, ...(nextTryMs === undefined ? {} : { nextTryMs }), ...(room ? { room } : {}) })
    this.#nodes += weight
    while (this.#nodes > nodesAtMost) this.forget(this.#kept.keys().next().value!)
  }

  forget(uid: string): void {
    const kept = this.#kept.get(uid)
    if (!kept) return
    this.#kept.delete(uid)
    this.#nodes -= kept.weight
  }
}

function roomOf({ pod, chosen, rescue }: Outcome, before: Room | undefined): Room | undefined {
  if (rescue?.preemption) return { node: rescue.preemption.node, candidates: rescue.preemption.candidates }
  return !chosen && before !== undefined && pod.pod.status?.nominatedNodeName === before.node ? before : undefined
}
