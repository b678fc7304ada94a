/**
 * What a Service's slices are to hold: its Pods as endpoints, those with the same ports together, with hints of where their
 * traffic should come from. Mirrors staging/src/k8s.io/endpointslice/{reconciler,utils}.go, trafficdist/trafficdist.go.
 */
import type { Pod, Service } from '../../../api/types/core.ts'
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../../../api/types/discovery.ts'
import { equal } from '../../../base/json.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { isLeaving, isReady, podCondition } from '../../../api/pod-lifecycle.ts'
import { addressesOf, hostnameFor, inOrder, isIPv6, portOn } from '../service-backends.ts'
import { byShareOfCpu, zoneLabel, type AddressType } from './topology.ts'

/** Endpoints that share ports and address type, and so may share slices. */
export interface Group {
  readonly addressType: AddressType
  readonly ports: readonly EndpointPort[]
  readonly endpoints: Endpoint[]
}

const near: ReadonlySet<string> = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode'])

export function groupsOf(service: Service, pods: readonly Pod[], snapshot: Snapshot): Group[] {
  const families = service.spec.ipFamilies ?? [service.spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4']
  return families.flatMap((family) => {
    const addressType: AddressType = family === 'IPv6' ? 'IPv6' : 'IPv4'
    const groups = new Map<string, Group>()
    for (const pod of inOrder(pods)) {
      const addresses = addressesOf(pod).filter((address) => isIPv6(address) === (addressType === 'IPv6'))
      if (addresses.length === 0) continue
      const ports = portsOn(service, pod)
      const key = JSON.stringify(ports)
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { addressType, ports, endpoints: [] }))
      group.endpoints.push(endpointOf(service, pod, addresses, snapshot))
    }
    // Even a Service without Pods has one slice, so that it can be seen to have none.
    return groups.size === 0 ? [{ addressType, ports: [], endpoints: [] }] : [...groups.values()]
  })
}

function portsOn(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = portOn(pod, port)
    if (number === undefined) return []
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) }]
  })
}

function endpointOf(service: Service, pod: Pod, addresses: readonly string[], snapshot: Snapshot): Endpoint {
  const serving = isReady(pod)
  const terminating = isLeaving(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { nodeName } = pod.spec
  const zone = nodeName ? snapshot.get('Node', undefined, nodeName)?.metadata.labels?.[zoneLabel] : undefined
  const hostname = hostnameFor(pod, service)
  const hints = ready ? hintsOf(service, nodeName, zone) : undefined
  return {
    addresses: [...addresses],
    conditions: { ready, serving, terminating },
    ...(hints === undefined ? {} : { hints }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid },
    ...(zone ? { zone } : {}),
  }
}

/** Traffic that prefers to stay near goes to endpoints of its own zone or node. Hints by share of CPU go before: see topology.ts. */
function hintsOf(service: Service, nodeName: string | undefined, zone: string | undefined): EndpointHints | undefined {
  const { spec } = service
  if (!near.has(spec.trafficDistribution ?? '') || byShareOfCpu(service)) return undefined
  const forNodes = spec.trafficDistribution === 'PreferSameNode' && nodeName ? [{ name: nodeName }] : undefined
  const forZones = zone ? [{ name: zone }] : undefined
  if (!forNodes && !forZones) return undefined
  return { ...(forNodes ? { forNodes } : {}), ...(forZones ? { forZones } : {}) }
}

/**
 * When what is now written began: the earliest moment at which a Pod whose endpoint changes turned ready or unready, and
 * for the first slices no later than the Service's creation. Undefined where nothing says so.
 */
export function triggerTime(service: Service, pods: readonly Pod[], existing: readonly EndpointSlice[]): string | undefined {
  const known = new Map(existing.flatMap(({ endpoints = [] }) => (endpoints ?? []).map((endpoint) => [endpoint.targetRef?.uid ?? '', endpoint.conditions] as const)))
  const times = pods.flatMap((pod) => {
    const before = known.get(pod.metadata.uid)
    if (before && equal([before.serving, before.terminating], [isReady(pod), isLeaving(pod)])) return []
    return podCondition(pod, 'Ready')?.lastTransitionTime ?? []
  })
  if (existing.length === 0) times.push(service.metadata.creationTimestamp)
  return times.sort()[0]
}
