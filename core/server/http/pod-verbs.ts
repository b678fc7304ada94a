/** Subresources with a verb of their own, by name. */
import type { User } from '../registry.ts'
import type { Api, Target } from './api.ts'
import type { Exchange } from './exchange.ts'

export type OwnVerb = (api: Api, exchange: Exchange, target: Target, user: User) => Promise<void>

export const podVerbs: ReadonlyMap<string, OwnVerb> = new Map<string, OwnVerb>([])
