/**
 * The link to the container engine: whether it answers, what it says of itself, and finding it again when it doesn't. An
 * engine that is away is a state that is told, never an error.
 */
import { sleep } from '../base/abort.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { RuntimeError, type EngineInfo, type Runtime, type RuntimeImage } from './runtime.ts'

export interface EngineState {
  state: 'starting' | 'ready' | 'unreachable'
  say: string
  sinceMs: number
}

export interface EngineLinkOptions {
  runtime: Runtime
  nodes: readonly string[]
  clock: Clock
  log: Logger
}

export interface EngineNews {
  /** After it was away; `addresses` by node. */
  found(addresses: ReadonlyMap<string, string>): Promise<void>
  lost(): void
  changed(podUid: string): void
}

const reconnectFirstMs = 250
const reconnectLongestMs = 5_000
const unknownEngine: EngineInfo = { name: 'unknown', version: '', os: '', arch: '', kernel: '', cpus: 0, memoryBytes: 0 }

export class EngineLink {
  readonly #options: EngineLinkOptions
  readonly #listeners = new Set<(state: EngineState) => void>()
  #info: EngineInfo = unknownEngine
  #images: readonly RuntimeImage[] = []
  #state: EngineState
  #open = false

  constructor(options: EngineLinkOptions) {
    this.#options = options
    this.#state = { state: 'starting', say: 'looking for the container engine', sinceMs: options.clock.now() }
  }

  get isOpen(): boolean {
    return this.#open
  }

  get state(): EngineState {
    return this.#state
  }

  get info(): EngineInfo {
    return this.#info
  }

  /** On the engine when it was last asked. */
  get images(): readonly RuntimeImage[] {
    return this.#images
  }

  subscribe(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reaches the engine; answers with the nodes' addresses, or undefined where it can't be used. */
  async connect(): Promise<ReadonlyMap<string, string> | undefined> {
    const { runtime, nodes } = this.#options
    try {
      await runtime.prepare()
      const [info, images] = await Promise.all([runtime.info(), runtime.images()])
      const addresses = new Map(await Promise.all(nodes.map(async (name) => [name, (await runtime.ensureNode(name)).ip] as const)))
      this.#info = info
      this.#images = images
      this.#open = true
      this.#become('ready', `${info.name} ${info.version}`)
      return addresses
    } catch (error) {
      this.#open = false
      this.#become('unreachable', `the container engine can't be used: ${textOf(error)}`)
      return undefined
    }
  }

  /** Whether it could be asked. */
  async lookAtImages(): Promise<boolean> {
    try {
      this.#images = await this.#options.runtime.images()
      return true
    } catch {
      return false // the engine's absence is told elsewhere
    }
  }

  /** Follows the engine for as long as it answers, and finds it again when it doesn't. */
  async follow(news: EngineNews, signal: AbortSignal): Promise<void> {
    const { runtime, clock, log } = this.#options
    let delayMs = reconnectFirstMs
    while (!signal.aborted) {
      try {
        if (!this.#open) {
          await sleep(delayMs, clock, signal)
          if (signal.aborted) return
          delayMs = Math.min(delayMs * 2, reconnectLongestMs)
          const addresses = await this.connect()
          if (!addresses) continue
          await news.found(addresses)
        }
        delayMs = reconnectFirstMs
        for await (const { podUid } of runtime.events(signal)) news.changed(podUid)
        if (!signal.aborted) throw new RuntimeError('EngineUnreachable', 'the event stream ended')
      } catch (error) {
        if (signal.aborted) return
        log.warn('engine lost', { error: textOf(error) })
        this.#open = false
        this.#become('unreachable', `the container engine does not answer: ${textOf(error)}`)
        news.lost()
      }
    }
  }

  #become(state: EngineState['state'], say: string): void {
    if (state === this.#state.state && say === this.#state.say) return
    this.#state = { state, say, sinceMs: this.#options.clock.now() }
    this.#options.log.info('engine', { state, say })
    for (const listener of this.#listeners) listener(this.#state)
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
