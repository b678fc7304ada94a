/** Streams held open as long as a connection lives: one that the cluster ends (its reader was too slow) is opened again. */
import type { StreamName, Streams } from '../../electron/contract.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { Carrier, OpenStream } from './carrier.ts'

const reopenMs = 400

export class KeptStreams {
  readonly #carrier: Carrier
  readonly #clock: Clock
  #streams: OpenStream<StreamName>[] = []
  readonly #reopening = new Set<() => void>()

  constructor(carrier: Carrier, clock: Clock) {
    this.#carrier = carrier
    this.#clock = clock
  }

  /** `arg` is asked for again with each opening; `before` runs ahead of it. */
  keep<K extends StreamName>(name: K, arg: () => Streams[K]['open'], message: (m: Streams[K]['message']) => void, before?: () => void): void {
    let slot = -1
    const open = () => {
      before?.()
      const stream = this.#carrier.open(name, arg(), {
        message,
        end: () => {
          if (this.#carrier.state !== 'open' || this.#streams[slot] !== stream) return
          const cancel = this.#clock.after(reopenMs, () => {
            this.#reopening.delete(cancel)
            if (this.#carrier.state === 'open' && this.#streams[slot] === stream) open()
          })
          this.#reopening.add(cancel)
        },
      })
      if (slot < 0) slot = this.#streams.push(stream as OpenStream<StreamName>) - 1
      else this.#streams[slot] = stream as OpenStream<StreamName>
    }
    open()
  }

  closeAll(): void {
    for (const cancel of this.#reopening) cancel()
    this.#reopening.clear()
    for (const stream of this.#streams) stream.close()
    this.#streams = []
  }
}
