/** What the journal says of a write: the caller's own reason; without one, only who it was and which verb. */
import type { Cause } from '../store/store.ts'
import type { Caller, Face } from './registry/registry.ts'

export type Deed = 'created' | 'updated' | 'patched' | 'applied' | 'deleted'

const codes: Record<Deed, string> = { created: 'Created', updated: 'Updated', patched: 'Patched', applied: 'Applied', deleted: 'Deleted' }

/** Leases are nothing but heartbeats. */
const heartbeats = new Set(['Lease'])

export function causeOf(caller: Caller, deed: Deed, face: Face): Cause {
  const { kind } = face.definition
  const because = caller.because
  if (because !== undefined) return { actor: caller.actor, ...because, ...(because.quiet || heartbeats.has(kind) ? { quiet: true } : {}) }
  return {
    actor: caller.actor,
    code: codes[deed],
    // A person's request says what it does by what it changes; the journal finds the words (window/journal/say-change.ts).
    say: '',
    why: '',
    led: [],
    ...(heartbeats.has(kind) ? { quiet: true } : {}),
  }
}
