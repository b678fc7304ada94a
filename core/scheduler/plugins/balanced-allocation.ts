/**
 * Prefers nodes whose CPU and memory fill up more evenly with this Pod than without it
 * (upstream: plugins/noderesources/balanced_allocation.go; since 1.35 the improvement counts, not the result).
 */
import type { NodeInfo } from '../node-info.ts'
import type { Plugin } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const share = (used: number, has: number): number => (has === 0 ? 0 : Math.min(1, used / has))

/** 100 where CPU and memory are reserved to the same share, 50 at the worst. A node without one of them is balanced. */
const evenness = (cpu: number, memory: number, node: NodeInfo): number =>
  node.cpu === 0 || node.memory === 0 ? 100 : Math.floor((1 - Math.abs(share(cpu, node.cpu) - share(memory, node.memory)) / 2) * 100)

const withPod = (pod: PodInfo, node: NodeInfo): number => evenness(node.usedCpu + pod.cpu, node.usedMemory + pod.memory, node)

export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score(pod) {
    if (pod.cpu === 0 && pod.memory === 0) return undefined
    return {
      raw: (node) => 50 + Math.trunc((50 + withPod(pod, node) - evenness(node.usedCpu, node.usedMemory, node)) / 2),
      tell: (node) =>
        `would be ${Math.round(share(node.usedCpu + pod.cpu, node.cpu) * 100)} % of CPU and ${Math.round(share(node.usedMemory + pod.memory, node.memory) * 100)} % of memory reserved`,
    }
  },
  wakesOn: [],
  helps: () => false,
}
