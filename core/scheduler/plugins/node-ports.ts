/** Two Pods on a node cannot hold the same host port (upstream: plugins/nodeports). */
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Plugin } from '../plugin.ts'
import type { HostPort, PodInfo } from '../pod-info.ts'

const rejection = { reasons: ["node(s) didn't have free ports for the requested pod ports"], unresolvable: false }
const everywhere = '0.0.0.0'

const clash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === everywhere || b.ip === everywhere)
const taken = (pod: PodInfo, node: NodeInfo): HostPort | undefined => pod.hostPorts.find((wanted) => node.hostPorts.some((used) => clash(wanted, used)))
const sayPort = ({ port, protocol }: HostPort): string => `${port}${protocol === 'TCP' ? '' : `/${protocol}`}`

export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter(pod) {
    if (pod.hostPorts.length === 0) return undefined
    return {
      test: (node) => (taken(pod, node) ? rejection : undefined),
      tell(node) {
        const port = taken(pod, node)
        return port ? `host port ${sayPort(port)} is taken` : `host port ${pod.hostPorts.map(sayPort).join(', ')} is free`
      },
      summary: (nodes) => `needs host port ${pod.hostPorts.map(sayPort).join(', ')}, which another Pod holds on ${sayNames(nodes.map((node) => node.name))}`,
    }
  },
  wakesOn: ['Node', 'Pod removed'],
  helps(pod, change) {
    if (change.kind === 'Pod') return change.what === 'removed' && change.pod.hostPorts.some((freed) => pod.hostPorts.some((wanted) => clash(wanted, freed)))
    return changedNode(change, 'added') !== undefined
  },
}
