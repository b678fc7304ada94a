/**
 * EndpointSlices for Endpoints that somebody wrote by hand, for a Service without a selector: traffic rules and DNS read
 * slices only. Mirrors pkg/controller/endpointslicemirroring.
 */
import { refOf, type Ref } from '../../api/meta.ts'
import type { EndpointAddress, Endpoints, EndpointPort as OldPort, Service } from '../../api/types/core.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery.ts'
import { equal } from '../../base/json.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Reason, type Step } from '../../loop/plan.ts'
import { controllerReference } from '../planning/ownership.ts'
import { portKey } from './endpoint-slice/packing.ts'
import { isIPv6 } from './service-backends.ts'

const serviceLabel = 'kubernetes.io/service-name'
const managerLabel = 'endpointslice.kubernetes.io/managed-by'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const manager = 'endpointslicemirroring-controller.k8s.io'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const notCopied: ReadonlySet<string> = new Set(['endpoints.kubernetes.io/last-change-trigger-time', 'kubectl.kubernetes.io/last-applied-configuration'])
const mostPerSubset = 1_000

interface Wanted {
  readonly addressType: 'IPv4' | 'IPv6'
  readonly ports: readonly EndpointPort[]
  readonly endpoints: Endpoint[]
}

export const endpointSliceMirroring = defineController<Endpoints>({
  name: 'endpointslice-mirroring-controller',
  reconciles: 'Endpoints',
  wakesOn: ['Service', 'EndpointSlice'],

  wakes({ object: { kind, metadata } }) {
    const endpoints = (name: string): Ref[] => [{ kind: 'Endpoints', namespace: metadata.namespace ?? '', name }]
    if (kind === 'Service') return endpoints(metadata.name)
    const name = metadata.labels?.[serviceLabel]
    return name === undefined || metadata.labels?.[managerLabel] !== manager ? [] : endpoints(name)
  },

  plan({ object: endpoints, ref, snapshot }) {
    const slices = snapshot
      .labelled<EndpointSlice>('EndpointSlice', ref.namespace ?? '', { [serviceLabel]: ref.name, [managerLabel]: manager })
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const service = snapshot.get<Service>('Service', ref.namespace, ref.name)
    const why = whyNot(endpoints, service)
    if (endpoints === undefined || why !== undefined) {
      if (slices.length === 0) return nothing({ code: 'NotMirrored', say: 'nothing to mirror', why: why ?? '' })
      const because: Reason = { code: 'MirrorDropped', say: 'dropped the mirrored slices', why: why ?? '', refs: slices.map(refOf) }
      return { steps: slices.map((slice) => ({ do: 'delete', ref: refOf(slice), because })), because }
    }
    const because: Reason = { code: 'Mirrored', say: 'mirrored the Endpoints as slices', why: 'the Service has no selector, and traffic follows slices', refs: [refOf(endpoints)] }
    const metadata = { labels: { ...endpoints.metadata.labels, [serviceLabel]: ref.name, [managerLabel]: manager }, annotations: annotationsOf(endpoints) }
    const unused = new Set(slices)
    const steps: Step[] = []
    const update = (slice: EndpointSlice, fields: Partial<Wanted>) => {
      unused.delete(slice)
      steps.push({ do: 'patch', ref: refOf(slice), patch: { metadata: { resourceVersion: slice.metadata.resourceVersion, ...replaced(slice, metadata) }, ...fields }, because })
    }
    const missing: Wanted[] = []
    for (const wanted of wantedSlices(endpoints)) {
      const current = [...unused].find((slice) => slice.addressType === wanted.addressType && equal((slice.ports ?? []).map(portKey), wanted.ports.map(portKey)))
      if (current === undefined) {
        missing.push(wanted)
        continue
      }
      unused.delete(current)
      const same = equal(current.endpoints, wanted.endpoints) && equal(current.metadata.labels, metadata.labels) && equal(current.metadata.annotations ?? {}, metadata.annotations)
      if (!same) update(current, { endpoints: wanted.endpoints })
    }
    for (const { addressType, ports, endpoints: addresses } of missing) {
      // One that would go serves again for what would come.
      const spare = [...unused].find((slice) => slice.addressType === addressType)
      if (spare) {
        update(spare, { endpoints: addresses, ports })
        continue
      }
      const own = { generateName: `${ref.name}-`, namespace: ref.namespace ?? '', ...metadata, ownerReferences: [controllerReference(endpoints)] }
      steps.push({ do: 'create', object: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: own, addressType, endpoints: addresses, ports }, because })
    }
    for (const slice of unused) steps.push({ do: 'delete', ref: refOf(slice), because })
    return steps.length > 0 ? { steps, because } : nothing({ ...because, say: 'mirrors the Endpoints as slices' })
  },
})

function whyNot(endpoints: Endpoints | undefined, service: Service | undefined): string | undefined {
  if (!endpoints) return 'the Endpoints are gone'
  if (endpoints.metadata.labels?.[skipLabel] === 'true') return `their label ${skipLabel} asks for none`
  if (endpoints.metadata.annotations?.[leaderAnnotation] !== undefined) return 'they are a leader election lock'
  if (!service) return 'there is no Service of that name'
  return service.spec.selector === undefined ? undefined : 'the Service selects Pods, and has slices of its own'
}

const annotationsOf = ({ metadata }: Endpoints) => Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key)))

/** As merge patches, in which a missing key must be named to go. */
function replaced(slice: EndpointSlice, wanted: { labels: Record<string, string>; annotations: Record<string, string> }) {
  const cleared = (has: Readonly<Record<string, string>> = {}) => Object.fromEntries(Object.keys(has).map((key) => [key, null]))
  return { labels: { ...cleared(slice.metadata.labels), ...wanted.labels }, annotations: { ...cleared(slice.metadata.annotations), ...wanted.annotations } }
}

/** One slice for all addresses of one type that share their ports. */
function wantedSlices({ subsets = [] }: Endpoints): Wanted[] {
  const groups = new Map<string, Wanted>()
  for (const { addresses = [], notReadyAddresses = [], ports: given = [] } of subsets) {
    const ports = given.map(portOf)
    const all = [...addresses.map((address) => endpointOf(address, true)), ...notReadyAddresses.map((address) => endpointOf(address, false))]
    for (const endpoint of all.slice(0, mostPerSubset)) {
      const addressType = isIPv6(endpoint.addresses[0]!) ? 'IPv6' : 'IPv4'
      const key = `${addressType} ${ports.map(portKey).join()}`
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] }
      groups.set(key, group)
      if (!group.endpoints.some(({ addresses: [known] }) => known === endpoint.addresses[0])) group.endpoints.push(endpoint)
    }
  }
  return [...groups.values()]
}

const portOf = ({ name = '', port, protocol = 'TCP', appProtocol }: OldPort): EndpointPort => ({ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) })

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname ? { hostname } : {}),
  ...(nodeName ? { nodeName } : {}),
  ...(targetRef ? { targetRef } : {}),
})
