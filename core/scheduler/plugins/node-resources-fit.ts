/** Enough unreserved CPU, memory and the rest; emptier nodes score higher (upstream: plugins/noderesources fit.go, least_allocated.go). */
import type { DeviceClass } from '../../api/types/resource.ts'
import { say, sayBytes, sayCpus, sayOf, sayResource } from '../amounts.ts'
import { isByDevices, resourceClasses, standsFor, type ResourceClasses } from '../devices/extended-resources.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, type Plugin, type Rejection } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

interface Lack {
  readonly resource: string
  readonly needs: number
  readonly free: number
  readonly has: number
}

/** What devices stand for is not looked at here (upstream: shouldDelegateResourceToDRA). */
function* lacks(pod: PodInfo, node: NodeInfo, classes: ResourceClasses): Generator<Lack> {
  if (node.pods + 1 > node.maxPods) yield { resource: 'pods', needs: 1, free: node.maxPods - node.pods, has: node.maxPods }
  for (const resource in pod.requests) {
    const needs = pod.requests[resource]!
    if (needs === 0 || (classes.size > 0 && isByDevices(resource, node, classes))) continue
    const has = node.allocatable[resource] ?? 0
    const free = has - (resource === 'cpu' ? node.usedCpu : resource === 'memory' ? node.usedMemory : (node.usedOther[resource] ?? 0))
    if (needs > free) yield { resource, needs, free, has }
  }
}

/** No allocation where the node fits: this runs for every node of every cycle. */
function fits(pod: PodInfo, node: NodeInfo, plain: boolean, classes: ResourceClasses): boolean {
  if (node.pods >= node.maxPods) return false
  if (pod.cpu > 0 && pod.cpu > node.cpu - node.usedCpu) return false
  if (pod.memory > 0 && pod.memory > node.memory - node.usedMemory) return false
  return plain || lacks(pod, node, classes).next().done === true
}

const rejection = (pod: PodInfo, node: NodeInfo, classes: ResourceClasses): Rejection => {
  const all = [...lacks(pod, node, classes)]
  return {
    reasons: all.map(({ resource }) => (resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`)),
    unresolvable: all.some(({ resource, needs, has }) => resource !== 'pods' && needs > has),
  }
}

const sayNeed = (resource: string, needs: number): string =>
  resource === 'pods' ? 'needs room for a Pod' : resource === 'cpu' ? `needs ${sayCpus(needs)}` : `needs ${say(resource, needs)}${resource === 'memory' ? '' : ` of ${sayResource(resource)}`}`
const sayLack = ({ resource, needs, free, has }: Lack): string =>
  resource === 'pods' ? `holds ${has - free} of at most ${has} Pods`
    : free === has ? `${sayNeed(resource, needs)}, has ${say(resource, has)} in all` : `${sayNeed(resource, needs)}, ${say(resource, Math.max(0, free))} free`

const least = (used: number, has: number): number => (has === 0 || used > has ? 0 : Math.floor(((has - used) * 100) / has))

export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter(pod, view) {
    const plain = Object.keys(pod.requests).every((name) => name === 'cpu' || name === 'memory')
    const classes = resourceClasses(pod, view.objects)
    return {
      test: (node) => (fits(pod, node, plain, classes) ? undefined : rejection(pod, node, classes)),
      tell(node) {
        const all = [...lacks(pod, node, classes)]
        if (all.length > 0) return all.map(sayLack).join('; ')
        const parts = Object.entries(pod.requests).filter(([resource, needs]) => needs > 0 && !isByDevices(resource, node, classes)).map(([resource, needs]) => {
          const used = resource === 'cpu' ? node.usedCpu : resource === 'memory' ? node.usedMemory : (node.usedOther[resource] ?? 0)
          return `${sayNeed(resource, needs)}, ${say(resource, (node.allocatable[resource] ?? 0) - used)} free`
        })
        return parts.length > 0 ? parts.join('; ') : `reserves nothing; room for ${node.maxPods - node.pods} more Pods`
      },
      gap: (node) => Math.max(0, ...[...lacks(pod, node, classes)].map(({ resource, needs, free, has }) => (resource !== 'pods' && has === 0 ? 10 : (needs - free) / Math.max(1, needs)))),
      summary(nodes) {
        // The node that lacks least; of what it lacks, the worst.
        let best: { node: NodeInfo; lack: Lack; gap: number } | undefined
        for (const node of nodes) {
          const worst = [...lacks(pod, node, classes)].map((lack) => ({ node, lack, gap: (lack.needs - lack.free) / Math.max(1, lack.needs) })).sort((a, b) => b.gap - a.gap)[0]
          if (worst && (!best || worst.gap < best.gap)) best = worst
        }
        if (!best) return 'does not fit'
        const { node, lack } = best
        if (lack.resource === 'pods') return `${node.name} already holds its most of ${lack.has} Pods`
        const kind = sayResource(lack.resource)
        const needs = lack.resource === 'cpu' ? `needs ${sayCpus(lack.needs)}` : `needs ${say(lack.resource, lack.needs)} of ${kind}`
        if (lack.has === 0) return `${needs}, and no node has any`
        const free = say(lack.resource, Math.max(0, lack.free))
        const whole = lack.needs > lack.has ? ', and would not fit there even if it were empty' : ''
        return nodes.length === 1 ? `${needs}, ${free} of ${say(lack.resource, lack.has)} is free on ${node.name}${whole}` : `${needs}, the most free is ${free} on ${node.name}${whole}`
      },
    }
  },
  score: (pod) => ({
    raw(node) {
      const parts = (node.cpu > 0 ? 1 : 0) + (node.memory > 0 ? 1 : 0)
      if (parts === 0) return 0
      return Math.floor((least(node.scoredCpu + pod.scoredCpu, node.cpu) + least(node.scoredMemory + pod.scoredMemory, node.memory)) / parts)
    },
    tell: (node) => `${sayOf(sayBytes(Math.max(0, node.memory - node.scoredMemory)), sayBytes(node.memory))} memory and ${sayOf(sayCpus(Math.max(0, node.cpu - node.scoredCpu)), sayCpus(node.cpu))} free`,
  }),
  wakesOn: ['Node', 'Pod removed', 'Pod freed', 'DeviceClass'],
  helps(pod, change, view) {
    if (change.kind === 'DeviceClass') {
      const [now, before] = [change.object as DeviceClass, change.previous as DeviceClass | undefined]
      return change.what !== 'removed' && standsFor(now, pod) && (!before || before.spec.extendedResourceName !== now.spec.extendedResourceName)
    }
    const classes = resourceClasses(pod, view.objects)
    if (change.kind === 'Pod') {
      // Less on a node may also mean that a preemption suffices now.
      const node = view.node(change.node)
      return node !== undefined && (pod.priority > 0 || lacks(pod, node, classes).next().done === true)
    }
    const node = changedNode(change, 'added', 'allocatable')
    return node !== undefined && lacks(pod, { ...node, pods: 0, usedCpu: 0, usedMemory: 0, usedOther: {} }, classes).next().done === true
  },
}
