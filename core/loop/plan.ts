/**
 * What a planner returns: frozen data, every step with its reason. One runner executes all plans (runner.ts); the why
 * panel, Kubernetes Events and the logs are three printings of the same reasons.
 */
import type { NewObject, Ref } from '../api/meta.ts'

export interface Reason {
  /** PascalCase, from the controller's closed set; also the Kubernetes Event's reason where `event` is set. */
  readonly code: string
  /** What is done or awaited, one sentence without a full stop, for people: "started revision 7 with 1 Pod". */
  readonly say: string
  /** Why, with both numbers compared: "3 wanted, 1 extra allowed while updating". */
  readonly why: string
  /** Objects looked at: the evidence. */
  readonly refs?: readonly Ref[]
  /** Present where upstream records a Kubernetes Event for this; the text is upstream's. `{name}` is replaced by the created object's name. */
  readonly event?: { readonly type: 'Normal' | 'Warning'; readonly message: string; readonly regarding?: Ref }
}

export type Step = { readonly because: Reason } & (
  | { readonly do: 'create'; readonly object: NewObject; /** An existing object of that name is fine. */ readonly tolerateExisting?: boolean }
  | { readonly do: 'patch'; readonly ref: Ref; /** RFC 7386; metadata.resourceVersion makes it conditional. */ readonly patch: Readonly<Record<string, unknown>>; readonly subresource?: string }
  | { readonly do: 'delete'; readonly ref: Ref; readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'; readonly gracePeriodSeconds?: number; /** Only in this very state. */ readonly resourceVersion?: string }
  /** Only records a Kubernetes Event (because.event) and the decision. */
  | { readonly do: 'note'; readonly ref: Ref }
)

export interface Plan {
  /**
   * Executed in order, except that neighbours of the same `do` and kind on different objects run side by side,
   * slow-started (1, 2, 4 …) for creates. The first error ends the pass and the key is retried.
   */
  readonly steps: readonly Step[]
  /** Plan again at this instant (ms epoch) even if nothing changes. */
  readonly requeueAt?: number
  /** The pass in one reason; also for "nothing to do, because …". */
  readonly because: Reason
}

export const nothing = (because: Reason, requeueAt?: number): Plan => ({ steps: [], because, ...(requeueAt === undefined ? {} : { requeueAt }) })
