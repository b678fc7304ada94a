/**
 * What every planner decided, per object, kept in rings: the why panel's first source. A decision that repeats the one
 * before it (same code, same sentences) only moves `lastMs` and `count`.
 */
import { refKey, type Ref } from '../api/meta.ts'
import { Ring } from '../base/ring.ts'
import type { Revision } from '../api/request.ts'
import type { Reason } from './plan.ts'

export interface DecisionRecord {
  readonly actor: string
  readonly ref: Ref
  /** Revision of the snapshot planned on. */
  readonly revision: Revision
  readonly because: Reason
  /** Reasons of the steps, in order. */
  readonly steps: readonly Reason[]
  readonly firstMs: number
  lastMs: number
  count: number
  /** When the next pass is due, where one is (ms epoch); of the newest repetition. */
  dueMs?: number
  readonly outcome: 'done' | 'failed'
  readonly error?: string
  readonly tookMs: number
}

const perObject = 20
const objects = 5_000

const sameReason = (a: Reason, b: Reason) => a.code === b.code && a.say === b.say && a.why === b.why

export class Decisions {
  readonly #rings = new Map<string, Ring<DecisionRecord>>()

  record(record: Omit<DecisionRecord, 'firstMs' | 'lastMs' | 'count'>, nowMs: number): void {
    const key = refKey(record.ref)
    let ring = this.#rings.get(key)
    const last = ring?.last()
    if (last && record.steps.length === 0 && last.actor === record.actor && last.outcome === record.outcome && sameReason(last.because, record.because)) {
      last.lastMs = nowMs
      last.count++
      if (record.dueMs === undefined) delete last.dueMs
      else last.dueMs = record.dueMs
      return
    }
    if (!ring) {
      if (this.#rings.size >= objects) this.#rings.delete(this.#rings.keys().next().value!)
      ring = new Ring(perObject)
      this.#rings.set(key, ring)
    }
    ring.push({ ...record, firstMs: nowMs, lastMs: nowMs, count: 1 })
  }

  of(ref: Ref): readonly DecisionRecord[] {
    return this.#rings.get(refKey(ref))?.toArray() ?? []
  }
}
