/** HTTP/1.1 upgrades. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Proof } from '../auth/identity.ts'
import type { Doors } from './dispatch.ts'

export async function upgrade(_doors: Doors, _request: IncomingMessage, socket: Duplex, _head: Buffer, _proof: Proof): Promise<void> {
  socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
}
