/**
 * What the scheduler reads of a Pod, worked out once (upstream: component-helpers/resource/helpers.go,
 * kube-scheduler/framework). Frozen data; the same info serves every cycle until the Pod changes.
 */
import { podCondition } from '../api/pod-lifecycle.ts'
import type { Container, ContainerPort, Pod } from '../api/types/core.ts'
import { affinityTerms, type AffinityTerms } from './affinity-terms.ts'
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
  /** Of all containers and image volumes. */
  readonly images: readonly string[]
  readonly containers: number
  /** Inter-Pod affinity, where it has any. */
  readonly affinity?: AffinityTerms
}

const unstated: Amounts = { cpu: 100, memory: 200 * 2 ** 20 }

function read(list: Readonly<Record<string, string>> | undefined): Record<string, number> {
  const amounts: Record<string, number> = {}
  for (const name in list) amounts[name] = amountOf(name, list[name]!)
  return amounts
}

const add = (into: Record<string, number>, more: Amounts) => {
  for (const name in more) into[name] = (into[name] ?? 0) + more[name]!
}
const raise = (into: Record<string, number>, other: Amounts) => {
  for (const name in other) into[name] = Math.max(into[name] ?? 0, other[name]!)
}

/** While a resize is under way the Pod counts as the most of what it asks for, was promised and uses; one that cannot be done asks for nothing more. */
function effective(spec: Amounts, state: { resources?: { requests?: Readonly<Record<string, string>> }; allocatedResources?: Readonly<Record<string, string>> } | undefined, infeasible: boolean): Record<string, number> {
  if (!state?.resources) return { ...spec }
  const total = infeasible ? {} : { ...spec }
  raise(total, read(state.resources.requests))
  raise(total, read(state.allocatedResources))
  return total
}

const isInfeasible = (pod: Pod): boolean => podCondition(pod, 'PodResizePending')?.reason === 'Infeasible'

/** What a resize changes; the rest of a Pod's status says nothing of its requests. */
export const resizeFacts = (pod: Pod): unknown => ({
  pending: podCondition(pod, 'PodResizePending')?.reason,
  pod: [pod.status?.resources?.requests, pod.status?.allocatedResources],
  containers: [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].map(({ name, resources, allocatedResources }) => [name, resources?.requests, allocatedResources]),
})

/** Containers and sidecars side by side, or the hungriest step of initialisation, whichever is more. */
function requestsOf(pod: Pod, fill: Amounts | undefined): Record<string, number> {
  const states = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const infeasible = isInfeasible(pod)
  const own = (container: Container, resizable: boolean): Record<string, number> => {
    const asked = read(container.resources?.requests)
    const amounts = resizable ? effective(asked, states.find(({ name }) => name === container.name), infeasible) : asked
    for (const name in fill) amounts[name] ??= fill[name]!
    return amounts
  }
  const total: Record<string, number> = {}
  for (const container of pod.spec.containers) add(total, own(container, true))
  const sidecars: Record<string, number> = {}
  const steps: Record<string, number> = {}
  for (const container of pod.spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === 'Always'
    const needs = own(container, isSidecar)
    if (isSidecar) {
      add(total, needs)
      add(sidecars, needs)
      raise(steps, sidecars)
    } else {
      add(needs, sidecars)
      raise(steps, needs)
    }
  }
  raise(total, steps)
  const stated = read(pod.spec.resources?.requests)
  const statedNow = effective(stated, pod.status, infeasible)
  for (const name in stated) if (name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')) total[name] = statedNow[name]!
  add(total, read(pod.spec.overhead))
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
  const affinity = affinityTerms(pod)
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
    images: [...[...inits, ...pod.spec.containers].map(({ image }) => image ?? ''), ...(pod.spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? [])].map(withTag),
    containers: inits.length + pod.spec.containers.length,
    ...(affinity ? { affinity } : {}),
  }
}
