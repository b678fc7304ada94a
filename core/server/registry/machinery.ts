/** What every generic verb works with. Built once by the registry. */
import type { Clock } from '../../base/clock.ts'
import type { SchemaFacts } from '../../api/schema/facts.ts'
import type { Store } from '../../store/store.ts'
import type { Admission } from '../admission/admission.ts'
import type { Entries } from './entries.ts'
import type { Identities } from './identities.ts'
import type { Tracker } from '../apply/tracker.ts'
import type { Face } from './registry.ts'

export interface Machinery {
  readonly store: Store
  readonly clock: Clock
  readonly facts: SchemaFacts
  readonly entries: Entries
  readonly admission: readonly Admission[]
  readonly tracker: Tracker
  readonly identities: Identities
  /** The storage face of a kind. */
  kind(kind: string): Face
}
