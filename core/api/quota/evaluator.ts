/**
 * What one kind of object uses of a ResourceQuota: which names it counts under, how much each object uses, and whether
 * an object lies in a quota's scopes. Admission and the controller share these.
 * Upstream: apiserver/pkg/quota/v1/interfaces.go, generic/evaluator.go, pkg/quota/v1/evaluator/core.
 */
import type { Amounts } from '../amounts.ts'
import type { KubeObject, NewObject } from '../meta.ts'
import type { ScopedResourceSelectorRequirement } from '../types/core.ts'

export type Countable = KubeObject | NewObject

export interface Evaluator {
  readonly kind: string
  /** Whether amounts under this name of `spec.hard` count these objects. */
  counts(name: string): boolean
  /** What the object uses; `now` (ms) because a Pod that should be gone by now uses nothing more. */
  usage(object: Countable, now: number): Amounts
  /** Scopes that the kind does not know match nothing. */
  inScope(requirement: ScopedResourceSelectorRequirement, object: Countable): boolean
  /** What the object has to say to be counted under these names, where it does not: `must specify cpu for: web`. */
  complaint?(names: readonly string[], object: Countable): string | undefined
  /** Whether a change may make the object use more. Creations always count. */
  charges(subresource: string | undefined, object: Countable, old: Countable): boolean
}
