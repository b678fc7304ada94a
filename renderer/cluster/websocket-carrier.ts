/**
 * The browser's carrier: JSON text frames on the same-origin WebSocket `/window`. The one-time token of the address
 * (`#token=…`) is exchanged for an HttpOnly cookie first, then taken out of the address and of the history.
 */
import { ApiError } from '../../core/api/status.ts'
import type { Connect, Pipe, PipeEvents } from './carrier.ts'

async function exchangeToken(): Promise<void> {
  const token = /(?:^#|&)token=([^&]+)/.exec(location.hash)?.[1]
  if (token === undefined) return
  const answer = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: decodeURIComponent(token) }),
    credentials: 'same-origin',
  })
  history.replaceState(history.state, '', `${location.pathname}${location.search}#/`)
  if (answer.status === 401 || answer.status === 403) {
    throw new ApiError('Unauthorized', 'this address has been used or is too old')
  }
  if (!answer.ok) throw new ApiError('ServiceUnavailable', `the cluster answered ${answer.status}`)
}

/**
 * A refused upgrade looks like any lost socket to a page. A server that answers here but opened no socket knows no session
 * of ours; one that does not answer at all is gone for now.
 */
async function sessionIsRefused(): Promise<boolean> {
  try {
    const answer = await fetch('/session', { credentials: 'same-origin' })
    return !answer.ok
  } catch {
    return false
  }
}

export const connectWebSocket: Connect = async (events: PipeEvents): Promise<Pipe> => {
  await exchangeToken()
  const address = new URL('/window', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address)
  return new Promise<Pipe>((resolve, reject) => {
    let opened = false
    socket.onopen = () => {
      opened = true
      resolve({ send: (frame) => socket.send(JSON.stringify(frame)), close: () => socket.close(1000) })
    }
    socket.onmessage = (message) => events.frame(JSON.parse(String(message.data)))
    socket.onclose = (closed) => {
      if (opened) return events.closed()
      if (closed.code === 4401) return reject(new ApiError('Unauthorized', 'no session'))
      void sessionIsRefused().then((refused) =>
        reject(refused ? new ApiError('Unauthorized', 'no session') : new ApiError('ServiceUnavailable', 'no answer')))
    }
  })
}
