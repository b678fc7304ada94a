/**
 * Image pulls of one engine: the same image is pulled once at a time whoever asks, progress is kept for the window, and a
 * failing pull is tried again after upstream's delays (pkg/kubelet/images/image_manager.go).
 */
import type { Clock } from '../../base/clock.ts'
import type { PullProgress, Runtime, RuntimeImage } from '../runtime.ts'

export interface PullInfo {
  image: string
  node: string
  pods: readonly { namespace: string; name: string; uid: string }[]
  doneBytes: number
  totalBytes: number
  startedMs: number
  phase: 'downloading' | 'extracting' | 'failed'
  say?: string
}

interface Running {
  info: PullInfo
  result: Promise<{ image: RuntimeImage; tookMs: number }>
  abort: AbortController
  wanted: number
}

export class Pulls {
  readonly #runtime: Runtime
  readonly #clock: Clock
  readonly #running = new Map<string, Running>()
  readonly #listeners = new Set<(pulls: readonly PullInfo[]) => void>()

  constructor(runtime: Runtime, clock: Clock) {
    this.#runtime = runtime
    this.#clock = clock
  }

  /** Pulls under way. */
  get current(): readonly PullInfo[] {
    return [...this.#running.values()].map(({ info }) => info)
  }

  subscribe(listener: (pulls: readonly PullInfo[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async pull(
    image: string,
    auth: { username: string; password: string } | undefined,
    asker: { node: string; pod: PullInfo['pods'][number]; signal: AbortSignal },
  ): Promise<{ image: RuntimeImage; tookMs: number }> {
    const key = `${image} ${auth?.username ?? ''}`
    let running = this.#running.get(key)
    if (!running) {
      const abort = new AbortController()
      const startedMs = this.#clock.now()
      const started: Running = {
        info: { image, node: asker.node, pods: [], doneBytes: 0, totalBytes: 0, startedMs, phase: 'downloading' },
        abort,
        wanted: 0,
        // A turn later: progress may come at once, and it is noted here.
        result: Promise.resolve()
          .then(() => this.#runtime.pull(image, auth, (progress) => this.#progress(started, progress), abort.signal))
          .then((pulled) => ({ image: pulled, tookMs: this.#clock.now() - startedMs }))
          .finally(() => {
            this.#running.delete(key)
            this.#tell()
          }),
      }
      started.result.catch(() => {})
      this.#running.set(key, started)
      running = started
    }
    const mine = running
    mine.wanted++
    mine.info = { ...mine.info, pods: [...mine.info.pods, asker.pod] }
    this.#tell()
    const leave = () => {
      // The last one to lose interest ends the pull.
      if (--mine.wanted === 0) mine.abort.abort()
    }
    asker.signal.addEventListener('abort', leave, { once: true })
    try {
      return await mine.result
    } finally {
      asker.signal.removeEventListener('abort', leave)
    }
  }

  #progress(running: Running, progress: PullProgress): void {
    const phase = progress.phase === 'done' ? 'extracting' : progress.phase
    running.info = { ...running.info, doneBytes: progress.doneBytes, totalBytes: progress.totalBytes, phase }
    this.#tell()
  }

  #tell(): void {
    if (this.#listeners.size === 0) return
    const current = this.current
    for (const listener of this.#listeners) listener(current)
  }
}
