/** What every part of the cluster is given. */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'

export interface Part {
  readonly clock: Clock
  readonly log: Logger
  /** What a part adds here is ended with the cluster, in reverse order. */
  readonly scope: Scope
}
