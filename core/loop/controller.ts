/**
 * A controller: a pure planner and a declaration of what wakes it. `plan` must not await, read a clock, draw random
 * numbers or do I/O; it may be called with any snapshot, old or new, and must converge.
 */
import type { KubeObject, Ref } from '../api/meta.ts'
import type { StatusReason } from '../api/status.ts'
import type { WatchEvent } from './client.ts'
import type { Plan, Step } from './plan.ts'
import type { Snapshot } from './snapshot.ts'

export interface PlanInput<T extends KubeObject = KubeObject> {
  /** Undefined where the object is gone: a controller may still have to clean up after it. */
  readonly object: T | undefined
  readonly ref: Ref
  readonly snapshot: Snapshot
  /** Milliseconds since the epoch. */
  readonly now: number
  /**
   * Since when this process has been running without a stop. It moves forward when the machine or the process was
   * suspended: silence of others from before says nothing about them.
   */
  readonly awakeSinceMs: number
  /** Since when the object is known to be gone, where it is. */
  readonly absentSinceMs?: number
}

/** Why the pass before ended early. */
export interface Failure {
  readonly step: Step
  /** `InternalError` where the error was no API error. */
  readonly reason: StatusReason
  readonly message: string
}

export interface Controller<T extends KubeObject = KubeObject> {
  /** Upstream's controller name, e.g. `deployment-controller`; the actor of its writes is `controller:<name>`. */
  readonly name: string
  /** The kind (or kinds) whose keys are queued. */
  readonly reconciles: string | readonly string[]
  /** Kinds read besides; each change is mapped to keys by `wakes`. */
  readonly wakesOn: readonly string[]
  /**
   * Which keys wake for a change of a `wakesOn` kind; looks at event.object and event.previous. Default: the
   * controlling owner of either. Must be cheap; uses only the snapshot's indexes.
   */
  wakes?(event: WatchEvent, snapshot: Snapshot): readonly Ref[]
  /** False for changes of a reconciled kind that cannot change the plan; default: every change counts. Cheap and pure. */
  concerns?(event: WatchEvent): boolean
  /** Keys to plan at the start even where no object is there: what must exist. */
  readonly seeds?: readonly Ref[]
  /** Who Events are from; default: the name. */
  readonly component?: string
  /** A key is not planned again sooner than this after a pass; the default suits all but large, little-read objects. */
  readonly gapMs?: number
  /** At most this many keys side by side; default 5. */
  readonly workers?: number
  plan(input: PlanInput<T>): Plan
  /**
   * What to write down about a step that the server refused: a condition, an Event (`note`). Pure, like `plan`.
   * Conflicts and objects that are gone do not come here; the key is retried with back-off in any case.
   */
  onFailure?(input: PlanInput<T>, failure: Failure): readonly Step[]
}

export function defineController<T extends KubeObject>(controller: Controller<T>): Controller<T> {
  return controller
}
