/** What the engine is told of a container's resources, and of what its Pod's quality of service protects (upstream: pkg/kubelet/qos/policy.go). Pure. */
import { qosClass } from '../../api/kinds/pod-spec/qos.ts'
import { quantityMilli, quantityValue } from '../../api/quantity.ts'
import type { Container, Pod } from '../../api/types/core.ts'
import type { ContainerSpec } from '../runtime.ts'

const compute = ['cpu', 'memory'] as const
const amount = (list: Record<string, string> | undefined, name: (typeof compute)[number]): number => {
  const text = list?.[name]
  return text === undefined ? 0 : name === 'cpu' ? quantityMilli(text) : quantityValue(text)
}

const leastShares = 2
const sharesPerCpu = 1024

export function engineResources(pod: Pod, container: Container, machineMemoryBytes: number): ContainerSpec['resources'] {
  const { requests, limits } = container.resources ?? {}
  const cpuLimit = amount(limits, 'cpu')
  const cpuRequest = requests?.['cpu'] === undefined ? cpuLimit : amount(requests, 'cpu')
  const memoryLimit = amount(limits, 'memory')
  return {
    cpuShares: Math.max(leastShares, Math.floor((cpuRequest * sharesPerCpu) / 1000)),
    ...(cpuLimit > 0 ? { cpuQuotaMillis: cpuLimit } : {}),
    ...(memoryLimit > 0 ? { memoryBytes: memoryLimit } : {}),
    oomScoreAdj: oomScore(pod, container, machineMemoryBytes),
  }
}

/** What a Burstable container asks for protects it in proportion; 2 and 999 keep it between the other classes. */
function oomScore(pod: Pod, container: Container, machineMemoryBytes: number): number {
  const quality = qosClass(pod.spec)
  if (quality === 'Guaranteed') return -997
  if (quality === 'BestEffort') return 1000
  const score = 1000 - Math.floor((1000 * amount(container.resources?.requests, 'memory')) / machineMemoryBytes)
  return Math.min(999, Math.max(3, score))
}
