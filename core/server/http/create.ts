/** POST to a collection. */
import type { User } from '../registry/registry.ts'
import { HttpCaller, type Api, type Target } from './api.ts'
import { sendObject } from './answers.ts'
import { readObject } from './decode-body.ts'
import type { Exchange } from './exchange.ts'
import { queryOf, writeParams } from './options.ts'

export async function create(api: Api, exchange: Exchange, target: Target, user: User): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const params = writeParams(exchange, query, 'CreateOptions', target.subresource)
  const body = await readObject(exchange, target.face.definition.kind)
  const caller = new HttpCaller(user)
  const answer = await api.registry.create(target.face, target.namespace, body, params, caller)
  await sendObject(api, exchange, query, target.face, accepted, 201, answer, caller.warnings)
}
