/** What simulated containers use. CPU time is a sum that grows at each look by what was declared for the time in between. */
import { quantityMilli, quantityValue } from '../../../api/quantity.ts'
import type { Usage } from '../../runtime.ts'

export interface Load {
  readonly cpuMillis: number
  /** Several containers share the CPU of one load. */
  readonly share: string | undefined
  readonly memoryBytes: number
}

export interface Loaded {
  readonly id: string
  readonly startedMs: number
  readonly load: Load | undefined
}

const idle: Load = { cpuMillis: 1, share: undefined, memoryBytes: 2 ** 20 }

/** Amounts that cannot be read count as not declared. */
export function loadOf(cpu: string | undefined, shared: string | undefined, memory: string | undefined): Load {
  const [name, total] = shared?.split('=') ?? []
  return {
    cpuMillis: amount(total ?? cpu, quantityMilli) ?? idle.cpuMillis,
    share: total === undefined ? undefined : name,
    memoryBytes: amount(memory, quantityValue) ?? idle.memoryBytes,
  }
}

function amount(text: string | undefined, read: (text: string) => number): number | undefined {
  if (text === undefined) return undefined
  try {
    return read(text)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

export class SimulatedLoad {
  readonly #spent = new Map<string, { atMs: number; nanos: number }>()

  sample(running: readonly Loaded[], nowMs: number): ReadonlyMap<string, Usage> {
    const sharing = new Map<string, number>()
    for (const { load } of running) if (load?.share !== undefined) sharing.set(load.share, (sharing.get(load.share) ?? 0) + 1)
    const usages = new Map<string, Usage>()
    for (const { id, startedMs, load = idle } of running) {
      const millis = load.share === undefined ? load.cpuMillis : load.cpuMillis / (sharing.get(load.share) ?? 1)
      const before = this.#spent.get(id) ?? { atMs: startedMs, nanos: 0 }
      // A thousandth of a core is a thousand billionths of a second each millisecond.
      const spent = { atMs: nowMs, nanos: before.nanos + Math.max(0, nowMs - before.atMs) * millis * 1000 }
      this.#spent.set(id, spent)
      usages.set(id, { containerId: id, cpuNanos: Math.round(spent.nanos), memoryBytes: load.memoryBytes, atMs: nowMs })
    }
    for (const id of this.#spent.keys()) if (!usages.has(id)) this.#spent.delete(id)
    return usages
  }
}
