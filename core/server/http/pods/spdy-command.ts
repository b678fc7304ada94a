/** exec and attach over SPDY: one stream each for error, stdin, stdout, stderr and resize, told apart by a header. */
import type { Duplex } from 'node:stream'
import { SpdySession, type SpdyStream } from '../spdy/session.ts'
import type { Wanted } from './channels.ts'
import { sizeOf } from './channels.ts'
import type { CommandStreams } from './command-streams.ts'

/** Best first (upstream: apimachinery/pkg/util/remotecommand/constants.go). */
export const commandProtocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'] as const

const streamsTimeoutMs = 30_000

/** Resolves when the client has opened all the streams that it asked for; undefined where it went away first. */
export function spdyStreams(transport: Duplex, protocol: string, wanted: Wanted): Promise<CommandStreams | undefined> {
  const resizes = wanted.tty && (protocol.startsWith('v4') || protocol.startsWith('v3'))
  const expected = new Set(['error', ...(wanted.stdin ? ['stdin'] : []), ...(wanted.stdout ? ['stdout'] : []), ...(wanted.stderr && !wanted.tty ? ['stderr'] : []), ...(resizes ? ['resize'] : [])])
  const streams = new Map<string, SpdyStream>()
  const gone = new AbortController()
  return new Promise((resolve) => {
    const session = new SpdySession(
      transport,
      (stream) => {
        streams.set(stream.headers['streamtype'] ?? '', stream)
        expected.delete(stream.headers['streamtype'] ?? '')
        if (expected.size > 0) return
        clearTimeout(timer)
        resolve(commandStreams(session, streams, protocol, gone.signal))
      },
      () => {
        clearTimeout(timer)
        gone.abort()
        resolve(undefined)
      },
    )
    const timer = setTimeout(() => session.close(), streamsTimeoutMs)
  })
}

function commandStreams(session: SpdySession, streams: ReadonlyMap<string, SpdyStream>, protocol: string, signal: AbortSignal): CommandStreams {
  const error = streams.get('error')!
  error.resume()
  for (const name of ['stdout', 'stderr']) streams.get(name)?.resume()
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    signal,
    onResize: (listener) => {
      let text = ''
      streams.get('resize')?.on('data', (chunk: Buffer) => {
        // Sizes come as JSON objects one after another, cut anywhere.
        text += chunk.toString('utf8')
        for (let end = text.indexOf('}'); end !== -1; end = text.indexOf('}')) {
          const size = sizeOf(Buffer.from(text.slice(0, end + 1)))
          text = text.slice(end + 1)
          if (size !== undefined) listener(size.Width, size.Height)
        }
      })
    },
    report: async (status) => {
      if (signal.aborted) return
      const text = protocol.startsWith('v4') ? JSON.stringify(status) : status.status === 'Success' ? '' : (status.message ?? '')
      const ended = ['stdout', 'stderr'].map((name) => streams.get(name)).filter((s) => s !== undefined).map((s) => new Promise<void>((resolve) => s.end(resolve)))
      ended.push(new Promise<void>((resolve) => error.end(text, resolve)))
      await Promise.race([Promise.all(ended), new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
      session.finish()
    },
  }
}
