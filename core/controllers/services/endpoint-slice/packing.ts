/** How endpoints are laid into slices, at most 100 in each, with as few changes of slices as can be. Mirrors staging/src/k8s.io/endpointslice/reconciler.go, reconcileByPortMapping and finalize. */
import { refOf, type NewObject } from '../../../api/meta.ts'
import type { Service } from '../../../api/types/core.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discovery.ts'
import { equal } from '../../../base/json.ts'
import type { Reason, Step } from '../../../loop/plan.ts'
import { controllerReference, isControlledBy } from '../../planning/ownership.ts'
import type { Group } from './desired.ts'
import { labelsOf } from './slice-labels.ts'

export interface Packing {
  readonly service: Service
  readonly groups: readonly Group[]
  readonly existing: readonly EndpointSlice[]
  readonly because: Reason
  /** For the annotation by which others measure how long the news took. */
  readonly triggeredAt: string | undefined
}

const perSlice = 100
const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/** One slice as it is to be: over one that is there, or new. */
interface Wanted {
  readonly group: Group
  readonly over: EndpointSlice | undefined
  readonly endpoints: readonly Endpoint[]
}

export function pack({ service, groups, existing, because, triggeredAt }: Packing): Step[] {
  // A slice of an older Service of this name is the garbage collector's; it is only taken away.
  const unused = new Set(existing)
  const wanted: Wanted[] = []
  for (const group of groups) {
    const own = existing.filter((slice) => slice.addressType === group.addressType && isControlledBy(slice, service) && samePorts(slice, group))
    const { kept, fresh } = layOut(group, own)
    for (const { over } of kept) unused.delete(over)
    wanted.push(...kept, ...fresh.map((endpoints) => ({ group, over: undefined, endpoints })))
  }
  const labels = labelsOf(service)
  const changed: Step[] = []
  const created: Step[] = []
  for (const { group, over, endpoints } of wanted) {
    // One that would be deleted is written over instead: one change where there were two.
    const place = over ?? [...unused].find((slice) => slice.addressType === group.addressType && isControlledBy(slice, service))
    if (place === undefined) created.push({ do: 'create', object: newSlice(service, group, endpoints, labels, triggeredAt), because })
    else {
      unused.delete(place)
      changed.push(...change(place, group, endpoints, labels, triggeredAt, because))
    }
  }
  const dropped = [...unused].map((slice): Step => ({ do: 'delete', ref: refOf(slice), because: { ...because, code: 'SliceDropped' } }))
  return [...created, ...changed, ...dropped]
}

/** Endpoints stay in their slice; new ones fill the slices that change anyway, then one that has room for all, then new slices. */
function layOut(group: Group, slices: readonly EndpointSlice[]): { kept: (Wanted & { over: EndpointSlice })[]; fresh: Endpoint[][] } {
  const missing = new Map(group.endpoints.map((endpoint) => [keyOf(endpoint), endpoint]))
  const kept = slices.map((over) => {
    const endpoints: Endpoint[] = []
    for (const old of over.endpoints ?? []) {
      const endpoint = missing.get(keyOf(old))
      if (!endpoint) continue
      endpoints.push(endpoint)
      missing.delete(keyOf(old))
    }
    return { group, over, endpoints, changed: !equal(endpoints, over.endpoints ?? []) }
  })
  const rest = [...missing.values()]
  for (const item of kept.filter(({ changed }) => changed).sort(byFullness)) item.endpoints.push(...rest.splice(0, perSlice - item.endpoints.length))
  if (rest.length > 0) {
    const room = kept.filter(({ changed, endpoints }) => !changed && endpoints.length + rest.length <= perSlice).sort(byFullness)[0]
    room?.endpoints.push(...rest.splice(0))
  }
  const fresh: Endpoint[][] = []
  while (rest.length > 0) fresh.push(rest.splice(0, perSlice))
  const full = kept.filter(({ endpoints }) => endpoints.length > 0)
  // Even a Service without Pods has one slice, so that it can be seen to have none.
  if (group.endpoints.length === 0) return kept.length > 0 ? { kept: kept.slice(0, 1), fresh: [] } : { kept: [], fresh: [[]] }
  return { kept: full, fresh }
}

const byFullness = (a: { endpoints: readonly Endpoint[] }, b: { endpoints: readonly Endpoint[] }) => b.endpoints.length - a.endpoints.length
const keyOf = ({ targetRef, addresses }: Endpoint): string => targetRef?.uid ?? addresses.join(',')
/** Equal for ports that mean the same. */
export const portKey = ({ name = '', port, protocol = 'TCP', appProtocol = '' }: EndpointPort): string => `${name} ${port} ${protocol} ${appProtocol}`
const samePorts = (slice: EndpointSlice, { ports }: Group): boolean => equal((slice.ports ?? []).map(portKey).sort(), ports.map(portKey).sort())

function change(slice: EndpointSlice, group: Group, endpoints: readonly Endpoint[], labels: Record<string, string>, triggeredAt: string | undefined, because: Reason): Step[] {
  const others = !equal(endpoints, slice.endpoints ?? [])
  const ports = !samePorts(slice, group)
  if (!others && !ports && equal(labels, slice.metadata.labels)) return []
  const stale = Object.keys(slice.metadata.labels ?? {}).filter((label) => labels[label] === undefined)
  const said = slice.metadata.annotations?.[triggerAnnotation]
  const { resourceVersion } = slice.metadata
  return [
    {
      do: 'patch',
      ref: refOf(slice),
      patch: {
        metadata: {
          resourceVersion,
          labels: { ...Object.fromEntries(stale.map((label) => [label, null])), ...labels },
          ...(triggeredAt === said ? {} : { annotations: { [triggerAnnotation]: triggeredAt ?? null } }),
        },
        ...(others ? { endpoints } : {}),
        ...(ports ? { ports: group.ports } : {}),
      },
      because,
    },
  ]
}

const newSlice = (service: Service, group: Group, endpoints: readonly Endpoint[], labels: Record<string, string>, triggeredAt: string | undefined): NewObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    generateName: `${service.metadata.name}-`,
    namespace: service.metadata.namespace ?? '',
    labels,
    ...(triggeredAt === undefined ? {} : { annotations: { [triggerAnnotation]: triggeredAt } }),
    ownerReferences: [controllerReference(service)],
  },
  addressType: group.addressType,
  endpoints,
  ports: group.ports,
})
