/**
 * A write as a sentence: who it is about, and what is said. The actor speaks, but where the sentence is about the object
 * itself ("x2k7m is ready"), the object is its subject. Names a controller made are shortened to their telling end. Pure.
 */
import type { Ref } from '../../core/api/meta.ts'
import { actorOf } from '../cluster/actors.ts'

export interface Spoken { who: string; say: string; why: string }

/** The alphabet of generated names (upstream: apimachinery/pkg/util/rand), which leaves out vowels and look-alikes. */
const generated = '[bcdfghjklmnpqrstvwxz2456789]'
const podOfReplicaSet = new RegExp(`\\b[a-z0-9][a-z0-9.-]*-${generated}{6,10}-(${generated}{5})\\b`, 'g')
const sliceOfService = new RegExp(`^(.*)-${generated}{5}$`)
const ofContainer = new Set(['Ended', 'CrashLoopBackOff', 'Failed'])

export const shortNames = (text: string): string => text.replace(podOfReplicaSet, '$1')

/** A volume made for a claim is called by the claim's uid. */
const volumeOfClaim = /^(pvc-[0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f-]{17,}$/

export const shortRef = (ref: Pick<Ref, 'kind' | 'name'>): string =>
  ref.kind === 'PersistentVolume' ? ref.name.replace(volumeOfClaim, '$1') : ref.kind === 'Pod' ? shortNames(ref.name) : ref.kind === 'EndpointSlice' ? ref.name.replace(sliceOfService, '$1') : ref.name

export function spoken(step: { actor: string; code?: string; say: string; why: string; ref: Ref }): Spoken {
  const actor = actorOf(step.actor)
  const about = shortRef(step.ref)
  const say = predicate(shortNames(step.say))
  const why = shortNames(step.why).replace(/\(HTTP code \d+\) [^-]*- /, '')
  if (actor.person) return { who: actor.name, say, why }
  if (step.code === 'Registered') return { who: about, say: 'joined the cluster', why }
  if (say.startsWith(`${about} `)) return { who: about, say: say.slice(about.length + 1), why }
  if (step.ref.kind === 'EndpointSlice' || step.ref.kind === 'Endpoints') return { who: about, say, why }
  if (/^is /.test(step.say)) return { who: about, say, why }
  if (step.code !== undefined && ofContainer.has(step.code) && step.ref.kind === 'Pod') {
    const [container = '', ...rest] = say.split(' ')
    return { who: `${container} in ${about}`, say: rest.join(' '), why }
  }
  if (step.code === 'Started' && step.ref.kind === 'Pod') return { who: actor.name, say: say.endsWith(' and started it') ? `${say.replace(/ and started it$/, '')} and started ${about}` : `${say} in ${about}`, why }
  if (step.code === 'Unschedulable' || /^no node for /.test(say)) return { who: actor.name, say: say.replace(/^no node/, 'found no machine'), why }
  return { who: actor.name, say, why }
}

/** Controllers say what they are about as they would in a log: made a predicate, so that it reads after a name. */
const predicate = (say: string): string =>
  /^(waiting|starting|stopping|removing) /.test(say) ? `is ${say}` : say.replace(/^(\d+) of (\d+) replaced$/, 'replaced $1 of $2')

/** A state as the end of a sentence about its object: "is starting", "cannot pull nginx:1.2x". */
export const asVerb = (say: string): string => (/^no /.test(say) ? `waits: ${say}` : /^(cannot|exits|ends|ended|runs|ran|waits|prepares|needs|does|must|was|has|had|is|takes|restarted|keeps|allows|grows|gets|holds|leads)\b/.test(say) ? say : `is ${say}`)
