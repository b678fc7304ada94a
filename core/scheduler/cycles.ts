/**
 * The last cycle of each Pod, for the window. Kept as outcomes, whose verdicts are worked out only when somebody asks;
 * bounded by how many nodes they hold on to.
 */
import { toCycle, type Outcome } from './cycle.ts'
import type { SchedulingCycle } from './verdict.ts'

interface Kept {
  readonly outcome: Outcome
  readonly attempt: number
  readonly nextTryMs?: number
  readonly weight: number
}

/** Sum of the nodes looked at over all kept cycles. */
const nodesAtMost = 400_000

export class Cycles {
  readonly #kept = new Map<string, Kept>()
  #nodes = 0

  of(uid: string): SchedulingCycle | undefined {
    const kept = this.#kept.get(uid)
    return kept && toCycle(kept.outcome, kept.attempt, kept.nextTryMs)
  }

  set(outcome: Outcome, attempt: number, nextTryMs?: number): void {
    const { uid } = outcome.pod
    this.forget(uid)
    const weight = outcome.looked + 20
    this.#kept.set(uid, { outcome, attempt, weight, ...(nextTryMs === undefined ? {} : { nextTryMs }) })
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
