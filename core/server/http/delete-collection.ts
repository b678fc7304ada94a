/** DELETE of a collection: everything that the selectors match. */
import type { User } from '../registry/registry.ts'
import { HttpCaller, type Api, type Target } from './api.ts'
import { sendList } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { deleteParams, listParams, queryOf } from './options.ts'

export async function removeCollection(api: Api, exchange: Exchange, target: Target, user: User): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const params = await deleteParams(exchange, query)
  const answer = await api.registry.deleteCollection(target.face, listParams(query, target.namespace), params, new HttpCaller(user))
  await sendList(api, exchange, query, target.face, accepted, answer)
}
