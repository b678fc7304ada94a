/**
 * Why no machine takes a Pod, in one sentence with both numbers: "needs 2 GiB, most free is 1.4 on mini-pc". Counts what
 * the scheduler counts: requests of the Pods on a machine against what it can give away.
 */
import { isFinished } from '../pod-lifecycle.ts'
import { cpuAndMemoryRequests, type CpuAndMemory } from '../pod-resources.ts'
import type { Node, Pod } from '../types/core.ts'
import { bytes, cpus, quantityValue } from './sentences.ts'
import type { StateView } from './view.ts'

export function freeOn(node: Node, snapshot: Pick<StateView, 'podsOn'>): CpuAndMemory {
  let cpu = quantityValue(node.status?.allocatable?.['cpu'])
  let memory = quantityValue(node.status?.allocatable?.['memory'])
  for (const pod of snapshot.podsOn<Pod>(node.metadata.name)) {
    if (isFinished(pod)) continue
    const request = cpuAndMemoryRequests(pod)
    cpu -= request.cpu
    memory -= request.memory
  }
  return { cpu, memory }
}

export function unscheduledWords(pod: Pod, snapshot: Pick<StateView, 'podsOn' | 'list'>): string | undefined {
  const nodes = snapshot.list<Node>('Node')
  if (nodes.length === 0) return 'there is no machine'
  const open = nodes.filter((node) => !node.spec?.unschedulable)
  if (open.length === 0) return nodes.length === 1 ? `${nodes[0]!.metadata.name} takes no new Pods` : 'no machine takes new Pods'
  const wanted = cpuAndMemoryRequests(pod)
  const selector = Object.entries(pod.spec?.nodeSelector ?? {})
  const fitting = open.filter((node) => selector.every(([key, value]) => node.metadata.labels?.[key] === value))
  if (fitting.length === 0) return `no machine has the label ${selector.map(([key, value]) => `${key}=${value}`).join(', ')}`
  const free = fitting.map((node) => ({ node, ...freeOn(node, snapshot) }))
  const most = (key: keyof CpuAndMemory) => free.reduce((best, one) => (one[key] > best[key] ? one : best))
  const memory = most('memory')
  if (wanted.memory > memory.memory) return `needs ${bytes(wanted.memory)}, most free is ${bytes(Math.max(0, memory.memory))} on ${memory.node.metadata.name}`
  const cpu = most('cpu')
  if (wanted.cpu > cpu.cpu) return `needs ${cpus(wanted.cpu)}, most free is ${cpus(Math.max(0, cpu.cpu))} on ${cpu.node.metadata.name}`
  if (!free.some((one) => one.cpu >= wanted.cpu && one.memory >= wanted.memory)) return `needs ${bytes(wanted.memory)} and ${cpus(wanted.cpu)} on one machine`
  return undefined
}
