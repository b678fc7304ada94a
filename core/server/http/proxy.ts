/**
 * pods/proxy and services/proxy: a request handed to a port of a Pod, or to one ready Pod behind a Service, and its answer
 * handed back (upstream: apimachinery/pkg/util/proxy, pkg/registry/core/{pod,service}). Requests that change protocols are
 * not carried.
 */
import { request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect as connectTcp } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { connect as connectTls } from 'node:tls'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ApiError } from '../../api/status.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Pod, Service } from '../../api/types/core.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import type { Api, Target } from './api.ts'
import type { Exchange } from './exchange.ts'
import { placed } from './pods/pod-target.ts'
import { rewriteLink, rewritePage, type ProxiedFrom } from './proxy-links.ts'
import { notAllowed } from './router.ts'

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Bodies are read whole before they are sent on. */
const bodyLimitBytes = 64 * 1024 * 1024
/** What belongs to one connection only, and what the API server alone may read. */
const ownHeaders: ReadonlySet<string> = new Set(['authorization', 'connection', 'content-length', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

interface Place {
  readonly host: string
  readonly secure: boolean
  open(): Promise<Duplex>
}

export async function proxy(api: Api, exchange: Exchange, target: Target): Promise<void> {
  if (!methods.has(exchange.method)) throw notAllowed()
  const query = exchange.query === '' ? '' : `?${exchange.query}`
  if (target.rest === undefined && (exchange.method === 'GET' || exchange.method === 'HEAD')) {
    // Relative links on the page must stay below it.
    exchange.send(301, { location: `${exchange.path}/${query}` })
    return
  }
  const place = await (target.face.definition.kind === 'Pod' ? podPlace(api, target) : servicePlace(api, target))
  const body = await exchange.readBody(bodyLimitBytes)
  const answer = await ask(place, exchange, `${target.rest ?? '/'}${query}`, body)
  const headers = passedOn(answer.headers)
  const rest = target.rest ?? ''
  const from: ProxiedFrom = { prefix: exchange.path.slice(0, exchange.path.length - rest.length), hosts: [place.host, ...ownHosts(exchange)] }
  if (answer.headers.location !== undefined) headers['location'] = rewriteLink(answer.headers.location, from)
  const code = answer.statusCode ?? 502
  if (exchange.method !== 'HEAD' && isPage(answer)) {
    try {
      const bytes = await buffer(answer)
      const packed = answer.headers['content-encoding'] === 'gzip'
      const text = rewritePage((packed ? gunzipSync(bytes) : bytes).toString('latin1'), from)
      exchange.send(code, headers, packed ? gzipSync(Buffer.from(text, 'latin1')) : Buffer.from(text, 'latin1'))
    } catch (error) {
      throw new ApiError('ServiceUnavailable', `error trying to reach service: ${error instanceof Error ? error.message : String(error)}`)
    }
    return
  }
  const outlet = exchange.open(code, headers)
  await pipeline(answer, outlet).catch(() => answer.destroy())
}

/** A page as text that can be read; in its bytes, so that its encoding does not matter. */
const isPage = ({ headers }: IncomingMessage): boolean => /^text\/html\b/i.test(headers['content-type'] ?? '') && [undefined, '', 'identity', 'gzip'].includes(headers['content-encoding'])

const ownHosts = ({ headers }: Exchange): string[] => [headers.host, headers[':authority']].filter((host) => typeof host === 'string')

async function ask(place: Place, exchange: Exchange, path: string, body: Buffer): Promise<IncomingMessage> {
  try {
    const plain = await place.open()
    const socket = place.secure ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain
    // The encrypted stream tells of the failure; what is beneath it may fail as well.
    plain.on('error', () => {})
    return await new Promise((resolve, reject) => {
      const headers: OutgoingHttpHeaders = { ...passedOn(exchange.headers), host: place.host, connection: 'close', ...(body.length > 0 ? { 'content-length': body.length } : {}) }
      const sent = request({ createConnection: () => socket, method: exchange.method, path, headers }, resolve)
      sent.on('error', reject)
      sent.end(body)
    })
  } catch (error) {
    throw new ApiError('ServiceUnavailable', `error trying to reach service: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const passedOn = (headers: IncomingHttpHeaders): Record<string, string | string[]> => {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !name.startsWith(':') && !ownHeaders.has(name)) kept[name] = value
  return kept
}

/** `name`, `name:port` or `scheme:name:port`; the port may be empty. */
function split(text: string): { secure: boolean; name: string; port: string } {
  const parts = text.split(':')
  const [scheme, name, port] = parts.length === 3 ? parts : ['', parts[0], parts[1]]
  if (parts.length > 3 || !name || !['', 'http', 'https'].includes(scheme!)) throw new ApiError('BadRequest', `invalid proxy target ${JSON.stringify(text)}`)
  return { secure: scheme === 'https', name, port: port ?? '' }
}

async function find<T extends KubeObject>(api: Api, target: Target, name: string): Promise<T> {
  const { object } = await api.registry.get(target.face, { ...(target.namespace === undefined ? {} : { namespace: target.namespace }), name })
  // The face says which kind it is, and the registry validated it.
  return object as KubeObject as T
}

async function podPlace(api: Api, target: Target): Promise<Place> {
  const { secure, name, port } = split(target.name ?? '')
  const pod = await find<Pod>(api, target, name)
  const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort
  const number = port === '' ? (declared ?? (secure ? 443 : 80)) : Number(port)
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new ApiError('BadRequest', `invalid port ${JSON.stringify(port)}`)
  if (!pod.status?.podIP) throw new ApiError('BadRequest', `address not allowed: pod ${name} has no address`)
  return toPod(api, pod, number, secure)
}

function toPod(api: Api, pod: Pod, port: number, secure: boolean): Place {
  const place = placed(pod)
  if (place === undefined) throw new ApiError('BadRequest', `pod ${pod.metadata.name} does not have a host assigned`)
  return { host: `${pod.status?.podIP ?? pod.metadata.name}:${port}`, secure, open: () => api.podAccess.dial(place, port) }
}

async function servicePlace(api: Api, target: Target): Promise<Place> {
  const { secure, name, port } = split(target.name ?? '')
  const service = await find<Service>(api, target, name)
  const ports = service.spec.ports ?? []
  const wanted = port === '' ? (ports.length === 1 ? ports[0] : undefined) : ports.find((one) => one.name === port || String(one.port) === port)
  if (wanted === undefined) throw new ApiError('ServiceUnavailable', `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`)
  const slices = await listed<EndpointSlice>(api, 'EndpointSlice', target.namespace ?? '', `kubernetes.io/service-name=${name}`)
  const backends = slices.flatMap(({ ports: offered = [], endpoints = [] }) =>
    offered.filter((one) => (one.name ?? '') === (wanted.name ?? '') && one.port !== undefined).flatMap(({ port: number }) => endpoints.filter(({ conditions }) => conditions?.ready !== false).map((endpoint) => ({ endpoint, number: number! }))),
  )
  const chosen = backends[Math.floor(Math.random() * backends.length)]
  if (chosen === undefined) throw new ApiError('ServiceUnavailable', `no endpoints available for service ${JSON.stringify(target.name ?? name)}`)
  const { endpoint, number } = chosen
  if (endpoint.targetRef?.kind === 'Pod') {
    const podFace = api.registry.faces.find(({ definition }) => definition.kind === 'Pod')!
    const pod = await find<Pod>(api, { face: podFace, namespace: target.namespace ?? '' }, endpoint.targetRef.name ?? '')
    return toPod(api, pod, number, secure)
  }
  const ip = endpoint.addresses[0]!
  return { host: `${ip}:${number}`, secure, open: async () => connectTcp({ host: ip, port: number }) }
}

async function listed<T extends KubeObject>(api: Api, kind: string, namespace: string, labelSelector: string): Promise<T[]> {
  const face = api.registry.faces.find(({ definition }) => definition.kind === kind)!
  const { items } = await api.registry.list(face, { namespace, labelSelector })
  return items.map(({ object }) => object as KubeObject as T)
}
