/**
 * One window's connection, whatever carries it: reads ToCluster frames, calls handlers, writes ToWindow frames.
 * Frames from a window are untrusted: an unknown name or a malformed frame is answered with a Status, never thrown.
 */
import { callNames, streamNames, type CallName, type StreamName, type ToWindow } from '../../electron/contract.ts'
import { ApiError, type Status } from '../api/status.ts'
import { isObject } from '../base/json.ts'
import type { Logger } from '../base/log.ts'
import type { Sink, WindowHandlers } from './handlers.ts'

/** What carries frames: a WebSocket, or a pair of message ports. */
export interface Carrier {
  post(frame: ToWindow): void
  /** Bytes (or frames) accepted but not yet taken by the other side. */
  backlog(): number
  onFrame(handler: (frame: unknown) => void): void
  onClose(handler: () => void): void
}

const highWater = 4_000_000
const drainPollMs = 20

const statusOf = (error: unknown): Status =>
  error instanceof ApiError ? error.toStatus() : new ApiError('InternalError', error instanceof Error ? error.message : String(error)).toStatus()

interface OpenStream {
  abort: AbortController
  send: (message: unknown) => void
}

export function openSession(carrier: Carrier, handlers: WindowHandlers, log: Logger): void {
  const streams = new Map<number, OpenStream>()
  let open = true

  const answer = async (id: number, call: CallName, arg: unknown): Promise<void> => {
    try {
      // The one decode boundary: handlers check what they use; the API behind them validates every object.
      const handler = handlers.calls[call] as (arg: unknown) => unknown
      const result = await handler(arg)
      if (open) carrier.post({ id, result })
    } catch (error) {
      if (!(error instanceof ApiError)) log.error('window call failed', { call, error: error instanceof Error ? error.stack : String(error) })
      if (open) carrier.post({ id, error: statusOf(error) })
    }
  }

  const start = async (id: number, name: StreamName, arg: unknown): Promise<void> => {
    const abort = new AbortController()
    // What the window says before the handler listens is kept for it.
    const early: unknown[] = []
    const stream: OpenStream = { abort, send: (message) => void early.push(message) }
    streams.set(id, stream)
    let ended = false
    const sink: Sink<unknown, unknown> = {
      message: (message) => {
        if (!ended && open) carrier.post({ id, message })
      },
      end: (error) => {
        if (ended) return
        ended = true
        streams.delete(id)
        abort.abort()
        if (open) carrier.post(error === undefined ? { id, end: true } : { id, end: true, error: statusOf(error) })
      },
      signal: abort.signal,
      drained: async () => {
        while (open && !abort.signal.aborted && carrier.backlog() > highWater) await new Promise((resolve) => setTimeout(resolve, drainPollMs))
      },
      onSend: (handler) => {
        stream.send = handler
        for (const message of early.splice(0)) handler(message)
      },
    }
    try {
      const handler = handlers.streams[name] as (arg: unknown, sink: Sink<unknown, unknown>) => void | Promise<void>
      await handler(arg, sink)
    } catch (error) {
      if (!abort.signal.aborted) sink.end(error)
    }
  }

  const known = <N extends string>(names: readonly N[], name: unknown): name is N => typeof name === 'string' && (names as readonly string[]).includes(name)

  carrier.onFrame((frame) => {
    if (!isObject(frame) || typeof frame['id'] !== 'number') return
    const id = frame['id']
    if ('call' in frame) {
      if (known(callNames, frame['call'])) void answer(id, frame['call'], frame['arg'])
      else carrier.post({ id, error: new ApiError('BadRequest', `unknown call ${JSON.stringify(frame['call'])}`).toStatus() })
    } else if ('open' in frame) {
      if (streams.has(id)) carrier.post({ id, end: true, error: new ApiError('BadRequest', `stream ${id} is open already`).toStatus() })
      else if (known(streamNames, frame['open'])) void start(id, frame['open'], frame['arg'])
      else carrier.post({ id, end: true, error: new ApiError('BadRequest', `unknown stream ${JSON.stringify(frame['open'])}`).toStatus() })
    } else if ('send' in frame) streams.get(id)?.send(frame['send'])
    else if ('close' in frame) {
      streams.get(id)?.abort.abort()
      streams.delete(id)
    }
  })
  carrier.onClose(() => {
    open = false
    for (const { abort } of streams.values()) abort.abort()
    streams.clear()
  })
}
