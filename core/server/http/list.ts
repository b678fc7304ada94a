/** GET of a collection. */
import type { Api, Target } from './api.ts'
import { headersFor, listText, sendList, wantsPretty } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { compress } from './gzip.ts'
import { listParams, type Query } from './options.ts'

export async function list(api: Api, exchange: Exchange, target: Target, query: Query): Promise<void> {
  const accepted = api.negotiator.accept(exchange.headers.accept)
  const { registry, lists } = api
  const plain = accepted.as === 'object' && accepted.format === 'json' && !wantsPretty(exchange, query)
  const encoding = exchange.headers['accept-encoding']
  const key = `${exchange.path}?${exchange.query}`
  const kept = plain && encoding?.includes('gzip') === true ? lists.get(key, registry.revision) : undefined
  if (kept !== undefined) {
    sendPacked(exchange, kept)
    return
  }
  const answer = await registry.list(target.face, listParams(query, target.namespace))
  if (!plain) {
    await sendList(api, exchange, query, target.face, accepted, answer)
    return
  }
  const bytes = Buffer.from(listText(target.face, answer))
  const packed = await compress(bytes, encoding)
  if (packed === undefined) {
    exchange.send(200, headersFor('application/json'), bytes)
    return
  }
  lists.put(key, answer.revision, packed, registry.revision)
  sendPacked(exchange, packed)
}

function sendPacked(exchange: Exchange, packed: Buffer): void {
  exchange.send(200, { ...headersFor('application/json'), 'content-encoding': 'gzip', vary: 'Accept-Encoding' }, packed)
}
