/** Answers 101: to a WebSocket (by the ws library, loaded at first use) or to SPDY. Throws before anything is sent where no protocol fits. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type WebSocket from 'ws'
import { ApiError } from '../../api/status.ts'

/** One request to change protocols. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

export interface Accepted {
  readonly socket: WebSocket
  readonly protocol: string
}

/** `without` is what a client gets that names no protocol; undefined: it must name one. */
export async function acceptWebSocket({ request, socket, head }: Upgrade, supported: readonly string[], without: string | undefined): Promise<Accepted> {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim()).filter((p) => p !== '')
  const chosen = supported.find((p) => offered.includes(p))
  if (chosen === undefined && (offered.length > 0 || without === undefined)) {
    throw new ApiError('BadRequest', `unable to upgrade: none of the protocols is supported: [${offered.join(' ')}]; supported: [${supported.join(' ')}]`)
  }
  const { WebSocketServer } = await import('ws')
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false, maxPayload: 16 * 1024 * 1024 })
  // The library refuses names with a slash, which port-forwarding's has; so the choice is made and told here.
  delete request.headers['sec-websocket-protocol']
  if (chosen !== undefined) server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${chosen}`))
  return new Promise((resolve, reject) => {
    server.on('wsClientError', (error) => reject(new ApiError('BadRequest', error.message)))
    server.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => {})
      resolve({ socket: accepted, protocol: chosen ?? without ?? '' })
    })
  })
}

/** Returns the chosen protocol. */
export function acceptSpdy({ request, socket, head }: Upgrade, supported: readonly string[]): string {
  if (request.headers.upgrade?.toLowerCase() !== 'spdy/3.1') {
    throw new ApiError('BadRequest', `unable to upgrade: only WebSocket and SPDY/3.1 are supported, not ${JSON.stringify(request.headers.upgrade ?? '')}`)
  }
  const asked = request.headers['x-stream-protocol-version']
  const offered = (Array.isArray(asked) ? asked : [asked ?? '']).flatMap((p) => p.split(',')).map((p) => p.trim()).filter((p) => p !== '')
  const chosen = offered.length === 0 ? supported.at(-1) : supported.find((p) => offered.includes(p))
  if (chosen === undefined) throw new ApiError('Forbidden', `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${supported.join(' ')}]`)
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${chosen}\r\n\r\n`)
  if (head.length > 0) socket.unshift(head)
  return chosen
}
