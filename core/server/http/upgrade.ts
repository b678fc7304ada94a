/**
 * HTTP/1.1 upgrades: exec, attach, port-forward and logs over WebSocket or SPDY. All that can be refused is refused with a
 * Status before the protocol changes, so that clients see the reason or try their other protocol.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ApiError } from '../../api/status.ts'
import type { Proof } from '../auth/identity.ts'
import type { PodProcess } from '../pod-access.ts'
import type { Target } from './api.ts'
import { isAnonymous } from '../auth/identity.ts'
import { asApiError, userOf, type Doors } from './dispatch.ts'
import { flag, type Query } from './options.ts'
import { channelProtocols, channelStreams, type Wanted } from './pods/channels.ts'
import { runCommand, type CommandStreams } from './pods/command-streams.ts'
import { openLog } from './pods/log.ts'
import { MessageDuplex } from './pods/message-duplex.ts'
import { containerOf, mustBePlaced, podOf } from './pods/pod-target.ts'
import { forwardPorts, portForwardProtocol, tunnelProtocol } from './pods/port-forward.ts'
import { commandProtocols, spdyStreams } from './pods/spdy-command.ts'
import { notServed } from './router.ts'
import { acceptSpdy, acceptWebSocket, type Upgrade } from './switch-protocols.ts'

export async function upgrade(doors: Doors, request: IncomingMessage, socket: Duplex, head: Buffer, proof: Proof): Promise<void> {
  socket.on('error', () => socket.destroy())
  try {
    const user = await userOf(doors.api, { proof, headers: request.headers })
    if (isAnonymous(user)) throw new ApiError('Unauthorized', 'Unauthorized')
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const target = doors.router.resolve(mark === -1 ? url : url.slice(0, mark))
    if (target === undefined) throw notServed()
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
    await serve(doors, { request, socket, head }, target, query)
  } catch (error) {
    refuse(socket, asApiError(error))
  }
}

async function serve(doors: Doors, upgraded: Upgrade, target: Target, query: Query): Promise<void> {
  switch (target.subresource) {
    case 'exec':
    case 'attach':
      return command(doors, upgraded, target, query, target.subresource)
    case 'portforward':
      return portForward(doors, upgraded, target)
    case 'log':
      return logMessages(doors, upgraded, target, query)
    default:
      throw new ApiError('BadRequest', 'this resource does not change protocols')
  }
}

const isWebSocket = (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket'

async function command(doors: Doors, upgraded: Upgrade, target: Target, query: Query, verb: 'exec' | 'attach'): Promise<void> {
  const { podAccess } = doors.api
  const pod = await podOf(doors.api, target)
  const container = containerOf(pod, query.get('container'))
  const place = mustBePlaced(pod)
  const tty = flag(query, 'tty') ?? false
  const wanted: Wanted = { stdin: flag(query, 'stdin') ?? false, stdout: flag(query, 'stdout') ?? false, stderr: flag(query, 'stderr') ?? false, tty }
  const words = query.getAll('command')
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw new ApiError('BadRequest', 'you must specify at least 1 of stdin, stdout, stderr')
  if (verb === 'exec' && words.length === 0) throw new ApiError('BadRequest', 'you must specify at least one command for the container')
  const start = (signal: AbortSignal): Promise<PodProcess> =>
    verb === 'exec'
      ? podAccess.exec(place, { container: container.name, command: words, stdin: wanted.stdin, tty, signal })
      : podAccess.attach(place, { container: container.name, stdin: wanted.stdin, tty, signal }).then(untilItEnds)
  const streams = await commandStreams(upgraded, wanted)
  if (streams !== undefined) await ending(doors, upgraded, () => runCommand(streams, start))
}

/** To have watched a process to its end is a success, however that process ended (upstream: pkg/kubelet/cri/streaming). */
const untilItEnds = (process: PodProcess): PodProcess => ({ ...process, exitCode: process.exitCode.then(() => 0) })

async function commandStreams(upgraded: Upgrade, wanted: Wanted): Promise<CommandStreams | undefined> {
  if (isWebSocket(upgraded.request)) {
    const { socket, protocol } = await acceptWebSocket(upgraded, channelProtocols, 'channel.k8s.io')
    return channelStreams(socket, protocol, wanted)
  }
  return spdyStreams(upgraded.socket, acceptSpdy(upgraded, commandProtocols), wanted)
}

async function portForward(doors: Doors, upgraded: Upgrade, target: Target): Promise<void> {
  const place = mustBePlaced(await podOf(doors.api, target))
  let transport = upgraded.socket
  if (isWebSocket(upgraded.request)) transport = new MessageDuplex((await acceptWebSocket(upgraded, [tunnelProtocol], undefined)).socket)
  else acceptSpdy(upgraded, [portForwardProtocol])
  await ending(doors, upgraded, () => forwardPorts(transport, doors.api.podAccess, place))
}

async function logMessages(doors: Doors, upgraded: Upgrade, target: Target, query: Query): Promise<void> {
  if (!isWebSocket(upgraded.request)) throw new ApiError('BadRequest', 'logs are sent as plain text or over WebSocket')
  const stop = new AbortController()
  const chunks = await openLog(doors.api, target, query, stop.signal)
  const { socket, protocol } = await acceptWebSocket(upgraded, ['binary.k8s.io', 'base64.binary.k8s.io'], '')
  socket.on('close', () => stop.abort())
  const base64 = protocol.startsWith('base64')
  await ending(doors, upgraded, async () => {
    try {
      for await (const chunk of chunks) {
        await new Promise<void>((resolve) => socket.send(base64 ? Buffer.from(chunk).toString('base64') : chunk, { binary: !base64 }, () => resolve()))
      }
    } catch (error) {
      if (!stop.signal.aborted) doors.api.log.warn('log stream failed', { pod: target.name, error })
    }
    socket.close(1000)
  })
}

/** Once protocols have changed, a failure can only end the connection; a stopping server ends it too. */
async function ending(doors: Doors, { socket }: Upgrade, work: () => Promise<void>): Promise<void> {
  const { signal, log } = doors.api
  const end = () => socket.destroy()
  signal.addEventListener('abort', end, { once: true })
  try {
    await work()
  } catch (error) {
    log.warn('stream failed', { error })
    socket.destroy()
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const phrases: Readonly<Record<number, string>> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' }

function refuse(socket: Duplex, error: ApiError): void {
  if (socket.destroyed || !socket.writable) return
  const body = Buffer.from(`${JSON.stringify(error.toStatus())}\n`)
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${error.code} ${phrases[error.code] ?? error.reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`),
      body,
    ]),
  )
}
