/** Who acts, in words: "You" for a person, a component's plain name for a component. Pure. */
import { actorOf } from '../cluster/actors.ts'

export const actorWords = (actor: string): string => actorOf(actor).name
export const byPerson = (actor: string): boolean => actor.startsWith('user:')
