/** How Orrery itself is: what it costs, what it stands on, and what is wrong with that. Printed in the status bar. */
import type { ClusterStatus } from '../../../electron/contract.ts'

export interface StatusSource {
  version: string
  kubernetes: string
  api: string
  kubeconfig: string
  home: string
  startedMs: number
  engine(): ClusterStatus['engine']
  store(): ClusterStatus['store']
  problems(): ClusterStatus['problems']
}

/** CPU is a share of one core since the last sample; one sampler a cluster, so that windows do not shorten each other's interval. */
export class StatusSampler {
  readonly #source: StatusSource
  #lastMs = performance.now()
  #lastCpu = process.cpuUsage()
  #share = 0

  constructor(source: StatusSource) {
    this.#source = source
  }

  sample(): ClusterStatus {
    const nowMs = performance.now()
    const spentMs = nowMs - this.#lastMs
    // Shorter intervals are noise.
    if (spentMs > 900) {
      const cpu = process.cpuUsage(this.#lastCpu)
      this.#share = (cpu.user + cpu.system) / 1000 / spentMs
      this.#lastMs = nowMs
      this.#lastCpu = process.cpuUsage()
    }
    const { version, kubernetes, api, kubeconfig, home, startedMs } = this.#source
    return {
      version,
      kubernetes,
      api,
      kubeconfig,
      home,
      uptimeMs: Date.now() - startedMs,
      memoryBytes: process.memoryUsage.rss(),
      cpuShare: this.#share,
      engine: this.#source.engine(),
      store: this.#source.store(),
      problems: this.#source.problems(),
    }
  }
}
