/**
 * What Pods ask of machines and how full that makes them (upstream: pkg/scheduler/framework, computePodResourceRequest:
 * sum of containers, or the largest init container where that is more; restartable init containers count as containers). Pure.
 */
import type { KubeObject } from '../../core/api/meta.ts'
import { quantityToNumber } from './amounts.ts'

export interface Amount { cpu: number; memory: number }

interface ContainerShape { name?: string; restartPolicy?: string; resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }
interface PodShape { nodeName?: string; containers?: ContainerShape[]; initContainers?: ContainerShape[]; overhead?: Record<string, string> }

const one = (container: ContainerShape, name: 'cpu' | 'memory'): number =>
  quantityToNumber(container.resources?.requests?.[name] ?? container.resources?.limits?.[name]) ?? 0

export function podRequests(spec: PodShape): Amount {
  const total = (name: 'cpu' | 'memory') => {
    let sum = 0
    for (const container of spec.containers ?? []) sum += one(container, name)
    let sidecars = 0
    let peak = 0
    for (const init of spec.initContainers ?? []) {
      if (init.restartPolicy === 'Always') { sidecars += one(init, name); peak = Math.max(peak, sidecars) }
      else peak = Math.max(peak, sidecars + one(init, name))
    }
    return Math.max(sum + sidecars, peak) + (quantityToNumber(spec.overhead?.[name]) ?? 0)
  }
  return { cpu: total('cpu'), memory: total('memory') }
}

export interface MachineFill {
  name: string
  ready: boolean
  /** Takes no new Pods because someone said so. */
  cordoned: boolean
  /** Taints that keep ordinary Pods away, in words. */
  taints: string[]
  whole: Amount
  asked: Amount
  pods: number
  maxPods: number
}

const ended = (pod: KubeObject): boolean => {
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase
  return phase === 'Succeeded' || phase === 'Failed'
}

export function machineFills(nodes: readonly KubeObject[], pods: readonly KubeObject[]): MachineFill[] {
  const asked = new Map<string, Amount & { pods: number }>()
  for (const pod of pods) {
    const spec = pod['spec'] as PodShape | undefined
    if (!spec?.nodeName || ended(pod)) continue
    const sum = asked.get(spec.nodeName) ?? { cpu: 0, memory: 0, pods: 0 }
    const more = podRequests(spec)
    asked.set(spec.nodeName, { cpu: sum.cpu + more.cpu, memory: sum.memory + more.memory, pods: sum.pods + 1 })
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
