/** Cordoned nodes take no Pods, except those that tolerate it (upstream: plugins/nodeunschedulable). */
import { changedNode, sayNames, type Plugin } from '../plugin.ts'
import { tolerates } from '../../api/node-selector.ts'

const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const
const rejection = { reasons: ['node(s) were unschedulable'], unresolvable: true }

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter: (pod) => ({
    test: (node) => (node.unschedulable && !tolerates(pod.pod.spec.tolerations, cordon) ? rejection : undefined),
    tell: (node) => (!node.unschedulable ? 'takes Pods' : tolerates(pod.pod.spec.tolerations, cordon) ? 'cordoned, and the Pod tolerates it' : 'cordoned: takes no new Pods'),
    summary: (nodes) => `${sayNames(nodes.map((node) => node.name))} ${nodes.length === 1 ? 'is' : 'are'} cordoned and ${nodes.length === 1 ? 'takes' : 'take'} no new Pods`,
  }),
  wakesOn: ['Node'],
  helps(pod, change) {
    const node = changedNode(change, 'added', 'schedulable')
    return node !== undefined && (!node.unschedulable || tolerates(pod.pod.spec.tolerations, cordon))
  },
}
