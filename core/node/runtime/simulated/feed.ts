import type { RuntimeEvent } from '../../runtime.ts'

/** Events for one reader, in order; ends with its signal, or with an error. */
export class EventFeed {
  #pending: RuntimeEvent[] = []
  #error: Error | undefined
  #wake = () => {}

  push(event: RuntimeEvent): void {
    this.#pending.push(event)
    this.#wake()
  }

  fail(error: Error): void {
    this.#error = error
    this.#wake()
  }

  async *read(signal: AbortSignal): AsyncIterable<RuntimeEvent> {
    const stop = () => this.#wake()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const batch = this.#pending
        this.#pending = []
        yield* batch
        if (this.#error) throw this.#error
        if (this.#pending.length === 0 && !signal.aborted) await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}
