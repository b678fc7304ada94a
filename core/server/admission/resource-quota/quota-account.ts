/**
 * What one ResourceQuota has given out: by objects that are stored, and by writes under way. Exact at every moment; the
 * quota's status is only its printing.
 */
import { type Amounts, addTo, formatAmounts, minus, parseAmounts, plus, takeFrom, zero } from '../../../api/amounts.ts'
import { equal } from '../../../base/json.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { Countable, Evaluator } from '../../../api/quota/evaluator.ts'
import { isCovered } from '../../../api/quota/evaluators.ts'
import type { Quantity } from '../../../api/quantity.ts'
import type { ResourceQuota } from '../../../api/types/core.ts'

/** Before every deletion: what the object uses while it is there. */
const alwaysThere = Number.NEGATIVE_INFINITY

/** A write that was admitted and is not yet known to be stored. */
export interface Reservation {
  readonly amounts: Amounts
  /** Whether the store has decided to make the write. */
  isDecided(): boolean
}

export class QuotaAccount {
  quota: ResourceQuota
  #hard: Amounts = {}
  #stored: Record<string, Quantity> = {}
  readonly #reserved = new Set<Reservation>()
  #underway: Record<string, Quantity> = {}

  constructor(quota: ResourceQuota) {
    this.quota = quota
    this.#hard = parseAmounts(quota.spec.hard)
  }

  get hard(): Amounts {
    return this.#hard
  }

  /** False where the quota now limits something else, and what is stored has to be counted again. */
  revise(quota: ResourceQuota): boolean {
    const same = equal(quota.spec, this.quota.spec)
    this.quota = quota
    if (!same) this.#hard = parseAmounts(quota.spec.hard)
    return same
  }

  counts(evaluator: Evaluator): boolean {
    for (const name in this.#hard) if (evaluator.counts(name)) return true
    return false
  }

  covers(evaluator: Evaluator, object: Countable): boolean {
    return this.counts(evaluator) && isCovered(this.quota, evaluator, object)
  }

  forget(): void {
    this.#stored = {}
  }

  add(evaluator: Evaluator, object: KubeObject): void {
    if (this.covers(evaluator, object)) addTo(this.#stored, this.#limited(evaluator.usage(object, alwaysThere)))
  }

  remove(evaluator: Evaluator, object: KubeObject): void {
    if (this.covers(evaluator, object)) takeFrom(this.#stored, this.#limited(evaluator.usage(object, alwaysThere)))
  }

  reserve(reservation: Reservation): void {
    this.#reserved.add(reservation)
    addTo(this.#underway, reservation.amounts)
  }

  free(reservation: Reservation): void {
    if (this.#reserved.delete(reservation)) takeFrom(this.#underway, reservation.amounts)
  }

  /** Stored and under way. `leaving`: Pods being deleted, which stop counting when their time is over. */
  used(evaluator: Evaluator, leaving: readonly KubeObject[], now: number): Amounts {
    const used = this.#present(evaluator, leaving, now)
    addTo(used, this.#underway)
    return used
  }

  /** The status as it is once the writes decided so far are stored. */
  status(pods: Evaluator, leaving: readonly KubeObject[], now: number): ResourceQuota['status'] {
    const used = this.#present(pods, leaving, now)
    for (const reservation of this.#reserved) if (reservation.isDecided()) addTo(used, reservation.amounts)
    const shown: Record<string, Quantity> = {}
    for (const name in this.#hard) shown[name] = used[name] ?? zero
    return { hard: { ...this.quota.spec.hard }, used: formatAmounts(shown) }
  }

  #present(pods: Evaluator, leaving: readonly KubeObject[], now: number): Record<string, Quantity> {
    const used = { ...this.#stored }
    for (const pod of leaving) {
      if (!this.covers(pods, pod)) continue
      const before = this.#limited(pods.usage(pod, alwaysThere))
      const after = pods.usage(pod, now)
      for (const name in before) used[name] = plus(minus(used[name] ?? zero, before[name]!), after[name] ?? zero)
    }
    return used
  }

  #limited(amounts: Amounts): Amounts {
    const limited: Record<string, Quantity> = {}
    for (const name in this.#hard) if (amounts[name] !== undefined) limited[name] = amounts[name]
    return limited
  }
}
