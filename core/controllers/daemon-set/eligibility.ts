/** On which nodes a DaemonSet runs (pkg/controller/daemon/daemon_controller.go, NodeShouldRunDaemonPod). */
import { nodeDemand, tolerates } from '../../api/node-selector.ts'
import type { DaemonSet } from '../../api/types/apps.ts'
import type { Node, Taint, Toleration } from '../../api/types/core.ts'
import { daemonTolerations } from './daemon-pod.ts'

export interface Eligibility {
  /** A Pod is to be there. */
  runs(node: Node): boolean
  /** A Pod that is there may stay: a new one would not get in, but this one tolerates what would drive it away. */
  stays(node: Node): boolean
}

/** Reads the template once; each question then costs little, for there may be thousands of nodes. */
export function eligibilityOf({ spec }: DaemonSet): Eligibility {
  const template = spec.template.spec
  const allows = nodeDemand(template)
  const tolerations = daemonTolerations(template)
  const fits = (node: Node) => (!template.nodeName || template.nodeName === node.metadata.name) && allows(node)
  return {
    runs: (node) => !bars(node, tolerations, 'NoSchedule', 'NoExecute') && fits(node),
    stays: (node) => !bars(node, tolerations, 'NoExecute') && fits(node),
  }
}

const bars = (node: Node, tolerations: readonly Toleration[], ...effects: readonly Taint['effect'][]): boolean =>
  node.spec?.taints?.some((taint) => effects.includes(taint.effect) && !tolerates(tolerations, taint)) ?? false
