/**
 * The browser's carrier: serves the built window and a WebSocket at /window on a plain HTTP port.
 *
 * Who may speak: the address printed at start carries a token in its fragment; the window posts it to /session and gets
 * an HttpOnly, SameSite=Strict cookie. Every request must name a Host we listen on (against DNS rebinding), and the
 * WebSocket and /session also our own Origin. Nothing is served from outside the window's folder.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ToWindow } from '../../electron/contract.ts'
import type { Logger } from '../base/log.ts'
import { contentSecurityPolicy } from './content-security-policy.ts'
import type { WindowHandlers } from './handlers.ts'
import { openSession } from './session.ts'
import { fileWithin, mediaType } from './window-files.ts'

export interface WebOptions {
  /** Folder of the built window. */
  folder: string
  /** Kept in the home, so that an open tab outlives a restart. */
  token: string
  address: string
  /** Host names that may appear in Host and Origin besides the address itself and localhost. */
  hosts: readonly string[]
  handlers: WindowHandlers
  log: Logger
}

const cookieName = 'orrery-session'
const maxFrameBytes = 8 * 1024 * 1024
const maxTokenBytes = 4_096

const sameSecret = (a: string, b: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

export function webServer(options: WebOptions): Server {
  const { folder, token, handlers, log } = options
  // Derived from the token, so that a restart keeps sessions and a purge ends them.
  const session = createHash('sha256').update(`session ${token}`).digest('base64url')

  const hostAllowed = (host: string | undefined): boolean => {
    if (host === undefined) return false
    const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
    return name === 'localhost' || name === '127.0.0.1' || name === '::1' || name === options.address || options.hosts.includes(name)
  }
  const originAllowed = (request: IncomingMessage): boolean => request.headers.origin === `http://${request.headers.host}`
  const hasSession = (request: IncomingMessage): boolean =>
    (request.headers.cookie ?? '').split(/;\s*/).some((pair) => {
      const [name, value] = pair.split('=', 2)
      return name === cookieName && value !== undefined && sameSecret(value, session)
    })

  const refuse = (response: ServerResponse, code: number, say: string) => {
    response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
    response.end(`${say}\n`)
  }

  const startSession = (request: IncomingMessage, response: ServerResponse) => {
    if (!originAllowed(request)) return refuse(response, 403, 'This request comes from another site. Open the address that Orrery printed at its start.')
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
      if (body.length > maxTokenBytes) request.destroy()
    })
    request.on('end', () => {
      let offered: unknown
      try {
        offered = (JSON.parse(body) as { token?: unknown }).token
      } catch {
        return refuse(response, 400, 'The body must be JSON: {"token": "…"}.')
      }
      if (typeof offered !== 'string' || !sameSecret(offered, token)) {
        return refuse(response, 401, 'The token is not this cluster’s. Use the address that Orrery printed at its newest start.')
      }
      response.writeHead(204, { 'set-cookie': `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/` })
      response.end()
    })
  }

  const serveFile = async (path: string, response: ServerResponse, head: boolean) => {
    const file = fileWithin(folder, path === '/' ? 'index.html' : path)
    if (file === undefined) return refuse(response, 404, 'There is nothing at this address.')
    try {
      const bytes = await readFile(file)
      response.writeHead(200, {
        'content-type': mediaType(file),
        'content-length': bytes.length,
        // Built assets carry a hash in their name; the page itself must be asked for each time.
        'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        'content-security-policy': contentSecurityPolicy("'self'"),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
      response.end(head ? undefined : bytes)
    } catch {
      refuse(response, 404, 'There is nothing at this address.')
    }
  }

  const server = createServer((request, response) => {
    if (!hostAllowed(request.headers.host)) return refuse(response, 421, 'This name is not one Orrery answers to. Use the address printed at its start.')
    let path: string
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    } catch {
      return refuse(response, 400, 'The address is malformed.')
    }
    if (path === '/session') {
      if (request.method === 'POST') return startSession(request, response)
      // How a window that lost its socket tells "away" from "no longer welcome".
      if (request.method !== 'GET') return refuse(response, 405, 'Use POST, or GET to ask whether a session holds.')
      if (!hasSession(request)) return refuse(response, 401, 'There is no session. Open the address that Orrery printed at its start.')
      response.writeHead(204).end()
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Use GET.')
    void serveFile(path, response, request.method === 'HEAD')
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    const reject = (code: number, reason: string) => socket.end(`HTTP/1.1 ${code} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    if (!hostAllowed(request.headers.host)) return reject(421, 'Misdirected Request')
    if (request.url !== '/window') return reject(404, 'Not Found')
    if (!originAllowed(request)) return reject(403, 'Forbidden')
    if (!hasSession(request)) return reject(401, 'Unauthorized')
    sockets.handleUpgrade(request, socket, head, (webSocket) => openSession(overWebSocket(webSocket), handlers, log))
  })
  server.on('close', () => {
    for (const client of sockets.clients) client.terminate()
  })
  return server
}

const keepAliveMs = 20_000

function overWebSocket(socket: WebSocket) {
  const ping = setInterval(() => socket.ping(), keepAliveMs)
  socket.on('close', () => clearInterval(ping))
  socket.on('error', () => socket.terminate())
  return {
    post: (frame: ToWindow) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
    },
    backlog: () => socket.bufferedAmount,
    onFrame: (handler: (frame: unknown) => void) =>
      void socket.on('message', (data) => {
        try {
          handler(JSON.parse(String(data)))
        } catch {
          socket.close(1007, 'frames are JSON')
        }
      }),
    onClose: (handler: () => void) => void socket.on('close', handler),
  }
}

export const newToken = (): string => randomBytes(24).toString('base64url')
