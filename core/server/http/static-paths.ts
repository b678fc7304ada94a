/** Paths that are not resources: discovery, version, health, metrics, OpenAPI, and the list of them all. */
import { mediaType } from './decode-body.ts'
import { aggregatedType } from '../discovery/aggregated.ts'
import type { Discovery } from '../discovery/discovery.ts'
import { headersFor, sendText, sendValue } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { clauses, type Negotiator } from './negotiate.ts'
import { queryOf } from './options.ts'
import { notAllowed } from './router.ts'

export interface StaticPath {
  /** Answers anyone, as upstream's public-info role allows. */
  readonly open: boolean
  serve(exchange: Exchange): void | Promise<void>
}

export class StaticPaths {
  readonly #exact = new Map<string, StaticPath>()
  readonly #prefixes: { prefix: string; path: StaticPath }[] = []

  add(path: string, serve: StaticPath['serve'], open = false): void {
    this.#exact.set(path, { open, serve: (exchange) => (exchange.method === 'GET' || exchange.method === 'HEAD' ? serve(exchange) : Promise.reject(notAllowed())) })
  }

  addPrefix(prefix: string, serve: StaticPath['serve']): void {
    this.#prefixes.push({ prefix, path: { open: false, serve } })
  }

  find(path: string): StaticPath | undefined {
    // Resources are asked for most; none of these paths is as deep.
    const known = this.#exact.get(path)
    if (known !== undefined) return known
    if (path.length > 1 && path.endsWith('/')) return this.#exact.get(path.slice(0, -1))
    return this.#prefixes.find((p) => path.startsWith(p.prefix))?.path
  }

  list(): string[] {
    return [...this.#exact.keys()].filter((p) => p !== '/').sort()
  }
}

/** Whether a client that sent this Accept wants aggregated discovery before the legacy form. */
export function wantsAggregated(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes('APIGroupDiscoveryList')) return false
  for (const clause of clauses(accept)) {
    const as = clause.parameters.get('as')
    if (mediaType(clause.type) !== 'application/json') continue
    if (as === undefined) return false
    if (as === 'APIGroupDiscoveryList' && clause.parameters.get('g') === 'apidiscovery.k8s.io' && clause.parameters.get('v') === 'v2') return true
  }
  return false
}


export function addDiscovery(paths: StaticPaths, discovery: Discovery, negotiator: Negotiator): void {
  for (const [path, document] of discovery.documents) {
    const whole = discovery.aggregated.get(path)
    paths.add(path, async (exchange) => {
      const { accept } = exchange.headers
      if (whole === undefined || !wantsAggregated(accept)) {
        const headers = accept?.includes('as=') === true ? withoutParameters(accept) : accept
        await sendValue(exchange, queryOf(exchange), negotiator.accept(headers), 200, document)
        return
      }
      const headers = { ...headersFor(aggregatedType), etag: whole.etag, vary: 'Accept', 'cache-control': 'public' }
      if (exchange.headers['if-none-match'] === whole.etag) exchange.send(304, headers)
      else await sendText(exchange, 200, headers, whole.json)
    })
  }
}

/** Unknown transforms of discovery fall back to what else the client accepts. */
const withoutParameters = (accept: string) => accept.split(',').filter((part) => !part.includes('as=')).join(',')

export function addText(paths: StaticPaths, path: string, text: () => string | Promise<string>, open = false): void {
  paths.add(path, async (exchange) => exchange.send(200, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, await text()), open)
}
