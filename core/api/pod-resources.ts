/**
 * What a Pod asks for and may use, all in all: containers and sidecars side by side, or the hungriest step of its
 * initialisation; a resize in progress counts with the larger amount; overhead of its runtime on top.
 * Upstream: component-helpers/resource/helpers.go (PodRequests, PodLimits with UseStatusResources).
 */
import { addTo, type Amounts, parseAmounts, plus, raiseTo } from './amounts.ts'
import { podCondition } from './pod-lifecycle.ts'
import type { Quantity } from './quantity.ts'
import type { Container, Pod } from './types/core.ts'

type Side = 'requests' | 'limits'

export function podRequests(pod: Pod): Amounts {
  const total = aggregate(pod, 'requests')
  Object.assign(total, ofPodItself(pod, 'requests'))
  if (pod.spec.overhead) addTo(total, parseAmounts(pod.spec.overhead))
  return total
}

export interface CpuAndMemory {
  /** In cores. */
  cpu: number
  /** In bytes. */
  memory: number
}

/** The requests that sentences and meters speak of, as numbers: exact enough to be shown and compared, not to be added up for a quota. */
export function cpuAndMemoryRequests(pod: Pod): CpuAndMemory {
  const { cpu, memory } = podRequests(pod)
  return { cpu: Number(cpu?.nano ?? 0n) / 1e9, memory: Number(memory?.nano ?? 0n) / 1e9 }
}

/** Overhead raises only the limits that are set. */
export function podLimits(pod: Pod): Amounts {
  const total = aggregate(pod, 'limits')
  Object.assign(total, ofPodItself(pod, 'limits'))
  const overhead = parseAmounts(pod.spec.overhead)
  for (const name in overhead) if (total[name] !== undefined && total[name].nano !== 0n) total[name] = plus(total[name], overhead[name]!)
  return total
}

const podLevel = (name: string) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

function ofPodItself(pod: Pod, side: Side): Amounts {
  const own = parseAmounts(pod.spec.resources?.[side])
  return Object.fromEntries(Object.entries(own).filter(([name]) => podLevel(name)))
}

function aggregate(pod: Pod, side: Side): Record<string, Quantity> {
  const total: Record<string, Quantity> = {}
  for (const container of pod.spec.containers) addTo(total, effective(pod, container, side))
  if (!pod.spec.initContainers?.length) return total
  const sidecars: Record<string, Quantity> = {}
  const steps: Record<string, Quantity> = {}
  for (const container of pod.spec.initContainers) {
    const isSidecar = container.restartPolicy === 'Always'
    const own = isSidecar ? effective(pod, container, side) : parseAmounts(container.resources?.[side])
    if (isSidecar) {
      addTo(total, own)
      addTo(sidecars, own)
      raiseTo(steps, sidecars)
    } else {
      const step = { ...sidecars }
      addTo(step, own)
      raiseTo(steps, step)
    }
  }
  raiseTo(total, steps)
  return total
}

function effective(pod: Pod, container: Container, side: Side): Amounts {
  const wanted = parseAmounts(container.resources?.[side])
  const present = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(({ name }) => name === container.name)
  if (!present?.resources) return wanted
  const isOut = podCondition(pod, 'PodResizePending')?.reason === 'Infeasible'
  const most = isOut ? {} : wanted
  const asked = isOut ? undefined : container.resources?.[side]
  raiseTo(most, parseAmounts(others(present.resources[side], asked)))
  if (side === 'requests') raiseTo(most, parseAmounts(others(present.allocatedResources, asked)))
  return most
}

/** Without what stands in `known` in the same words: without a resize that is all, and this runs for every Pod of a cluster. */
function others(list: Readonly<Record<string, string>> | undefined, known: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const rest: Record<string, string> = {}
  for (const name in list) if (list[name] !== known?.[name]) rest[name] = list[name]!
  return rest
}
