/** How full machines are by what their Pods ask for, as the scheduler counts it. Pure. */
import type { KubeObject } from '../../core/api/meta.ts'
import { isFinished } from '../../core/api/pod-lifecycle.ts'
import { cpuAndMemoryRequests, type CpuAndMemory } from '../../core/api/pod-resources.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { quantityToNumber } from './amounts.ts'

export interface MachineFill {
  name: string
  ready: boolean
  /** Takes no new Pods because someone said so. */
  cordoned: boolean
  /** Taints that keep ordinary Pods away, in words. */
  taints: string[]
  whole: CpuAndMemory
  asked: CpuAndMemory
  pods: number
  maxPods: number
}

export function machineFills(nodes: readonly KubeObject[], pods: readonly KubeObject[]): MachineFill[] {
  const asked = new Map<string, CpuAndMemory & { pods: number }>()
  for (const pod of pods as readonly Pod[]) {
    const { nodeName } = pod.spec
    if (!nodeName || isFinished(pod)) continue
    const sum = asked.get(nodeName) ?? { cpu: 0, memory: 0, pods: 0 }
    const more = cpuAndMemoryRequests(pod)
    asked.set(nodeName, { cpu: sum.cpu + more.cpu, memory: sum.memory + more.memory, pods: sum.pods + 1 })
  }
  return nodes.map((node) => {
    const spec = (node['spec'] ?? {}) as { unschedulable?: boolean; taints?: { key: string; value?: string; effect: string }[] }
    const status = (node['status'] ?? {}) as { allocatable?: Record<string, string>; conditions?: { type: string; status: string }[] }
    const sum = asked.get(node.metadata.name) ?? { cpu: 0, memory: 0, pods: 0 }
    return {
      name: node.metadata.name,
      ready: status.conditions?.find((c) => c.type === 'Ready')?.status === 'True',
      cordoned: spec.unschedulable === true,
      taints: (spec.taints ?? []).filter((t) => t.effect !== 'PreferNoSchedule' && !t.key.startsWith('node.kubernetes.io/')).map((t) => (t.value ? `${t.key}=${t.value}` : t.key)),
      whole: { cpu: quantityToNumber(status.allocatable?.['cpu']) ?? 0, memory: quantityToNumber(status.allocatable?.['memory']) ?? 0 },
      asked: { cpu: sum.cpu, memory: sum.memory },
      pods: sum.pods,
      maxPods: quantityToNumber(status.allocatable?.['pods']) ?? 110,
    }
  })
}
