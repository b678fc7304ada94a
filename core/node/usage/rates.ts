/** Reads what running containers use: memory as it is, CPU as the share since this reader's own last look. */
import type { Runtime, RuntimeContainer, Usage } from '../runtime.ts'

export interface Reading {
  readonly container: RuntimeContainer
  /** Billionths of a core; undefined at the first look, because CPU time is told as a sum. */
  readonly cpuNanos: number | undefined
  readonly memoryBytes: number
  readonly atMs: number
  readonly windowMs: number
}

export class UsageRates {
  readonly #last = new Map<string, Usage>()
  readonly #runtime: Pick<Runtime, 'containers' | 'usage'>

  constructor(runtime: Pick<Runtime, 'containers' | 'usage'>) {
    this.#runtime = runtime
  }

  async read(): Promise<Reading[]> {
    const running = new Map((await this.#runtime.containers()).filter(({ state, kind }) => state === 'running' && kind !== 'sandbox').map((container) => [container.id, container]))
    const samples = await this.#runtime.usage([...running.keys()])
    const readings: Reading[] = []
    for (const sample of samples) {
      const container = running.get(sample.containerId)
      if (!container) continue
      const before = this.#last.get(sample.containerId)
      const windowMs = before ? sample.atMs - before.atMs : 0
      this.#last.set(sample.containerId, sample)
      readings.push({
        container,
        cpuNanos: before && windowMs > 0 ? Math.max(0, (sample.cpuNanos - before.cpuNanos) / windowMs) * 1000 : undefined,
        memoryBytes: sample.memoryBytes,
        atMs: sample.atMs,
        windowMs,
      })
    }
    for (const id of this.#last.keys()) if (!running.has(id)) this.#last.delete(id)
    return readings
  }
}
