/** Who acts, in words, as the feed names it: "You" for the person at this machine, a component's plain name for a component. Pure. */
import { actorOf } from '../cluster/actors.ts'

export const actorWords = (actor: string): string => actorOf(actor).name
export const byPerson = (actor: string): boolean => actorOf(actor).person
