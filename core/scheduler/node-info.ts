/**
 * A node and the sums over its Pods. A value: `withPod` and `withoutPod` return a new one in constant time, so that a
 * finished cycle can keep the very numbers it compared.
 */
import type { Node, Taint } from '../api/types/core.ts'
import { amountOf } from './amounts.ts'
import type { Amounts, HostPort, PodInfo } from './pod-info.ts'

export interface NodeInfo {
  readonly node: Node
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  readonly unschedulable: boolean
  readonly allocatable: Amounts
  readonly cpu: number
  readonly memory: number
  readonly maxPods: number
  readonly pods: number
  readonly usedCpu: number
  readonly usedMemory: number
  readonly scoredCpu: number
  readonly scoredMemory: number
  /** Resources besides cpu and memory. */
  readonly usedOther: Amounts
  readonly hostPorts: readonly HostPort[]
  /** Bytes by image name. */
  readonly images: ReadonlyMap<string, number>
}

const noPorts: readonly HostPort[] = []
const noOther: Amounts = {}

export function nodeInfo(node: Node): NodeInfo {
  const allocatable: Record<string, number> = {}
  for (const [name, text] of Object.entries(node.status?.allocatable ?? {})) allocatable[name] = amountOf(name, text)
  const images = new Map<string, number>()
  for (const image of node.status?.images ?? []) for (const name of image.names ?? []) images.set(name, image.sizeBytes ?? 0)
  return {
    node,
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    taints: node.spec?.taints ?? [],
    unschedulable: node.spec?.unschedulable === true,
    allocatable,
    cpu: allocatable['cpu'] ?? 0,
    memory: allocatable['memory'] ?? 0,
    maxPods: allocatable['pods'] ?? 0,
    pods: 0,
    usedCpu: 0,
    usedMemory: 0,
    scoredCpu: 0,
    scoredMemory: 0,
    usedOther: noOther,
    hostPorts: noPorts,
    images,
  }
}

/** The node's new face with the sums it had. */
export const withNode = (info: NodeInfo, node: Node): NodeInfo => {
  const { pods, usedCpu, usedMemory, scoredCpu, scoredMemory, usedOther, hostPorts } = info
  return { ...nodeInfo(node), pods, usedCpu, usedMemory, scoredCpu, scoredMemory, usedOther, hostPorts }
}

export const withPod = (info: NodeInfo, pod: PodInfo): NodeInfo => changed(info, pod, 1)
export const withoutPod = (info: NodeInfo, pod: PodInfo): NodeInfo => changed(info, pod, -1)

function changed(info: NodeInfo, pod: PodInfo, sign: 1 | -1): NodeInfo {
  let other: Record<string, number> | undefined
  for (const name in pod.requests) {
    if (name === 'cpu' || name === 'memory') continue
    other ??= { ...info.usedOther }
    other[name] = (other[name] ?? 0) + sign * pod.requests[name]!
  }
  return {
    ...info,
    pods: info.pods + sign,
    usedCpu: info.usedCpu + sign * pod.cpu,
    usedMemory: info.usedMemory + sign * pod.memory,
    scoredCpu: info.scoredCpu + sign * pod.scoredCpu,
    scoredMemory: info.scoredMemory + sign * pod.scoredMemory,
    usedOther: other ?? info.usedOther,
    hostPorts: pod.hostPorts.length === 0 ? info.hostPorts : sign === 1 ? [...info.hostPorts, ...pod.hostPorts] : withoutPorts(info.hostPorts, pod.hostPorts),
  }
}

function withoutPorts(all: readonly HostPort[], gone: readonly HostPort[]): readonly HostPort[] {
  const rest = [...all]
  for (const port of gone) {
    const at = rest.findIndex((other) => other.ip === port.ip && other.port === port.port && other.protocol === port.protocol)
    if (at >= 0) rest.splice(at, 1)
  }
  return rest
}
