/** CPU and memory that Pods use, per machine, measured by the engine when somebody looks. CPU is the share since the last look. */
import type { MachineUsage } from '../../../electron/contract.ts'
import { refOf } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import type { Runtime } from '../../node/runtime.ts'
import { UsageRates } from '../../node/usage/rates.ts'

/** Looks on its own: the window asks more often than the metrics API measures. */
export class UsageSampler {
  readonly #rates: UsageRates

  constructor(runtime: Pick<Runtime, 'containers' | 'usage'>) {
    this.#rates = new UsageRates(runtime)
  }

  async sample(snapshot: Snapshot, now: number): Promise<MachineUsage[]> {
    const machines = new Map<string, MachineUsage>()
    const pods = new Map<string, MachineUsage['pods'][number]>()
    for (const { container, cpuNanos = 0, memoryBytes } of await this.#rates.read()) {
      const pod = snapshot.byUid<Pod>(container.pod.uid)
      if (!pod) continue
      const cores = cpuNanos / 1e9
      let machine = machines.get(container.node)
      if (!machine) machines.set(container.node, (machine = { node: container.node, atMs: now, cpuCores: 0, memoryBytes: 0, pods: [] }))
      let entry = pods.get(pod.metadata.uid)
      if (!entry) {
        pods.set(pod.metadata.uid, (entry = { ref: refOf(pod), cpuCores: 0, memoryBytes: 0 }))
        machine.pods.push(entry)
      }
      entry.cpuCores += cores
      entry.memoryBytes += memoryBytes
      machine.cpuCores += cores
      machine.memoryBytes += memoryBytes
    }
    return [...machines.values()]
  }
}
