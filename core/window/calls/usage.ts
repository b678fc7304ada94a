/** CPU and memory that Pods use, per machine, measured by the engine when somebody looks. CPU is the share since the last look. */
import type { MachineUsage } from '../../../electron/contract.ts'
import { refOf } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Runtime, Usage } from '../../node/runtime.ts'

/** Remembers the last sample of each container: CPU time is told as a sum. */
export class UsageSampler {
  readonly #last = new Map<string, Usage>()
  readonly #runtime: Pick<Runtime, 'containers' | 'usage'>

  constructor(runtime: Pick<Runtime, 'containers' | 'usage'>) {
    this.#runtime = runtime
  }

  async sample(snapshot: Snapshot, now: number): Promise<MachineUsage[]> {
    const running = (await this.#runtime.containers()).filter(({ state, kind }) => state === 'running' && kind !== 'sandbox')
    const samples = await this.#runtime.usage(running.map(({ id }) => id))
    const podOf = new Map(running.map((container) => [container.id, container]))
    const machines = new Map<string, MachineUsage>()
    const pods = new Map<string, MachineUsage['pods'][number]>()
    for (const sample of samples) {
      const container = podOf.get(sample.containerId)
      const pod = container && snapshot.byUid<Pod>(container.pod.uid)
      if (!container || !pod) continue
      const before = this.#last.get(sample.containerId)
      this.#last.set(sample.containerId, sample)
      const cores = before && sample.atMs > before.atMs ? Math.max(0, (sample.cpuNanos - before.cpuNanos) / 1e6 / (sample.atMs - before.atMs)) : 0
      let machine = machines.get(container.node)
      if (!machine) machines.set(container.node, (machine = { node: container.node, atMs: now, cpuCores: 0, memoryBytes: 0, pods: [] }))
      let entry = pods.get(pod.metadata.uid)
      if (!entry) {
        pods.set(pod.metadata.uid, (entry = { ref: refOf(pod), cpuCores: 0, memoryBytes: 0 }))
        machine.pods.push(entry)
      }
      entry.cpuCores += cores
      entry.memoryBytes += sample.memoryBytes
      machine.cpuCores += cores
      machine.memoryBytes += sample.memoryBytes
    }
    const seen = new Set(running.map(({ id }) => id))
    for (const id of this.#last.keys()) if (!seen.has(id)) this.#last.delete(id)
    return [...machines.values()]
  }
}
