/** GET of a collection. */
import type { Api, Target } from './api.ts'
import { sendList } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { listParams, type Query } from './options.ts'

export async function list(api: Api, exchange: Exchange, target: Target, query: Query): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const answer = await api.registry.list(target.face, listParams(query, target.namespace))
  await sendList(api, exchange, query, target.face, accepted, answer)
}
