/** State of a claim on devices in words: which devices it has and where, who uses them, or what it waits for. */
import type { DeviceClass, ResourceClaim } from '../types/resource.ts'
import { count } from './sentences.ts'
import type { StateView } from './view.ts'
import type { StateWords } from './words.ts'

export function resourceClaimState({ metadata, spec, status }: ResourceClaim, snapshot: StateView): StateWords {
  const users = (status?.reservedFor ?? []).map(({ name }) => name)
  const used = users.length === 0 ? 'no Pod uses it' : `used by ${users.length === 1 ? users[0]! : count(users.length, 'Pod')}`
  if (metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: users.length > 0 ? 'waits to be deleted' : 'being removed', ...(users.length > 0 ? { why: used } : {}) }
  const results = status?.allocation?.devices?.results ?? []
  if (status?.allocation) {
    const first = results[0]
    const say = results.length === 0 ? 'has what it asked for' : results.length === 1 ? `has ${first!.device} of ${first!.pool}` : `has ${count(results.length, 'device')}`
    return { mark: 'ready', say, why: used }
  }
  const classes = (spec.devices?.requests ?? []).flatMap(({ exactly, firstAvailable }) => (exactly ? [exactly.deviceClassName] : firstAvailable && firstAvailable.length > 0 ? [firstAvailable[0]!.deviceClassName] : []))
  const unknown = classes.find((name) => !snapshot.get<DeviceClass>('DeviceClass', undefined, name))
  if (unknown !== undefined) return { mark: 'failing', say: 'gets no device', why: `there is no device class ${unknown}` }
  return { mark: 'waiting', say: 'waits for its first consumer', why: 'devices are chosen together with the machine of the first Pod that uses it' }
}
