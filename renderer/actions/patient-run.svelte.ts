/**
 * A drain in progress: evictions that a budget refuses are asked for again until it allows them or the person stops. Who
 * waits for which budget is told all the while.
 */
import { ApiError } from '../../core/api/status.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { WriteCall } from './action.ts'

const againMs = 2_000

export interface Held { name: string; why: string }

export class PatientRun {
  readonly title: string
  readonly all: number
  done = $state(0)
  held = $state.raw<readonly Held[]>([])
  stopped = $state(false)
  readonly #clock: Clock
  #wake: (() => void) | undefined

  constructor(title: string, all: number, clock: Clock) {
    this.title = title
    this.all = all
    this.#clock = clock
  }

  /** Ends after the call under way; what moved stays moved. */
  stop(): void {
    this.stopped = true
    this.#wake?.()
  }

  /** Answers with what failed for another reason than a budget. */
  async run(calls: readonly WriteCall[], perform: (call: WriteCall) => Promise<unknown>): Promise<{ call: WriteCall; error: unknown }[]> {
    const problems: { call: WriteCall; error: unknown }[] = []
    let left = [...calls]
    while (left.length > 0 && !this.stopped) {
      const refused: WriteCall[] = []
      const held: Held[] = []
      for (const call of left) {
        if (this.stopped) break
        try {
          await perform(call)
          this.done++
        } catch (error) {
          if (error instanceof ApiError && error.reason === 'TooManyRequests') {
            refused.push(call)
            held.push({ name: call.call === 'evict' ? call.arg.ref.name : '', why: refusalWords(error) })
          } else if (error instanceof ApiError && error.reason === 'NotFound') this.done++
          else problems.push({ call, error })
        }
      }
      left = refused
      this.held = held
      if (left.length > 0 && !this.stopped) await this.#pause()
    }
    return problems
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(againMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** "budget web needs 2 healthy Pods and has 2": the number is in the cause, not in the message. */
export const refusalWords = (error: ApiError): string => {
  const cause = error.details?.causes?.[0]?.message ?? error.message
  return cause.replace(/^The disruption budget /, 'budget ').replace(/ healthy pods and has (\d+) currently$/, ' healthy Pods and has $1')
}
