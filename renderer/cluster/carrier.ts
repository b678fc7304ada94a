/**
 * The window's end of the contract (electron/contract.ts), whatever carries it. A Connection keeps one Pipe open, brings
 * it back with growing pauses when it is lost, and matches frames to calls and streams by id. When the pipe is lost every
 * pending call fails as ServiceUnavailable and every stream ends; who needs a stream opens it again on 'open'.
 */
import type { Calls, CallName, StreamName, Streams, ToCluster, ToWindow } from '../../electron/contract.ts'
import { ApiError } from '../../core/api/status.ts'
import type { Clock } from '../../core/base/clock.ts'

export type CarrierState = 'connecting' | 'open' | 'lost' | 'refused'
export type CallArg<K extends CallName> = Parameters<Calls[K]>[0]
export type CallResult<K extends CallName> = ReturnType<Calls[K]>
export type SendOf<K extends StreamName> = Streams[K] extends { send: infer S } ? S : never

export interface StreamHandlers<K extends StreamName> {
  message(message: Streams[K]['message']): void
  /** The stream ended by the cluster or because the pipe broke; never called after `close()`. */
  end?(error: ApiError | undefined): void
}
export interface OpenStream<K extends StreamName> {
  send(message: SendOf<K>): void
  close(): void
}

export interface Carrier {
  readonly state: CarrierState
  onState(listener: (state: CarrierState) => void): () => void
  call<K extends CallName>(name: K, arg: CallArg<K>): Promise<CallResult<K>>
  open<K extends StreamName>(name: K, arg: Streams[K]['open'], on: StreamHandlers<K>): OpenStream<K>
  /** Tries again now instead of after the pause. */
  retry(): void
  close(): void
}

/** One living link. */
export interface Pipe {
  send(frame: ToCluster): void
  close(): void
}
export interface PipeEvents {
  frame(frame: ToWindow): void
  closed(): void
}
/** Rejects with ApiError('Unauthorized') where another attempt cannot help. */
export type Connect = (events: PipeEvents) => Promise<Pipe>

const firstPauseMs = 250
const longestPauseMs = 5_000

interface Pending {
  resolve(value: unknown): void
  reject(error: ApiError): void
}

export class Connection implements Carrier {
  readonly #connect: Connect
  readonly #clock: Clock
  readonly #listeners = new Set<(state: CarrierState) => void>()
  readonly #calls = new Map<number, Pending>()
  readonly #streams = new Map<number, StreamHandlers<StreamName>>()
  readonly #waiting: ToCluster[] = []
  #pipe: Pipe | undefined
  #nextId = 1
  #attempts = 0
  #cancelPause: (() => void) | undefined
  #closed = false
  #generation = 0
  state: CarrierState = 'connecting'

  constructor(connect: Connect, clock: Clock) {
    this.#connect = connect
    this.#clock = clock
    void this.#dial()
  }

  onState(listener: (state: CarrierState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  call<K extends CallName>(name: K, arg: CallArg<K>): Promise<CallResult<K>> {
    if (this.#unreachable()) return Promise.reject(cutOff())
    const id = this.#nextId++
    return new Promise<CallResult<K>>((resolve, reject) => {
      this.#calls.set(id, { resolve: (value) => resolve(value as CallResult<K>), reject })
      this.#send({ id, call: name, arg })
    })
  }

  open<K extends StreamName>(name: K, arg: Streams[K]['open'], on: StreamHandlers<K>): OpenStream<K> {
    const id = this.#nextId++
    if (this.#unreachable()) {
      queueMicrotask(() => on.end?.(cutOff()))
      return { send: () => {}, close: () => {} }
    }
    this.#streams.set(id, on as StreamHandlers<StreamName>)
    this.#send({ id, open: name, arg })
    return {
      send: (message) => {
        if (this.#streams.has(id)) this.#send({ id, send: message })
      },
      close: () => {
        if (this.#streams.delete(id)) this.#send({ id, close: true })
      },
    }
  }

  retry(): void {
    if (this.#closed || this.#pipe || this.state === 'connecting') return
    this.#cancelPause?.()
    void this.#dial()
  }

  close(): void {
    this.#closed = true
    this.#generation++
    this.#cancelPause?.()
    this.#pipe?.close()
    this.#pipe = undefined
    this.#fail()
  }

  #unreachable(): boolean {
    return this.#closed || this.state === 'lost' || this.state === 'refused'
  }

  #send(frame: ToCluster): void {
    if (this.#pipe) this.#pipe.send(frame)
    else this.#waiting.push(frame)
  }

  async #dial(): Promise<void> {
    const generation = ++this.#generation
    const mine = () => generation === this.#generation && !this.#closed
    if (this.#attempts === 0) this.#become('connecting')
    try {
      const pipe = await this.#connect({
        frame: (frame) => mine() && this.#receive(frame),
        closed: () => mine() && this.#lost(),
      })
      if (!mine()) return pipe.close()
      this.#pipe = pipe
      this.#attempts = 0
      for (const frame of this.#waiting.splice(0)) pipe.send(frame)
      this.#become('open')
    } catch (error) {
      if (!mine()) return
      if (error instanceof ApiError && error.reason === 'Unauthorized') {
        this.#become('refused')
        this.#fail()
      } else this.#lost()
    }
  }

  #lost(): void {
    this.#generation++
    this.#pipe = undefined
    this.#become('lost')
    this.#fail()
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#attempts++)
    this.#cancelPause = this.#clock.after(pause, () => void this.#dial())
  }

  #fail(): void {
    this.#waiting.length = 0
    const error = cutOff()
    const calls = [...this.#calls.values()]
    const streams = [...this.#streams.values()]
    this.#calls.clear()
    this.#streams.clear()
    for (const pending of calls) pending.reject(error)
    for (const stream of streams) stream.end?.(error)
  }

  #become(state: CarrierState): void {
    if (this.state === state) return
    this.state = state
    for (const listener of [...this.#listeners]) listener(state)
  }

  #receive(frame: ToWindow): void {
    if ('message' in frame) {
      this.#streams.get(frame.id)?.message(frame.message as never)
      return
    }
    if ('end' in frame) {
      const stream = this.#streams.get(frame.id)
      this.#streams.delete(frame.id)
      stream?.end?.(frame.error && ApiError.fromStatus(frame.error))
      return
    }
    const pending = this.#calls.get(frame.id)
    if (pending) {
      this.#calls.delete(frame.id)
      if ('error' in frame) pending.reject(ApiError.fromStatus(frame.error))
      else pending.resolve(frame.result)
      return
    }
    /** A stream that could not be opened answers with an error frame. */
    const stream = this.#streams.get(frame.id)
    if (stream && 'error' in frame) {
      this.#streams.delete(frame.id)
      stream.end?.(ApiError.fromStatus(frame.error))
    }
  }
}

const cutOff = (): ApiError => new ApiError('ServiceUnavailable', 'the window is cut off from the cluster')
