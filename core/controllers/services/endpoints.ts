/** Endpoints, the older form of EndpointSlices that some clients still read. Mirrors pkg/controller/endpoint/endpoints_controller.go. */
import { refOf } from '../../api/meta.ts'
import type { EndpointAddress, EndpointSubset, Endpoints, Pod, Service } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { isReady } from '../../api/pod-lifecycle.ts'
import { addressesOf, hasBackends, hostnameFor, inOrder, isHeadless, isIPv6, podsBehind, portOn, servicesOf } from './service-backends.ts'

const mostAddresses = 1_000
const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const managerLabel = 'endpoints.kubernetes.io/managed-by'
const headlessLabel = 'service.kubernetes.io/headless'

export const endpoints = defineController<Service>({
  name: 'endpoints-controller',
  component: 'endpoint-controller',
  reconciles: 'Service',
  wakesOn: ['Pod', 'Endpoints'],
  // One object carries up to 1,000 addresses: written at most twice a second.
  gapMs: 500,

  wakes(event, snapshot) {
    const { kind, metadata } = event.object
    if (kind === 'Pod') return servicesOf(event, snapshot)
    return [{ kind: 'Service', namespace: metadata.namespace ?? '', name: metadata.name }]
  },

  plan({ object: service, ref, snapshot }) {
    const current = snapshot.get<Endpoints>('Endpoints', ref.namespace, ref.name)
    if (!service) {
      if (current?.metadata.labels?.[managerLabel] !== 'endpoint-controller') return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Service is gone' })
      const because: Reason = { code: 'EndpointsDropped', say: 'dropped the Endpoints', why: 'the Service is gone', refs: [refOf(current)] }
      return { steps: [{ do: 'delete', ref: refOf(current), because }], because }
    }
    if (!hasBackends(service)) return nothing({ code: 'NoSelector', say: 'leaves the endpoints to others', why: 'the Service selects no Pods' })
    const { subsets, ready, total, truncated } = subsetsOf(service, snapshot)
    const because: Reason = { code: 'EndpointsSynced', say: `lists ${ready} of ${total} ${total === 1 ? 'address' : 'addresses'} as ready`, why: 'the Pods behind the Service changed' }
    const labels = { ...service.metadata.labels, ...(isHeadless(service) ? { [headlessLabel]: '' } : {}), [managerLabel]: 'endpoint-controller' }
    if (!current) {
      return {
        steps: [
          {
            do: 'create',
            tolerateExisting: true,
            object: {
              apiVersion: 'v1',
              kind: 'Endpoints',
              metadata: { name: ref.name, namespace: ref.namespace ?? '', labels, ...(truncated ? { annotations: { [overCapacity]: 'truncated' } } : {}) },
              ...(subsets.length > 0 ? { subsets } : {}),
            },
            because,
          },
        ],
        because,
      }
    }
    const noted = current.metadata.annotations?.[overCapacity]
    if (equal(current.subsets ?? [], subsets) && equal(current.metadata.labels ?? {}, labels) && (noted === 'truncated') === truncated) {
      return nothing({ ...because, code: 'Settled', why: `${total} matching Pods have an address` })
    }
    const stale = Object.keys(current.metadata.labels ?? {}).filter((label) => !(label in labels))
    return {
      steps: [
        {
          do: 'patch',
          ref: refOf(current),
          patch: {
            metadata: {
              resourceVersion: current.metadata.resourceVersion,
              labels: { ...Object.fromEntries(stale.map((label) => [label, null])), ...labels },
              ...(truncated ? { annotations: { [overCapacity]: 'truncated' } } : noted === undefined ? {} : { annotations: { [overCapacity]: null } }),
            },
            subsets: subsets.length > 0 ? subsets : null,
          },
          because,
        },
      ],
      because,
    }
  },

  onFailure({ object: service }, { step, message }) {
    if (!service) return []
    const making = step.do === 'create'
    const code = making ? 'FailedToCreateEndpoint' : 'FailedToUpdateEndpoint'
    const text = making ? `Failed to create endpoint for service ${service.metadata.namespace}/${service.metadata.name}: ${message}` : `Failed to update endpoint ${service.metadata.namespace}/${service.metadata.name}: ${message}`
    return [{ do: 'note', ref: refOf(service), because: { code, say: 'could not write the Endpoints', why: message, event: { type: 'Warning', message: text } } }]
  },
})

interface Subsets {
  readonly subsets: EndpointSubset[]
  readonly ready: number
  readonly total: number
  readonly truncated: boolean
}

/** Addresses that share the same set of ports stand together. */
function subsetsOf(service: Service, snapshot: Snapshot): Subsets {
  const evenUnready = service.spec.publishNotReadyAddresses === true
  const wantV6 = service.spec.ipFamilies?.[0] === 'IPv6'
  const groups = new Map<string, Required<EndpointSubset>>()
  let [ready, total] = [0, 0]
  for (const pod of inOrder(podsBehind(service, snapshot, evenUnready))) {
    const ip = addressesOf(pod).find((address) => isIPv6(address) === wantV6)
    if (ip === undefined) continue
    const ports = (service.spec.ports ?? []).flatMap((port) => {
      const number = portOn(pod, port)
      if (number === undefined) return []
      return [{ ...(port.name ? { name: port.name } : {}), port: number, protocol: port.protocol ?? ('TCP' as const), ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) }]
    })
    if (ports.length === 0 && service.spec.clusterIP !== 'None') continue
    const key = JSON.stringify(ports)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { addresses: [], notReadyAddresses: [], ports }))
    const counts = evenUnready || isReady(pod)
    ;(counts ? group.addresses : group.notReadyAddresses).push(addressOf(service, pod, ip))
    total++
    if (counts) ready++
  }
  const truncated = total > mostAddresses
  const all = [...groups.values()]
  if (truncated) truncate(all, ready)
  const byIp = (a: EndpointAddress, b: EndpointAddress) => (a.ip < b.ip ? -1 : 1)
  const subsets = all.map(({ addresses, notReadyAddresses, ports }) => ({
    ...(addresses.length > 0 ? { addresses: addresses.sort(byIp) } : {}),
    ...(notReadyAddresses.length > 0 ? { notReadyAddresses: notReadyAddresses.sort(byIp) } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }))
  return { subsets, ready, total, truncated }
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const hostname = hostnameFor(pod, service)
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid },
  }
}

/** Ready addresses come first; each subset gives up its share. */
function truncate(subsets: Required<EndpointSubset>[], ready: number): void {
  const onlyReady = ready > mostAddresses
  const list = (subset: Required<EndpointSubset>) => (onlyReady ? subset.addresses : subset.notReadyAddresses)
  const total = subsets.reduce((n, subset) => n + list(subset).length, 0)
  const room = onlyReady ? mostAddresses : mostAddresses - ready
  let left = room
  for (const subset of subsets) {
    const share = Math.min(left, Math.ceil((list(subset).length / total) * room))
    list(subset).length = share
    left -= share
    if (onlyReady) subset.notReadyAddresses = []
  }
}
