/** The two tables a carrier serves. Derived from the contract: a missing or mistyped handler does not compile. */
import type { Calls, CallName, StreamName, Streams } from '../../electron/contract.ts'

export type CallHandlers = { [K in CallName]: (arg: Parameters<Calls[K]>[0]) => Promise<ReturnType<Calls[K]>> | ReturnType<Calls[K]> }

type SendOf<K extends StreamName> = Streams[K] extends { send: infer S } ? S : never

/** One open stream as its handler sees it. */
export interface Sink<Message, Send = never> {
  message(message: Message): void
  /** Ends the stream; with an error where it broke. Later messages are dropped. */
  end(error?: unknown): void
  /** Aborts when the window closed the stream or went away. */
  readonly signal: AbortSignal
  /** Resolves once the window has taken enough of what was sent; a handler with a fast source awaits it between messages. */
  drained(): Promise<void>
  onSend(handler: (message: Send) => void): void
}

export type StreamHandlers = { [K in StreamName]: (arg: Streams[K]['open'], sink: Sink<Streams[K]['message'], SendOf<K>>) => void | Promise<void> }

export interface WindowHandlers {
  calls: CallHandlers
  streams: StreamHandlers
}
