/** GET of one object or of its status. */
import type { Api, Target } from './api.ts'
import { sendObject } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { queryOf } from './options.ts'

export async function get(api: Api, exchange: Exchange, target: Target): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const query = queryOf(exchange)
  const resourceVersion = query.get('resourceVersion')
  const answer = await api.registry.get(
    target.face,
    keyOf(target),
    resourceVersion === null && target.subresource === undefined
      ? undefined
      : { ...(resourceVersion === null ? {} : { resourceVersion }), ...(target.subresource === undefined ? {} : { subresource: target.subresource }) },
  )
  await sendObject(api, exchange, query, target.face, accepted, 200, answer)
}

export const keyOf = (target: Target) =>
  target.namespace === undefined ? { name: target.name ?? '' } : { namespace: target.namespace, name: target.name ?? '' }
