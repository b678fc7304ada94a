/**
 * The HTTP and HTTPS server in front of Services: finds each request's route, dials a ready endpoint, and hands both
 * directions on as streams. Protocol changes (WebSockets) are carried as they are. It listens only while there is an Ingress
 * to serve.
 */
import { request as sendRequest, type IncomingMessage, type OutgoingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, createServer as createTlsServer, type SecureContext, type Server as TlsServer, type TLSSocket } from 'node:tls'
import type { Secret } from '../../api/types/core.ts'
import type { Logger } from '../../base/log.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { backendsOf, type Place } from './backends.ts'
import { noAnswer, nothingLeads, noBackend, type Page } from './pages.ts'
import { certificateFor, find, hostOf, type Route, type RouteTable } from './routes.ts'

export interface DoorOptions {
  readonly snapshot: Snapshot
  readonly table: () => RouteTable
  readonly dial: (place: Place) => Promise<Duplex>
  /** Shown to clients of hosts that no Ingress has a certificate for. */
  readonly certificate: { readonly key: string; readonly cert: string }
  readonly log: Logger
}

/** Of one connection only. */
const hopHeaders: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])
const attempts = 3
const { createServer } = process.getBuiltinModule('node:http')

interface Chosen {
  readonly route: Route
  readonly place: Place
  readonly socket: Duplex
}

export class IngressDoor {
  readonly #options: DoorOptions
  readonly #http: Server
  readonly #tls: TlsServer
  readonly #sockets = new Set<Duplex>()
  readonly #contexts = new Map<string, { version: string; context: SecureContext }>()
  #turn = 0

  constructor(options: DoorOptions) {
    this.#options = options
    this.#http = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) => void this.#serve(request, response))
    this.#http.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head))
    this.#http.on('clientError', (_, socket) => void (socket.writable ? socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n') : socket.destroy()))
    this.#http.on('connection', (socket) => this.#keep(socket))
    this.#tls = createTlsServer({ ...options.certificate, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], SNICallback: (name, done) => done(null, this.#contextFor(name)) })
    this.#tls.on('secureConnection', (socket: TLSSocket) => this.#http.emit('connection', socket))
    this.#tls.on('tlsClientError', (_, socket) => socket.destroy())
  }

  /** Rejects with EADDRINUSE or EACCES where the port is not to be had. */
  listen(kind: 'http' | 'https', host: string, port: number): Promise<number> {
    const server = kind === 'http' ? this.#http : this.#tls
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        server.on('error', (error) => this.#options.log.error('the ingress listener failed', { error: error.message }))
        resolve((server.address() as AddressInfo).port)
      })
    })
  }

  async close(): Promise<void> {
    const closed = [this.#http, this.#tls].filter((server) => server.listening).map((server) => new Promise<void>((done) => server.close(() => done())))
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }

  #contextFor(host: string): SecureContext | undefined {
    const found = certificateFor(this.#options.table(), host.toLowerCase())
    const secret = found && this.#options.snapshot.get<Secret>('Secret', found.namespace, found.secret)
    const { 'tls.crt': cert, 'tls.key': key } = secret?.data ?? {}
    if (!secret || !cert || !key) return undefined
    const known = this.#contexts.get(secret.metadata.uid)
    if (known?.version === secret.metadata.resourceVersion) return known.context
    try {
      const context = createSecureContext({ cert: Buffer.from(cert, 'base64'), key: Buffer.from(key, 'base64'), minVersion: 'TLSv1.2' })
      this.#contexts.set(secret.metadata.uid, { version: secret.metadata.resourceVersion, context })
      return context
    } catch (error) {
      this.#options.log.warn('a certificate cannot be used', { secret: `${found.namespace}/${found.secret}`, error: String(error) })
      return undefined
    }
  }

  /** Where a request goes, with the connection open; or the page that says why it goes nowhere. */
  async #choose(request: IncomingMessage): Promise<Chosen | Page> {
    const { snapshot, table: current, dial } = this.#options
    const table = current()
    const host = hostOf(request.headers.host)
    const path = pathOf(request)
    const route = find(table, host, path)
    if (route === undefined) return nothingLeads(table, host, path)
    const backends = backendsOf(route.backend, route.ingress.namespace ?? '', snapshot)
    if ('say' in backends) return noBackend(route.ingress, host, path, backends.say, backends.why)
    const { places, sticky } = backends
    const first = sticky ? hash(request.socket.remoteAddress ?? '') : this.#turn++
    let failure = ''
    let tried = ''
    for (let i = 0; i < Math.min(attempts, places.length); i++) {
      const place = places[(first + i) % places.length]!
      tried = place.pod ? `Pod ${place.pod.metadata.name}, port ${place.port}` : `${place.address}:${place.port}`
      try {
        return { route, place, socket: await dial(place) }
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error)
      }
    }
    return noAnswer(route.ingress, host, path, tried, failure)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chosen = await this.#choose(request)
    if ('code' in chosen) return show(response, chosen)
    const { route, place, socket } = chosen
    // The stream of the answer tells of the failure; the socket beneath may fail as well.
    socket.on('error', () => {})
    if (response.destroyed) return void socket.destroy()
    const onward = sendRequest({ createConnection: () => socket, method: request.method, path: request.url, headers: { ...forwarded(request), connection: 'close' }, setHost: false })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer))
      answer.on('error', () => response.destroy())
      answer.on('aborted', () => response.destroy())
      answer.pipe(response)
    })
    onward.on('error', (error) => {
      if (response.headersSent) response.destroy()
      else show(response, noAnswer(route.ingress, hostOf(request.headers.host), pathOf(request), place.pod ? `Pod ${place.pod.metadata.name}, port ${place.port}` : place.address, error.message))
    })
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    const chosen = await this.#choose(request)
    if ('code' in chosen) {
      socket.end(`HTTP/1.1 ${chosen.code} ${chosen.code === 404 ? 'Not Found' : 'Service Unavailable'}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(chosen.text)}\r\nConnection: close\r\n\r\n${chosen.text}`)
      return
    }
    const onward = chosen.socket
    onward.on('error', () => socket.destroy())
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
    const headers = { ...forwarded(request), connection: 'Upgrade', upgrade: request.headers.upgrade ?? '' }
    const lines = Object.entries(headers).flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${String(one)}`))
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    if (head.length > 0) onward.write(head)
    socket.pipe(onward)
    onward.pipe(socket)
  }
}

const pathOf = ({ url = '/' }: IncomingMessage): string => {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/** The client's headers, and what the Pod is to know of the client. */
function forwarded(request: IncomingMessage): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && !hopHeaders.has(name)) headers[name] = value
  const client = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const before = request.headers['x-forwarded-for']
  headers['x-forwarded-for'] = before === undefined ? client : `${String(before)}, ${client}`
  headers['x-forwarded-proto'] = 'encrypted' in request.socket ? 'https' : 'http'
  headers['x-forwarded-host'] = request.headers.host ?? ''
  headers['x-real-ip'] = client
  return headers
}

function answerHeaders(answer: IncomingMessage): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined && !hopHeaders.has(name)) headers[name] = value
  return headers
}

function show(response: ServerResponse, { code, text }: Page): void {
  if (response.destroyed) return
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...(code === 404 ? {} : { 'retry-after': '2' }) })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

/** FNV-1a: the same client keeps its place while the places stay. */
function hash(text: string): number {
  let value = 2_166_136_261
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619) >>> 0
  return value
}
