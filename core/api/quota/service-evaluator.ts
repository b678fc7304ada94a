/** What Services use of a quota. Upstream: pkg/quota/v1/evaluator/core/services.go. */
import { one, whole, zero } from '../amounts.ts'
import type { Service } from '../types/core.ts'
import type { Evaluator } from './evaluator.ts'

const names: ReadonlySet<string> = new Set(['count/services', 'services', 'services.nodeports', 'services.loadbalancers'])

export const serviceEvaluator: Evaluator = {
  kind: 'Service',
  counts: (name) => names.has(name),
  usage(object) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = (object as unknown as Service).spec
    const isBalancer = type === 'LoadBalancer'
    const nodePorts = isBalancer && allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort).length : isBalancer || type === 'NodePort' ? ports.length : 0
    return { 'count/services': one, services: one, 'services.nodeports': whole(nodePorts), 'services.loadbalancers': isBalancer ? one : zero }
  },
  inScope: () => false,
  charges: (subresource) => subresource === undefined,
}
