/** Sends what the verbs found, in the form the client accepts. The plain JSON form is the stored text, unparsed. */
import type { KubeObject } from '../../api/meta.ts'
import { apiVersionOf } from '../../api/kind.ts'
import { ApiError, type Status } from '../../api/status.ts'
import type { Answer, Face, ListAnswer } from '../registry/registry.ts'
import { includeObjectOf, partialObject, TablePrinter } from '../table/table.ts'
import type { Api } from './api.ts'
import type { AnswerHeaders, Exchange } from './exchange.ts'
import { compress } from './gzip.ts'
import type { Accepted } from './negotiate.ts'
import { flag, type Query } from './options.ts'
import { printYaml } from './yaml.ts'

/** The longest warning texts that still pass whole; beyond it each is cut (upstream: apiserver/pkg/endpoints/filters/warning.go). */
const warningLimitBytes = 4096
const cutWarningChars = 256

export function headersFor(type: string, warnings?: readonly string[]): AnswerHeaders {
  const headers: AnswerHeaders = { 'content-type': type, 'cache-control': 'no-cache, private' }
  if (warnings !== undefined && warnings.length > 0) {
    const unique = [...new Set(warnings)]
    const cut = unique.reduce((sum, w) => sum + w.length, 0) > warningLimitBytes
    headers['warning'] = unique.map((w) => {
      const shown = cut ? [...w].slice(0, cutWarningChars).join('') : w
      return `299 - "${shown.replace(/[\\"]/g, '\\$&').replace(/[^\x20-\x7e]/g, (c) => (c < ' ' ? ' ' : encodeURIComponent(c)))}"`
    })
  }
  return headers
}

/** `?pretty`, or a client that a person reads directly. */
export function wantsPretty(exchange: Exchange, query: Query): boolean {
  const asked = flag(query, 'pretty')
  if (asked !== undefined) return asked
  const agent = exchange.headers['user-agent']
  return agent !== undefined && (agent.startsWith('curl/') || agent.startsWith('Mozilla/5.0') || agent.startsWith('Wget/'))
}

export async function sendObject(api: Api, exchange: Exchange, query: Query, face: Face, accepted: Accepted, code: number, answer: Answer, warnings?: readonly string[]): Promise<void> {
  if (accepted.as === 'object' && accepted.format === 'json' && !wantsPretty(exchange, query)) {
    await sendText(exchange, code, headersFor('application/json', warnings), `${answer.json}\n`)
    return
  }
  const shown = shapeOne(api, query, face, accepted, answer.object)
  await sendValue(exchange, query, accepted, code, shown, warnings)
}

function shapeOne(api: Api, query: Query, face: Face, accepted: Accepted, object: KubeObject): unknown {
  if (accepted.as === 'metadata') return partialObject(object, accepted.version)
  if (accepted.as === 'table' && isOfFace(object, face) && isStored(face)) {
    return printerOf(api, face).table([object], { resourceVersion: object.metadata.resourceVersion }, includeObjectOf(query.get('includeObject')), accepted.version, api.clock.now())
  }
  if (accepted.as === 'table') throw new ApiError('NotAcceptable', 'the resource has no table form')
  return object
}

/** A subresource may answer with another kind (Scale), which has no columns here. */
const isOfFace = (object: KubeObject, face: Face) => object.kind === face.definition.kind

/** A review is answered and forgotten: it has no name to show in a row. */
const isStored = (face: Face) => face.definition.verbs?.includes('get') ?? true

export const printerOf = (api: Api, face: Face): TablePrinter => {
  const known = api.printers.get(face)
  if (known !== undefined) return known
  const made = new TablePrinter(face)
  api.printers.set(face, made)
  return made
}

/** Any value that is not worth a special path: Status objects, discovery, tables. */
export async function sendValue(exchange: Exchange, query: Query, accepted: Accepted, code: number, value: unknown, warnings?: readonly string[]): Promise<void> {
  if (accepted.format === 'yaml') {
    await sendText(exchange, code, headersFor('application/yaml', warnings), await printYaml(value))
  } else {
    await sendText(exchange, code, headersFor('application/json', warnings), `${wantsPretty(exchange, query) ? JSON.stringify(value, null, 2) : JSON.stringify(value)}\n`)
  }
}

export async function sendList(api: Api, exchange: Exchange, query: Query, face: Face, accepted: Accepted, answer: ListAnswer): Promise<void> {
  await sendValue(exchange, query, accepted, 200, shapeMany(api, query, face, accepted, answer, listMetadata(answer)))
}

function listMetadata(answer: ListAnswer): Record<string, unknown> {
  const metadata: Record<string, unknown> = { resourceVersion: String(answer.revision) }
  if (answer.continue !== undefined) metadata['continue'] = answer.continue
  if (answer.remaining !== undefined) metadata['remainingItemCount'] = answer.remaining
  return metadata
}

/** The stored texts of the items, one after another, inside the list's own. */
export function listText(face: Face, answer: ListAnswer): string {
  const { items } = answer
  let text = `{"kind":"${face.definition.kind}List","apiVersion":"${apiVersionOf(face)}","metadata":${JSON.stringify(listMetadata(answer))},"items":[`
  for (let i = 0; i < items.length; i++) text += i === 0 ? items[i]!.json : `,${items[i]!.json}`
  return `${text}]}\n`
}

function shapeMany(api: Api, query: Query, face: Face, accepted: Accepted, answer: ListAnswer, metadata: Record<string, unknown>): unknown {
  const objects = answer.items.map((i) => i.object)
  if (accepted.as === 'table') {
    return printerOf(api, face).table(objects, metadata, includeObjectOf(query.get('includeObject')), accepted.version, api.clock.now())
  }
  if (accepted.as === 'metadata') {
    return { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accepted.version}`, metadata, items: objects.map((o) => partialObject(o, accepted.version)) }
  }
  return { kind: `${face.definition.kind}List`, apiVersion: apiVersionOf(face), metadata, items: objects }
}

export async function sendText(exchange: Exchange, code: number, headers: AnswerHeaders, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  const packed = await compress(bytes, exchange.headers['accept-encoding'])
  if (packed !== undefined) {
    headers['content-encoding'] = 'gzip'
    headers['vary'] = 'Accept-Encoding'
  }
  exchange.send(code, headers, packed ?? bytes)
}

function sendStatus(exchange: Exchange, code: number, status: Status, extra?: AnswerHeaders): void {
  exchange.send(code, { ...headersFor('application/json'), ...extra }, `${JSON.stringify(status)}\n`)
}

export function sendError(exchange: Exchange, error: ApiError): void {
  const retry = error.details?.retryAfterSeconds
  sendStatus(exchange, error.code, error.toStatus(), retry === undefined || retry <= 0 ? undefined : { 'retry-after': String(retry) })
}
