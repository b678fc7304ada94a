/**
 * exec and attach over WebSocket: every message begins with the number of its channel (upstream:
 * apimachinery/pkg/util/remotecommand and httpstream/wsstream). The base64 forms carry the number as a digit.
 */
import { Readable, Writable } from 'node:stream'
import type WebSocket from 'ws'
import type { CommandStreams } from './command-streams.ts'

/** Best first. */
export const channelProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io'] as const

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

export interface Wanted {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export function channelStreams(socket: WebSocket, protocol: string, wanted: Wanted): CommandStreams {
  const base64 = protocol.includes('base64')
  const structured = protocol.startsWith('v4') || protocol.startsWith('v5')
  const gone = new AbortController()
  socket.on('close', () => gone.abort())
  socket.on('error', () => gone.abort())
  const send = (number: number, bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (error?: Error | null) => (error == null ? resolve() : reject(error))
      if (base64) socket.send(`${number}${bytes.toString('base64')}`, done)
      else socket.send(Buffer.concat([Buffer.of(number), bytes]), { binary: true }, done)
    })
  const output = (number: number) =>
    new Writable({ write: (chunk: Buffer, _encoding, done) => void send(number, chunk).then(() => done(), done) })
  const stdin = wanted.stdin ? new Readable({ read: () => socket.resume() }) : undefined
  gone.signal.addEventListener('abort', () => stdin?.destroy(), { once: true })
  // The first size comes while the command is still being started.
  let size: { Width: number; Height: number } | undefined
  let resized: ((columns: number, rows: number) => void) | undefined
  socket.on('message', (data) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    if (bytes.length === 0) return
    const number = base64 ? bytes[0]! - 48 : bytes[0]!
    const rest = base64 ? Buffer.from(bytes.toString('latin1', 1), 'base64') : bytes.subarray(1)
    if (number === channel.stdin) {
      if (rest.length > 0 && stdin !== undefined && !stdin.push(rest)) socket.pause()
    } else if (number === channel.resize) {
      size = sizeOf(rest) ?? size
      if (size !== undefined) resized?.(size.Width, size.Height)
    } else if (number === channel.close && protocol.startsWith('v5') && rest[0] === channel.stdin) stdin?.push(null)
  })
  // Tells the client that the streams are there, before the command has said anything.
  const first = wanted.stdout ? channel.stdout : wanted.stderr ? channel.stderr : channel.error
  send(first, Buffer.alloc(0)).catch(() => {})
  return {
    stdin,
    stdout: wanted.stdout ? output(channel.stdout) : undefined,
    stderr: wanted.stderr && !wanted.tty ? output(channel.stderr) : undefined,
    signal: gone.signal,
    onResize: (listener) => {
      resized = listener
      if (size !== undefined) listener(size.Width, size.Height)
    },
    report: async (status) => {
      if (gone.signal.aborted) return
      const text = structured ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '')
      if (text !== '') await send(channel.error, Buffer.from(text)).catch(() => {})
      socket.close(1000)
    },
  }
}

export function sizeOf(bytes: Buffer): { Width: number; Height: number } | undefined {
  try {
    const size = JSON.parse(bytes.toString('utf8')) as { Width?: unknown; Height?: unknown }
    return typeof size.Width === 'number' && typeof size.Height === 'number' && size.Width > 0 && size.Height > 0 ? { Width: size.Width, Height: size.Height } : undefined
  } catch {
    return undefined
  }
}

