/**
 * Writes Kubernetes Events, in the background and in order: whoever records never waits and never fails.
 * core/v1 form, as upstream's recorder writes it (client-go/tools/record/event.go).
 */
import type { KubeObject } from '../api/meta.ts'
import { isNotFound } from '../api/status.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Client } from './client.ts'
import { EventCorrelator, type Correlated, type EventTarget, type Occurrence } from './event-correlator.ts'

export interface RecorderOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log: Logger
}

/** Upstream's broadcaster drops beyond this as well. */
const waitingAtMost = 1_000
const sideBySide = 16
const because = { code: 'EventRecorded', say: 'recorded an Event', why: 'something worth telling happened', led: [], quiet: true } as const

export const eventTarget = (object: KubeObject, fieldPath?: string): EventTarget => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
  name: object.metadata.name,
  uid: object.metadata.uid,
  resourceVersion: object.metadata.resourceVersion,
  ...(fieldPath === undefined ? {} : { fieldPath }),
})

export class Recorder {
  readonly #options: RecorderOptions
  readonly #correlator = new EventCorrelator()
  #waiting: Correlated[] = []
  #writing: Promise<void> | undefined

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  record(occurrence: Occurrence): void {
    const correlated = this.#correlator.correlate(occurrence, this.#options.clock.now())
    if (!correlated) return
    if (this.#waiting.length >= waitingAtMost) {
      this.#options.log.debug('too many Events wait to be written, one is dropped', { reason: occurrence.reason })
      this.#correlator.forget(correlated.key)
      return
    }
    this.#waiting.push(correlated)
    this.#writing ??= this.#drain()
  }

  /** Resolves when everything recorded so far is written. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  async #drain(): Promise<void> {
    // Leaves the caller's turn first: recording must cost it nothing.
    await Promise.resolve()
    while (this.#waiting.length > 0) await Promise.all(this.#take().map((item) => this.#write(item)))
    this.#writing = undefined
  }

  /** The head of the queue, up to the second word about the same Event. */
  #take(): Correlated[] {
    const keys = new Set<string>()
    let n = 0
    while (n < this.#waiting.length && n < sideBySide && !keys.has(this.#waiting[n]!.key)) keys.add(this.#waiting[n++]!.key)
    return this.#waiting.splice(0, n)
  }

  async #write(item: Correlated): Promise<void> {
    const { client, log } = this.#options
    try {
      if (item.do === 'count') {
        try {
          await client.patch({ kind: 'Event', namespace: item.namespace, name: item.name }, { type: 'merge', body: item.patch }, { because })
          return
        } catch (error) {
          if (!isNotFound(error)) throw error
        }
      }
      await client.create(item.event, { because })
    } catch (error) {
      this.#correlator.forget(item.key)
      log.debug('an Event could not be written', { error: error instanceof Error ? error.message : String(error), event: item.event.metadata.name })
    }
  }
}
