/**
 * EndpointSlices: the Pods behind each Service with their conditions, at most 100 a slice. Slices are changed as little
 * as possible. Mirrors staging/src/k8s.io/endpointslice/reconciler.go.
 */
import { refOf, type NewObject } from '../api/meta.ts'
import type { Pod, Service } from '../api/types/core.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../api/types/discovery.ts'
import { equal } from '../base/json.ts'
import { defineController } from '../loop/controller.ts'
import { nothing, type Reason, type Step } from '../loop/plan.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { controllerReference } from './ownership.ts'
import { isLeaving, isReady } from './pod-state.ts'
import { addressesOf, hasBackends, hostnameFor, inOrder, isHeadless, isIPv6, podsBehind, portOn, servicesOf } from './service-backends.ts'
import { enumerate } from './words.ts'

const perSlice = 100
const serviceLabel = 'kubernetes.io/service-name'
const managerLabel = 'endpointslice.kubernetes.io/managed-by'
const headlessLabel = 'service.kubernetes.io/headless'
const manager = 'endpointslice-controller.k8s.io'
const reserved: ReadonlySet<string> = new Set([serviceLabel, managerLabel, headlessLabel])

type AddressType = 'IPv4' | 'IPv6'

/** Endpoints that share ports and address type, and so may share slices. */
interface Group {
  readonly addressType: AddressType
  readonly ports: readonly EndpointPort[]
  readonly endpoints: Endpoint[]
}

export const endpointSlice = defineController<Service>({
  name: 'endpointslice-controller',
  reconciles: 'Service',
  wakesOn: ['Pod', 'EndpointSlice'],
  gapMs: 20,

  wakes(event, snapshot) {
    const { object } = event
    if (object.kind === 'Pod') return servicesOf(event, snapshot)
    const name = object.metadata.labels?.[serviceLabel]
    return name === undefined || object.metadata.labels?.[managerLabel] !== manager ? [] : [{ kind: 'Service', namespace: object.metadata.namespace ?? '', name }]
  },

  plan({ object: service, snapshot }) {
    if (!service) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Service is gone, and its slices with it' })
    if (!hasBackends(service)) return nothing({ code: 'NoSelector', say: 'leaves the endpoints to others', why: service.spec.type === 'ExternalName' ? 'the Service is a name for another host' : 'the Service has no selector' })
    if (service.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Deleting', say: 'nothing left to do', why: 'the Service is being deleted' })
    const pods = podsBehind(service, snapshot, true)
    const existing = snapshot
      .labelled<EndpointSlice>('EndpointSlice', service.metadata.namespace ?? '', { [serviceLabel]: service.metadata.name, [managerLabel]: manager })
      .filter((slice) => slice.metadata.deletionTimestamp === undefined)
    const groups = groupsOf(service, pods, snapshot)
    const because = summary(service, pods, existing)
    const steps: Step[] = []
    const unused = new Set(existing)
    for (const group of groups) {
      const own = existing.filter((slice) => slice.addressType === group.addressType && samePorts(slice, group))
      for (const slice of own) unused.delete(slice)
      steps.push(...fill(service, group, own, because))
    }
    for (const slice of unused) steps.push({ do: 'delete', ref: refOf(slice), because: { ...because, code: 'SliceDropped' } })
    return { steps, because }
  },
})

function groupsOf(service: Service, pods: readonly Pod[], snapshot: Snapshot): Group[] {
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
  const { nodeName } = pod.spec
  const zone = nodeName ? snapshot.get('Node', undefined, nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'] : undefined
  const hostname = hostnameFor(pod, service)
  return {
    addresses: [addresses[0]!],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName ? { nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid },
    ...(zone ? { zone } : {}),
  }
}

const portKey = ({ name = '', port, protocol, appProtocol }: EndpointPort) => `${name} ${port} ${protocol ?? 'TCP'} ${appProtocol ?? ''}`
const samePorts = (slice: EndpointSlice, group: Group): boolean =>
  equal((slice.ports ?? []).map(portKey).sort(), group.ports.map(portKey).sort())

/** Endpoints stay in their slice; new ones fill the slices that change anyway, then one that has room for all, then new slices. */
function fill(service: Service, group: Group, slices: readonly EndpointSlice[], because: Reason): Step[] {
  const wanted = new Map(group.endpoints.map((endpoint) => [endpoint.targetRef?.uid ?? '', endpoint]))
  const labels = labelsOf(service)
  const kept = slices.map((slice) => {
    const endpoints: Endpoint[] = []
    for (const { targetRef } of slice.endpoints ?? []) {
      const endpoint = wanted.get(targetRef?.uid ?? '')
      if (!endpoint) continue
      endpoints.push(endpoint)
      wanted.delete(targetRef?.uid ?? '')
    }
    return { slice, endpoints, changed: !equal(endpoints, slice.endpoints ?? []) }
  })
  const rest = [...wanted.values()]
  for (const item of kept.filter(({ changed }) => changed).sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    item.endpoints.push(...rest.splice(0, perSlice - item.endpoints.length))
  }
  if (rest.length > 0) {
    const room = kept.filter(({ changed, endpoints }) => !changed && endpoints.length + rest.length <= perSlice).sort((a, b) => b.endpoints.length - a.endpoints.length)[0]
    if (room) {
      room.endpoints.push(...rest.splice(0))
      room.changed = true
    }
  }
  const steps: Step[] = []
  let left = kept.length
  for (const { slice, endpoints, changed } of kept) {
    if (endpoints.length === 0 && (group.endpoints.length > 0 || left > 1)) {
      left--
      steps.push({ do: 'delete', ref: refOf(slice), because: { ...because, code: 'SliceDropped' } })
    } else if (changed || !equal(labels, slice.metadata.labels)) {
      const stale = Object.keys(slice.metadata.labels ?? {}).filter((label) => labels[label] === undefined)
      steps.push({
        do: 'patch',
        ref: refOf(slice),
        patch: {
          metadata: { resourceVersion: slice.metadata.resourceVersion, labels: { ...Object.fromEntries(stale.map((label) => [label, null])), ...labels } },
          ...(changed ? { endpoints } : {}),
        },
        because,
      })
    }
  }
  if (rest.length === 0 && slices.length === 0) steps.push({ do: 'create', object: sliceOf(service, group, [], labels), because })
  while (rest.length > 0) steps.push({ do: 'create', object: sliceOf(service, group, rest.splice(0, perSlice), labels), because })
  return steps
}

function sliceOf(service: Service, group: Group, endpoints: readonly Endpoint[], labels: Record<string, string>): NewObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { generateName: `${service.metadata.name}-`, namespace: service.metadata.namespace ?? '', labels, ownerReferences: [controllerReference(service)] },
    addressType: group.addressType,
    endpoints,
    ports: group.ports,
  }
}

function labelsOf(service: Service): Record<string, string> {
  const own = Object.fromEntries(Object.entries(service.metadata.labels ?? {}).filter(([label]) => !reserved.has(label)))
  return { ...own, ...(isHeadless(service) ? { [headlessLabel]: '' } : {}), [serviceLabel]: service.metadata.name, [managerLabel]: manager }
}

/** Which Pods joined or left the traffic, and how many there are now. */
function summary(service: Service, pods: readonly Pod[], existing: readonly EndpointSlice[]): Reason {
  const before = new Map(existing.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => [endpoint.targetRef?.name ?? '', endpoint.conditions?.ready === true] as const)))
  const takes = (pod: Pod) => service.spec.publishNotReadyAddresses === true || (isReady(pod) && !isLeaving(pod))
  const ready = new Set(pods.filter(takes).map(({ metadata }) => metadata.name))
  const joined = [...ready].filter((name) => before.get(name) !== true).sort()
  const left = [...before].filter(([name, was]) => was && !ready.has(name)).map(([name]) => name).sort()
  const why = pods.length === 0 ? 'no Pod matches its selector' : `${ready.size} of ${pods.length} matching ${pods.length === 1 ? 'Pod' : 'Pods'} ready`
  const refs = pods.slice(0, 10).map(refOf)
  if (joined.length > 0) return { code: 'TrafficStarted', say: `sends traffic to ${enumerate(joined)}`, why, refs }
  if (left.length > 0) return { code: 'TrafficStopped', say: `sends no more traffic to ${enumerate(left)}`, why, refs }
  return { code: 'Settled', say: ready.size === 0 ? 'sends traffic nowhere' : `sends traffic to ${ready.size} ${ready.size === 1 ? 'Pod' : 'Pods'}`, why, refs }
}
