/** /openapi/v2 and /openapi/v3: the documents are made by openapi/; this file only knows paths, hashes and caching. */
import type { OpenApi, PublishedDocument } from '../openapi/openapi.ts'
import { headersFor, sendText } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { queryOf } from './options.ts'
import { notServed } from './router.ts'
import type { StaticPaths } from './static-paths.ts'

const prefix = '/openapi/v3/'
const forever = 'public, immutable, max-age=31536000'

export function addOpenApi(paths: StaticPaths, documents: OpenApi): void {
  paths.add('/openapi/v2', (exchange) => {
    if (!wantsProtobuf(exchange)) return send(exchange, documents.v2(), undefined)
    exchange.send(200, { 'content-type': protobufType, etag: `"${documents.v2().hash}"`, vary: 'Accept' }, Buffer.from(documents.v2Protobuf()))
  })
  paths.add('/openapi/v3', (exchange) => {
    const index = Object.fromEntries(documents.groupVersions.map((gv) => [gv, { serverRelativeURL: `${prefix}${gv}?hash=${documents.v3(gv)?.hash ?? ''}` }]))
    return sendText(exchange, 200, headersFor('application/json'), JSON.stringify({ paths: index }))
  })
  paths.addPrefix(prefix, (exchange) => {
    const document = documents.v3(exchange.path.slice(prefix.length))
    if (document === undefined) throw notServed()
    const asked = queryOf(exchange).get('hash')
    if (asked !== null && asked !== document.hash) {
      exchange.send(301, { location: `${exchange.path}?hash=${document.hash}` })
      return
    }
    return send(exchange, document, asked === null ? undefined : forever)
  })
}

/** Some clients ask for nothing else; the media type is spelt in two ways. */
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const wantsProtobuf = (exchange: Exchange) => /^application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/.test(exchange.headers.accept ?? '')

function send(exchange: Exchange, document: PublishedDocument, caching: string | undefined): void | Promise<void> {
  const etag = `"${document.hash}"`
  const headers = { ...headersFor('application/json'), etag, vary: 'Accept', ...(caching === undefined ? {} : { 'cache-control': caching }) }
  if (exchange.headers['if-none-match'] === etag) {
    exchange.send(304, headers)
    return
  }
  return sendText(exchange, 200, headers, document.json)
}
