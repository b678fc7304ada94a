/**
 * The API server's network door: everything that is needed to answer kubectl, put together. cluster.ts calls this once;
 * it ends with the scope.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Scope } from '../../base/scope.ts'
import type { Authority } from '../auth/authority.ts'
import { discoveryOf } from '../discovery/discovery.ts'
import type { OpenApi } from '../openapi/openapi.ts'
import type { PodAccess } from '../pod-access.ts'
import type { Registry } from '../registry/registry.ts'
import type { Api } from './api.ts'
import { sendValue } from './answers.ts'
import { addCustomMetrics, customMetricsGroup, type CustomMetricsSource } from './custom-metrics.ts'
import { addExternalMetrics, externalMetricsGroup, type ExternalMetricsSource } from './external-metrics.ts'
import { dispatch, type Doors } from './dispatch.ts'
import { EventEncoder } from './event-encoder.ts'
import { EventLoopDelay } from './event-loop-delay.ts'
import { addHealth, type HealthCheck } from './health.ts'
import { addIssuer } from './issuer.ts'
import { ListCache } from './list-cache.ts'
import { Listeners } from './listeners.ts'
import { metricsText } from './metrics.ts'
import { Negotiator } from './negotiate.ts'
import { addOpenApi } from './openapi.ts'
import { queryOf } from './options.ts'
import { Router } from './router.ts'
import { addDiscovery, addText, StaticPaths } from './static-paths.ts'
import { upgrade } from './upgrade.ts'
import { versionInfo } from './version.ts'

export interface ServeOptions {
  readonly registry: Registry
  readonly podAccess: PodAccess
  readonly authority: Authority
  readonly openApi: OpenApi
  readonly clock: Clock
  readonly log: Logger
  readonly scope: Scope
  /** Orrery's own, for /version. */
  readonly version: string
  /** Addresses to listen on, e.g. 127.0.0.1 and the gateway of the Pods' bridge. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Asked for by the user: then a taken port is an error instead of the next one. */
  readonly portIsExplicit: boolean
  readonly health: readonly HealthCheck[]
  readonly customMetrics?: CustomMetricsSource
  readonly externalMetrics?: ExternalMetricsSource
}

export interface ApiServer {
  readonly port: number
  readonly addresses: readonly { host: string; port: number }[]
  /** `https://127.0.0.1:6443` */
  readonly url: string
  /** One more address on the same port. */
  listenAlso(host: string): Promise<void>
  /** Uses another server certificate for new connections. */
  renew(authority: Authority): void
}

const stopGraceMs = 300

export async function serveApi(options: ServeOptions): Promise<ApiServer> {
  const { registry, clock, log } = options
  const scope = options.scope.child('http')
  const api: Api = {
    registry,
    clock,
    log,
    podAccess: options.podAccess,
    negotiator: new Negotiator(),
    events: new EventEncoder(),
    lists: new ListCache(),
    printers: new Map(),
    signal: scope.signal,
  }
  const paths = new StaticPaths()
  const doors: Doors = { api, paths, router: new Router(registry.faces) }
  const listeners = new Listeners(
    {
      onExchange: (exchange) => void dispatch(doors, exchange),
      onUpgrade: (request, socket, head, proof) => void upgrade(doors, request, socket, head, proof),
    },
    options.authority,
    log,
  )
  await listeners.listen(options.hosts, options.port, options.portIsExplicit)
  scope.add('listeners', () => listeners.close(stopGraceMs))
  const host = reachable(options.hosts[0]!)
  const address = `${host.includes(':') ? `[${host}]` : host}:${listeners.port}`
  const startedAtMs = clock.now()
  const { customMetrics, externalMetrics } = options
  addDiscovery(paths, discoveryOf(registry.faces, address, [...(customMetrics ? [customMetricsGroup] : []), ...(externalMetrics ? [externalMetricsGroup] : [])]), api.negotiator)
  if (customMetrics) addCustomMetrics(paths, customMetrics, api.negotiator)
  if (externalMetrics) addExternalMetrics(paths, externalMetrics, api.negotiator)
  addHealth(paths, options.health)
  addOpenApi(paths, options.openApi)
  if (registry.tokens !== undefined) addIssuer(paths, registry.tokens.key)
  const version = JSON.stringify(versionInfo(options.version, process.platform, process.arch), null, 2)
  paths.add('/version', (exchange) => exchange.send(200, { 'content-type': 'application/json' }, version), true)
  const delay = new EventLoopDelay(clock)
  scope.add('event-loop delay', () => delay.stop())
  addText(paths, '/metrics', () => metricsText(registry, { connections: () => listeners.connections }, delay, startedAtMs))
  paths.add('/', (exchange) => sendValue(exchange, queryOf(exchange), api.negotiator.accept(exchange.headers.accept), 200, { paths: paths.list() }))
  return {
    get port() {
      return listeners.port
    },
    get addresses() {
      return listeners.addresses
    },
    url: `https://${address}`,
    listenAlso: (more) => listeners.also(more),
    renew: (authority) => listeners.renew(authority),
  }
}

/** Listening everywhere is no address to dial. */
const reachable = (host: string) => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)
