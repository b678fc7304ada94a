/**
 * How late the event loop runs, in windows: from one question to the next. Measuring costs a wake-up every few
 * milliseconds, so it begins with the first question and ends when nobody has asked for a while; an idle process pays nothing.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../../base/clock.ts'

export interface LoopDelay {
  /** Seconds beyond the measuring interval itself. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const resolutionMs = 10
const forgottenAfterMs = 5 * 60_000
const nanoseconds = 1e9

export class EventLoopDelay {
  readonly #clock: Clock
  #histogram: ReturnType<typeof monitorEventLoopDelay> | undefined
  #cancel = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What happened since the last question; undefined at the first, which begins the measuring. */
  take(): LoopDelay | undefined {
    this.#cancel()
    this.#cancel = this.#clock.after(forgottenAfterMs, () => this.stop())
    const histogram = this.#histogram
    if (histogram === undefined) {
      this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs })
      this.#histogram.enable()
      return undefined
    }
    const late = (value: number) => Math.max(0, value / nanoseconds - resolutionMs / 1000)
    const taken = histogram.count === 0 ? undefined : { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) }
    histogram.reset()
    return taken
  }

  stop(): void {
    this.#cancel()
    this.#histogram?.disable()
    this.#histogram = undefined
  }
}
