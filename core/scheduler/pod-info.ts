/**
 * What the scheduler reads of a Pod, worked out once (upstream: component-helpers/resource/helpers.go,
 * kube-scheduler/framework). Frozen data; the same info serves every cycle until the Pod changes.
 */
import type { Container, ContainerPort, Pod } from '../api/types/core.ts'
import { amountOf } from './amounts.ts'

/** By resource name: milli-CPUs for cpu, plain units for the rest. */
export type Amounts = Readonly<Record<string, number>>

export interface HostPort {
  readonly ip: string
  readonly port: number
  readonly protocol: string
}

export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly uid: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly priority: number
  /** What the Pod reserves; resources it does not ask for are absent. */
  readonly requests: Amounts
  readonly cpu: number
  readonly memory: number
  /** The same with 100 m CPU and 200 MiB for each container that says nothing: only for scoring. */
  readonly scoredCpu: number
  readonly scoredMemory: number
  readonly hostPorts: readonly HostPort[]
  readonly images: readonly string[]
}

const unstated: Amounts = { cpu: 100, memory: 200 * 2 ** 20 }

function read(list: Readonly<Record<string, string>> | undefined, fill: Amounts | undefined): Record<string, number> {
  const amounts: Record<string, number> = fill ? { ...fill } : {}
  for (const name in list) amounts[name] = amountOf(name, list[name]!)
  return amounts
}

const add = (into: Record<string, number>, more: Amounts) => {
  for (const name in more) into[name] = (into[name] ?? 0) + more[name]!
}
const raise = (into: Record<string, number>, other: Amounts) => {
  for (const name in other) into[name] = Math.max(into[name] ?? 0, other[name]!)
}

/** Containers and sidecars side by side, or the hungriest step of initialisation, whichever is more. */
function requestsOf(pod: Pod, fill: Amounts | undefined): Record<string, number> {
  const total: Record<string, number> = {}
  for (const container of pod.spec.containers) add(total, read(container.resources?.requests, fill))
  const sidecars: Record<string, number> = {}
  const steps: Record<string, number> = {}
  for (const container of pod.spec.initContainers ?? []) {
    const own = read(container.resources?.requests, fill)
    if (container.restartPolicy === 'Always') {
      add(total, own)
      add(sidecars, own)
      raise(steps, sidecars)
    } else {
      add(own, sidecars)
      raise(steps, own)
    }
  }
  raise(total, steps)
  const stated = read(pod.spec.resources?.requests, undefined)
  for (const name in stated) if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total[name] = stated[name]!
  add(total, read(pod.spec.overhead, undefined))
  return total
}

const portsOf = (containers: readonly Container[]): HostPort[] =>
  containers.flatMap((container) => container.ports ?? []).filter((port: ContainerPort) => (port.hostPort ?? 0) > 0)
    .map((port) => ({ ip: port.hostIP === undefined || port.hostIP === '' ? '0.0.0.0' : port.hostIP, port: port.hostPort!, protocol: port.protocol ?? 'TCP' }))

/** Upstream gives a name without tag `:latest` before it compares (plugins/imagelocality). */
const withTag = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image)

export function podInfo(pod: Pod): PodInfo {
  const requests = requestsOf(pod, undefined)
  const scored = requestsOf(pod, unstated)
  const inits = pod.spec.initContainers ?? []
  return {
    pod,
    key: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`,
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? '',
    labels: pod.metadata.labels ?? {},
    priority: pod.spec.priority ?? 0,
    requests,
    cpu: requests['cpu'] ?? 0,
    memory: requests['memory'] ?? 0,
    scoredCpu: scored['cpu'] ?? 0,
    scoredMemory: scored['memory'] ?? 0,
    hostPorts: portsOf([...pod.spec.containers, ...inits.filter((container) => container.restartPolicy === 'Always')]),
    images: [...inits, ...pod.spec.containers].map((container) => withTag(container.image ?? '')),
  }
}
