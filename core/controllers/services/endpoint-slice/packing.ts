/** How endpoints are laid into slices, at most 100 in each, with as few changes of slices as can be. Mirrors staging/src/k8s.io/endpointslice/reconciler.go, reconcileByPortMapping and finalize. */
import { refOf, type NewObject } from '../../../api/meta.ts'
import type { Service } from '../../../api/types/core.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discovery.ts'
import { equal } from '../../../base/json.ts'
import type { Reason, Step } from '../../../loop/plan.ts'
import { controllerReference, isControlledBy } from '../../planning/ownership.ts'
import type { Group } from './desired.ts'
import { labelsOf } from './slice-labels.ts'
import { bare, hint, hintsAnnotation, hintsOn, type AddressType, type Laid } from './topology.ts'

export interface Packing {
  readonly service: Service
  readonly groups: readonly Group[]
  readonly existing: readonly EndpointSlice[]
  readonly because: Reason
  /** For the annotation by which others measure how long the news took. */
  readonly triggeredAt: string | undefined
  /** Hints by share of CPU are wanted: each zone's share, undefined where that cannot be told. */
  readonly topology?: { readonly shares: ReadonlyMap<string, number> | undefined }
}

const perSlice = 100
const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/** One slice as it is to be: over one that is there, or new. */
interface Wanted {
  readonly group: Group
  readonly over: EndpointSlice | undefined
  readonly endpoints: readonly Endpoint[]
}

/** What slices say beside their endpoints. */
interface Notes {
  readonly labels: Record<string, string>
  readonly triggeredAt: string | undefined
  /** What is said of the hints, by address type. */
  readonly hints: ReadonlyMap<AddressType, string>
}

export function pack({ service, groups, existing, because, triggeredAt, topology }: Packing): Step[] {
  // A slice of an older Service of this name is the garbage collector's; it is only taken away.
  const unused = new Set(existing)
  const wanted: Wanted[] = []
  for (const group of groups) {
    const own = existing.filter((slice) => slice.addressType === group.addressType && isControlledBy(slice, service) && samePorts(slice, group))
    const { kept, fresh } = layOut(group, own)
    for (const { over } of kept) unused.delete(over)
    wanted.push(...kept, ...fresh.map((endpoints) => ({ group, over: undefined, endpoints })))
  }
  // One that would be deleted is written over instead: one change where there were two.
  const placed = wanted.map(({ group, over, endpoints }) => {
    const place = over ?? [...unused].find((slice) => slice.addressType === group.addressType && isControlledBy(slice, service))
    if (place) unused.delete(place)
    return { group, place, endpoints }
  })
  const labels = labelsOf(service)
  const hints = new Map<AddressType, string>()
  const told: Step[] = []
  for (const addressType of new Set(groups.map((group) => group.addressType))) {
    const own = placed.filter(({ group }) => group.addressType === addressType)
    const said = existing.find((slice) => slice.addressType === addressType && isControlledBy(slice, service) && slice.metadata.annotations?.[hintsAnnotation] !== undefined)?.metadata.annotations?.[hintsAnnotation]
    if (topology) hints.set(addressType, hint(own.map((one) => asLaid(one, labels)), topology.shares, addressType))
    told.push(...sayHints(service, addressType, said, hints.get(addressType)))
  }
  const notes: Notes = { labels, triggeredAt, hints }
  const changed: Step[] = []
  const created: Step[] = []
  for (const { group, place, endpoints } of placed) {
    if (place === undefined) created.push({ do: 'create', object: newSlice(service, group, endpoints, notes), because })
    else changed.push(...change(place, group, endpoints, notes, because))
  }
  const dropped = [...unused].map((slice): Step => ({ do: 'delete', ref: refOf(slice), because: { ...because, code: 'SliceDropped' } }))
  return [...created, ...changed, ...dropped, ...told]
}

/** Its endpoints as they are, hints and all, where nothing else about the slice changes. */
function asLaid(one: { group: Group; place: EndpointSlice | undefined; endpoints: readonly Endpoint[] }, labels: Record<string, string>): Laid {
  const { group, place } = one
  const settled = place !== undefined && samePorts(place, group) && equal(labels, place.metadata.labels) && sameBut(one.endpoints, place.endpoints)
  if (settled) one.endpoints = place.endpoints ?? []
  return {
    settled,
    get endpoints() {
      return one.endpoints
    },
    set endpoints(endpoints) {
      one.endpoints = endpoints
    },
  }
}

/** Hints that came, went, or cannot be given for another reason than before, in upstream's words. */
function sayHints(service: Service, addressType: AddressType, before: string | undefined, now: string | undefined): Step[] {
  if (now === before || (now === undefined && before !== hintsOn)) return []
  const message = now === hintsOn ? `Topology Aware Hints has been enabled, addressType: ${addressType}` : (now ?? `Topology Aware Hints has been disabled, addressType: ${addressType}`)
  const on = now === hintsOn
  const why = on ? 'each zone has endpoints for its share of the CPU' : now === undefined ? 'the Service asks for them no more' : now
  const because: Reason = { code: on ? 'TopologyAwareHintsEnabled' : 'TopologyAwareHintsDisabled', say: on ? 'keeps traffic in its zone' : 'sends traffic to all zones alike', why, event: { type: on ? 'Normal' : 'Warning', message } }
  return [{ do: 'note', ref: refOf(service), because }]
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
    return { group, over, endpoints, changed: !sameBut(endpoints, over.endpoints) }
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

/** But for hints: those are settled once the slices are. */
const sameBut = (endpoints: readonly Endpoint[], others: readonly Endpoint[] | null | undefined): boolean => equal(endpoints.map(bare), (others ?? []).map(bare))

function change(slice: EndpointSlice, group: Group, endpoints: readonly Endpoint[], { labels, triggeredAt, hints }: Notes, because: Reason): Step[] {
  const others = !equal(endpoints, slice.endpoints ?? [])
  const ports = !samePorts(slice, group)
  const { annotations = {}, resourceVersion } = slice.metadata
  const sayingHints = annotations[hintsAnnotation] !== hints.get(group.addressType)
  if (!others && !ports && !sayingHints && equal(labels, slice.metadata.labels)) return []
  const stale = Object.keys(slice.metadata.labels ?? {}).filter((label) => labels[label] === undefined)
  const said = {
    ...(triggeredAt === annotations[triggerAnnotation] ? {} : { [triggerAnnotation]: triggeredAt ?? null }),
    ...(sayingHints ? { [hintsAnnotation]: hints.get(group.addressType) ?? null } : {}),
  }
  return [
    {
      do: 'patch',
      ref: refOf(slice),
      patch: {
        metadata: {
          resourceVersion,
          labels: { ...Object.fromEntries(stale.map((label) => [label, null])), ...labels },
          ...(Object.keys(said).length === 0 ? {} : { annotations: said }),
        },
        ...(others ? { endpoints } : {}),
        ...(ports ? { ports: group.ports } : {}),
      },
      because,
    },
  ]
}

function newSlice(service: Service, group: Group, endpoints: readonly Endpoint[], { labels, triggeredAt, hints }: Notes): NewObject {
  const said = hints.get(group.addressType)
  const annotations = { ...(triggeredAt === undefined ? {} : { [triggerAnnotation]: triggeredAt }), ...(said === undefined ? {} : { [hintsAnnotation]: said }) }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace ?? '',
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [controllerReference(service)],
    },
    addressType: group.addressType,
    endpoints,
    ports: group.ports,
  }
}
