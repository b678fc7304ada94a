/** What the journal says of a write: the caller's own reason, or for people a plain sentence about what they asked. */
import type { Cause } from '../store/store.ts'
import type { Caller, Face, Key } from './registry.ts'

export type Deed = 'created' | 'updated' | 'patched' | 'applied' | 'deleted'

const codes: Record<Deed, string> = { created: 'Created', updated: 'Updated', patched: 'Patched', applied: 'Applied', deleted: 'Deleted' }

/** Leases are nothing but heartbeats. */
const heartbeats = new Set(['Lease'])

export function causeOf(caller: Caller, deed: Deed, face: Face, key: Key, subresource?: string): Cause {
  const { kind } = face.definition
  const because = caller.because
  if (because !== undefined) return { actor: caller.actor, ...because, ...(because.quiet || heartbeats.has(kind) ? { quiet: true } : {}) }
  const what = `${kind} ${key.namespace === undefined ? '' : `${key.namespace}/`}${key.name}`
  return {
    actor: caller.actor,
    code: codes[deed],
    say: subresource === undefined ? `${deed} ${what}` : `${deed} the ${subresource} of ${what}`,
    why: `${caller.user.name} asked for it`,
    led: [],
    ...(heartbeats.has(kind) ? { quiet: true } : {}),
  }
}
