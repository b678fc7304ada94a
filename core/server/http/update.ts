/** PUT of an object or a subresource. */
import type { User } from '../registry/registry.ts'
import { HttpCaller, type Api, type Target } from './api.ts'
import { sendObject } from './answers.ts'
import { readObject } from './decode-body.ts'
import type { Exchange } from './exchange.ts'
import { keyOf } from './get.ts'
import { queryOf, writeParams } from './options.ts'

export async function update(api: Api, exchange: Exchange, target: Target, user: User): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const params = writeParams(exchange, query, 'UpdateOptions', target.subresource)
  const body = await readObject(exchange, target.subresource === 'scale' ? 'Scale' : target.face.definition.kind)
  const caller = new HttpCaller(user)
  const answer = await api.registry.update(target.face, keyOf(target), body, params, caller)
  await sendObject(api, exchange, query, target.face, accepted, answer.created === true ? 201 : 200, answer, caller.warnings)
}
