/**
 * TLS listeners on one port of several addresses, HTTP/2 and 1.1 by ALPN. Each connection is asked for a client
 * certificate once; what it proved goes along with each of its requests.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { constants, performServerHandshake, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import type { Logger } from '../../base/log.ts'
import type { Authority } from '../auth/authority.ts'
import { proofOf, type Proof } from '../auth/identity.ts'
import type { Exchange } from './exchange.ts'
import { Http1Exchange } from './http1-exchange.ts'
import { Http2Exchange } from './http2-exchange.ts'

export interface Connections {
  onExchange(exchange: Exchange): void
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, proof: Proof): void
}

/** Importing node:http by name reads all its exports, one of which loads a whole HTTP client: 60 ms of a start. */
const { createServer: createHttpServer } = process.getBuiltinModule('node:http')

/** Streams bound their own buffers (watch.ts); Node's 10 MB for a whole connection would cut honest clients with many watches. */
const sessionOptions = {
  maxSessionMemory: 1024,
  settings: { initialWindowSize: 1024 * 1024, maxConcurrentStreams: 1000 },
}
const connectionWindowBytes = 8 * 1024 * 1024
const requestTimeoutMs = 60_000
const keepAliveMs = 30_000
const portsTried = 100

export class Listeners {
  readonly #handlers: Connections
  readonly #log: Logger
  #authority: Authority
  readonly #servers: TlsServer[] = []
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<TLSSocket>()
  readonly #http1: HttpServer
  readonly #proofs = new WeakMap<Duplex, Proof>()
  #port = 0

  constructor(handlers: Connections, authority: Authority, log: Logger) {
    this.#handlers = handlers
    this.#authority = authority
    this.#log = log
    this.#http1 = createHttpServer({ requestTimeout: requestTimeoutMs, keepAliveTimeout: 120_000, headersTimeout: 30_000 })
    this.#http1.on('request', (request, response) => handlers.onExchange(new Http1Exchange(request, response, this.#proofs.get(request.socket) ?? 'none')))
    this.#http1.on('upgrade', (request, socket, head) => handlers.onUpgrade(request, socket, head, this.#proofs.get(socket) ?? 'none'))
    // Our sockets come by emit, but slow requests are only timed out on a server that listens.
    this.#http1.emit('listening')
    this.#http1.on('clientError', (error: NodeJS.ErrnoException, socket) => badRequest(error, socket))
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#sockets.size
  }

  get addresses(): { host: string; port: number }[] {
    return this.#servers.map((s) => {
      const address = s.address() as AddressInfo
      return { host: address.address, port: address.port }
    })
  }

  /** Binds one port on all the hosts: the one asked for or, unless it was asked for explicitly, the next free one. */
  async listen(hosts: readonly string[], port: number, explicit: boolean): Promise<void> {
    for (let tried = port; ; tried++) {
      const bound: TlsServer[] = []
      try {
        for (const host of hosts) bound.push(await this.#bind(host, bound.length === 0 ? tried : portOf(bound[0]!)))
        this.#servers.push(...bound)
        this.#port = portOf(bound[0]!)
        return
      } catch (error) {
        await Promise.all(bound.map(closed))
        const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        if (!taken || explicit || tried >= port + portsTried) throw error
      }
    }
  }

  /** One more address on the same port, e.g. a bridge that came up later. */
  async also(host: string): Promise<void> {
    this.#servers.push(await this.#bind(host, this.#port))
  }

  renew(authority: Authority): void {
    this.#authority = authority
    for (const server of this.#servers) server.setSecureContext(this.#secure())
  }

  async close(graceMs: number): Promise<void> {
    const stopped = this.#servers.map(closed)
    for (const session of this.#sessions) session.close()
    this.#http1.close()
    const timer = setTimeout(() => this.#destroy(), graceMs)
    this.#http1.closeIdleConnections()
    await Promise.all(stopped)
    clearTimeout(timer)
    this.#destroy()
  }

  #destroy(): void {
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#sockets) socket.destroy()
  }

  #secure() {
    const { server, caPem } = this.#authority
    return { key: server.keyPem, cert: server.certificatePem + caPem, ca: caPem, minVersion: 'TLSv1.2' as const }
  }

  #bind(host: string, port: number): Promise<TlsServer> {
    const server = createTlsServer({ ...this.#secure(), requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] })
    server.on('secureConnection', (socket) => this.#connected(socket))
    server.on('tlsClientError', (error, socket) => {
      this.#log.debug('TLS handshake failed', { error: error.message })
      socket.destroy()
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.off('error', reject)
        server.on('error', (error) => this.#log.error('listener failed', { host, error }))
        resolve(server)
      })
    })
  }

  #connected(socket: TLSSocket): void {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', ignore)
    const proof = proofOf(socket)
    if (socket.alpnProtocol === 'h2') this.#http2(socket, proof)
    else {
      this.#proofs.set(socket, proof)
      this.#http1.emit('connection', socket)
    }
  }

  #http2(socket: TLSSocket, proof: Proof): void {
    const session = performServerHandshake(socket as Socket, sessionOptions)
    this.#sessions.add(session)
    session.setLocalWindowSize(connectionWindowBytes)
    session.on('close', () => this.#sessions.delete(session))
    session.on('error', ignore)
    session.on('stream', (stream, headers, flags) => {
      const bodyless = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0
      this.#handlers.onExchange(new Http2Exchange(stream, headers, proof, bodyless))
    })
  }
}

const portOf = (server: TlsServer) => (server.address() as AddressInfo).port
const ignore = () => {}
const closed = (server: TlsServer) => new Promise<void>((resolve) => server.close(() => resolve()))

function badRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (socket.destroyed || !socket.writable) return
  const line = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${line}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${line}`)
}
