/** Words that every request to the API shares, whoever sends it. */
import type { NewObject } from './meta.ts'

/** Position in the server's one sequence of writes. */
export type Revision = number

/** Why a write happens; the server adds who (see store.ts, Cause). */
export interface Because {
  /** Short PascalCase code, e.g. `ScaledUp`. */
  code: string
  /** What is done, one sentence without a full stop: "started revision 7 with 1 Pod". */
  say: string
  /** Why, with the numbers compared: "3 wanted, 1 extra allowed while updating". */
  why: string
  /** Revisions that led here; empty for what a person did. */
  led: readonly Revision[]
  /** Heartbeats stay out of the journal. */
  quiet?: boolean
}

export type Patch =
  | { type: 'merge'; body: unknown }
  | { type: 'json'; body: readonly { op: string; path: string; from?: string; value?: unknown }[] }
  | { type: 'strategic'; body: unknown }
  | { type: 'apply'; body: NewObject; force?: boolean }
