/**
 * The tries to set up one Pod's volumes. One that fails is told in an Event, and the next one waits longer, for each volume
 * by itself (upstream: pkg/util/goroutinemap/exponentialbackoff under pkg/volume/util/nestedpendingoperations). Where what a
 * volume is made from appears or changes, the next try comes at once; upstream lets the delay run out.
 */
import type { Pod, Volume } from '../../api/types/core.ts'
import { Backoff } from '../backoff.ts'
import { decided, recordEvent, type NodeContext, type Said } from '../node-context.ts'
import { shortName } from '../pod.ts'
import { RuntimeError } from '../runtime.ts'
import { VolumeError } from './content.ts'

const delays = { firstMs: 500, longestMs: 122_000 }

interface Failure {
  readonly error: VolumeError
  dueMs: number
}

export class MountTries {
  readonly #context: NodeContext
  readonly #backoff = new Backoff(delays)
  readonly #failures = new Map<string, Failure>()
  #hurried = false

  constructor(context: NodeContext) {
    this.#context = context
  }

  /** When the next try is due; Infinity where none failed. */
  get dueMs(): number {
    return Math.min(...[...this.#failures.values()].map(({ dueMs }) => dueMs))
  }

  /** What was lacking may be there now. How often it failed is not forgotten. */
  hurry(): void {
    this.#hurried = true
    for (const failure of this.#failures.values()) failure.dueMs = 0
  }

  /** Sets up each volume whose time has come, or writes it anew; throws the first VolumeError where not all of these are set up. */
  async setUp<T>(pod: Pod, volumes: readonly Volume[], one: (volume: Volume) => Promise<T | undefined>, does: 'waits for' | 'keeps the old files of' = 'waits for'): Promise<Map<string, T>> {
    const made = new Map<string, T>()
    const errors: VolumeError[] = []
    const wasWaiting = this.#failures.size > 0
    let tried = false
    this.#hurried = false
    for (const volume of volumes) {
      let failure = this.#failures.get(volume.name)
      if (!failure || failure.dueMs <= this.#context.clock.now()) {
        tried = true
        failure = await this.#try(pod, volume, one, made)
      }
      if (failure) errors.push(failure.error)
    }
    if (tried) this.#tellWindow(pod, wasWaiting, does)
    if (errors[0]) throw errors[0]
    return made
  }

  /** What the Pod waits for. */
  words(pod: Pod, does = 'waits for'): Said {
    const errors = [...this.#failures.values()].map(({ error }) => error)
    return { code: 'FailedMount', say: `${shortName(pod)} ${does} volume${errors.length === 1 ? '' : 's'} ${errors.map(({ volume }) => volume).join(' and ')}`, why: errors.map(({ message }) => plainly(message, this.#context.node)).join('; ') }
  }

  async #try<T>(pod: Pod, volume: Volume, one: (volume: Volume) => Promise<T | undefined>, made: Map<string, T>): Promise<Failure | undefined> {
    const { name } = volume
    try {
      const result = await one(volume)
      if (result !== undefined) made.set(name, result)
      this.#failures.delete(name)
      this.#backoff.forget(name)
      return undefined
    } catch (thrown) {
      if (thrown instanceof RuntimeError && thrown.code === 'EngineUnreachable') throw thrown
      const error = thrown instanceof VolumeError ? thrown : new VolumeError(name, `MountVolume.SetUp failed for volume "${name}" : ${thrown instanceof Error ? thrown.message : String(thrown)}`)
      recordEvent(this.#context, pod, 'Warning', 'FailedMount', error.message)
      const nowMs = this.#context.clock.now()
      const delayMs = this.#backoff.next(name, nowMs, nowMs)
      // Where something changed during this very try, it may have come too late for it.
      const failure = { error, dueMs: this.#hurried ? nowMs : nowMs + delayMs }
      this.#failures.set(name, failure)
      return failure
    }
  }

  #tellWindow(pod: Pod, wasWaiting: boolean, does: string): void {
    const [first] = this.#failures.values()
    if (first) decided(this.#context, pod, this.words(pod, does), { dueMs: this.dueMs, error: first.error.message })
    else if (wasWaiting) decided(this.#context, pod, { code: 'Mounted', say: `everything that ${shortName(pod)} mounts is there`, why: 'the last try set up every volume' })
  }
}

function plainly(message: string, node: string): string {
  const driver = /driver name (\S+) not found in the list of registered CSI drivers$/.exec(message)?.[1]
  return driver === undefined ? (message.split(' : ').at(-1) ?? message) : `its driver ${driver} does not run on ${node}`
}
