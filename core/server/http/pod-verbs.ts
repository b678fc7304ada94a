/** Subresources of Pods (and Services: proxy; ServiceAccounts: token) with a verb of their own, over plain requests. The streaming ones need an upgrade (upgrade.ts). */
import { ApiError } from '../../api/status.ts'
import type { User } from '../registry/registry.ts'
import { HttpCaller, type Api, type Target } from './api.ts'
import { sendValue } from './answers.ts'
import { readObject } from './decode-body.ts'
import type { Exchange } from './exchange.ts'
import { keyOf } from './get.ts'
import { queryOf, writeParams } from './options.ts'
import { log } from './pods/log.ts'
import { podOf } from './pods/pod-target.ts'
import { proxy } from './proxy.ts'
import { notAllowed } from './router.ts'

export type OwnVerb = (api: Api, exchange: Exchange, target: Target, user: User) => Promise<void>

/** POST of a body of its own kind, answered with a Status. */
const post = (kind: string): OwnVerb => async (api, exchange, target, user) => {
  if (exchange.method !== 'POST') throw notAllowed()
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const params = writeParams(exchange, query, 'CreateOptions', undefined)
  const body = await readObject(exchange, kind)
  const caller = new HttpCaller(user)
  const status = await api.registry.createSubresource(target.face, keyOf(target), target.subresource ?? '', body, params, caller)
  await sendValue(exchange, query, accepted, status.code ?? 201, status, caller.warnings)
}

/** A token for a service account. */
const token: OwnVerb = async (api, exchange, target) => {
  if (exchange.method !== 'POST') throw notAllowed()
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const body = await readObject(exchange, 'TokenRequest')
  await sendValue(exchange, queryOf(exchange), accepted, 201, await api.registry.requestToken(keyOf(target), body))
}

const upgradeOnly: OwnVerb = async (api, exchange, target) => {
  if (exchange.method !== 'GET' && exchange.method !== 'POST') throw notAllowed()
  await podOf(api, target)
  throw new ApiError('BadRequest', 'Upgrade request required')
}

export const podVerbs: ReadonlyMap<string, OwnVerb> = new Map<string, OwnVerb>([
  ['log', log],
  ['binding', post('Binding')],
  ['eviction', post('Eviction')],
  ['exec', upgradeOnly],
  ['attach', upgradeOnly],
  ['portforward', upgradeOnly],
  ['proxy', proxy],
  ['token', token],
])
