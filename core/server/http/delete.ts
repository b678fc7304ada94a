/** DELETE of one object. */
import type { User } from '../registry/registry.ts'
import { HttpCaller, type Api, type Target } from './api.ts'
import { sendObject, sendValue } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { keyOf } from './get.ts'
import { deleteParams, queryOf } from './options.ts'

export async function remove(api: Api, exchange: Exchange, target: Target, user: User): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const params = await deleteParams(exchange, query)
  const { face } = target
  const caller = new HttpCaller(user)
  const answer = await api.registry.delete(face, keyOf(target), params, caller)
  if (!answer.gone || face.definition.deleteReturnsObject === true) {
    await sendObject(api, exchange, query, face, accepted, 200, answer, caller.warnings)
    return
  }
  const { name, uid } = answer.object.metadata
  const details = { name, ...(face.group === '' ? {} : { group: face.group }), kind: face.definition.plural, uid }
  await sendValue(exchange, query, accepted, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }, caller.warnings)
}

