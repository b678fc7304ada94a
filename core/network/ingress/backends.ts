/** From an Ingress's backend to the places that a request may go to now, or why there is none, in plain words. Pure. */
import type { Pod, Service, ServicePort } from '../../api/types/core.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import type { IngressBackend } from '../../api/types/networking.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

/** A port of a Pod, or of a host that is no Pod of this cluster. */
export type Place = { readonly pod: Pod; readonly address: string; readonly port: number } | { readonly pod?: undefined; readonly address: string; readonly port: number }

export type Backends =
  | { readonly places: readonly Place[]; readonly sticky: boolean }
  /** What is missing, and why. */
  | { readonly say: string; readonly why: string }

const serviceLabel = 'kubernetes.io/service-name'

export function backendsOf(backend: IngressBackend, namespace: string, snapshot: Snapshot): Backends {
  const { service: wanted, resource } = backend
  if (!wanted) return { say: `the backend ${resource?.kind ?? ''} ${resource?.name ?? ''} cannot be reached`, why: 'Orrery serves Services, not other kinds of backends' }
  const what = `Service ${wanted.name}`
  const service = snapshot.get<Service>('Service', namespace, wanted.name)
  if (!service) return { say: `${what} does not exist`, why: `namespace ${namespace} has no Service of that name` }
  const ports = service.spec.ports ?? []
  const { number, name } = wanted.port ?? {}
  const port = ports.find((one) => (number ? one.port === number : one.name === name))
  if (service.spec.type === 'ExternalName' && service.spec.externalName && (port?.port ?? number)) {
    return { places: [{ address: service.spec.externalName, port: port?.port ?? number ?? 80 }], sticky: false }
  }
  if (!port) return { say: `${what} has no port ${number ?? name ?? ''}`, why: `it offers ${ports.map((one) => (one.name ? `${one.port} (${one.name})` : String(one.port))).join(', ') || 'no port'}` }
  const places = placesOf(service, port, snapshot)
  if (places.length > 0) return { places, sticky: service.spec.sessionAffinity === 'ClientIP' }
  return { say: `${what} has no Pod that is ready`, why: whyNone(service, snapshot) }
}

/** Ready endpoints; while there are none, those that still serve on their way out. In a stable order. */
function placesOf(service: Service, port: ServicePort, snapshot: Snapshot): Place[] {
  const { namespace = '', name } = service.metadata
  const ready = new Map<string, Place>()
  const leaving = new Map<string, Place>()
  for (const slice of snapshot.labelled<EndpointSlice>('EndpointSlice', namespace, { [serviceLabel]: name })) {
    const match = (slice.ports ?? []).find((one) => (one.name ?? '') === (port.name ?? '') && (one.protocol ?? 'TCP') === 'TCP')
    if (!match?.port) continue
    for (const { addresses, conditions, targetRef } of slice.endpoints ?? []) {
      const address = addresses[0]
      if (!address) continue
      const pod = targetRef?.kind === 'Pod' ? snapshot.get<Pod>('Pod', targetRef.namespace ?? namespace, targetRef.name ?? '') : undefined
      const place: Place = pod ? { pod, address, port: match.port } : { address, port: match.port }
      const key = `${address}:${match.port}`
      if (conditions?.ready !== false) ready.set(key, place)
      else if (conditions.terminating === true && conditions.serving !== false) leaving.set(key, place)
    }
  }
  const chosen = ready.size > 0 ? ready : leaving
  return [...chosen.keys()].sort().map((key) => chosen.get(key)!)
}

function whyNone(service: Service, snapshot: Snapshot): string {
  const { selector } = service.spec
  if (!selector || Object.keys(selector).length === 0) return 'it selects no Pods, and no endpoints were added by hand'
  const text = Object.entries(selector).map(([key, value]) => `${key}=${value}`).join(',')
  const pods = snapshot.labelled<Pod>('Pod', service.metadata.namespace ?? '', selector)
  if (pods.length === 0) return `no Pod has the labels ${text}`
  const first = pods[0]!
  const about = first.status?.containerStatuses?.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined) ?? first.status?.phase ?? 'unknown'
  const who = pods.length === 1 ? `the one Pod with the labels ${text} is not ready` : `none of the ${pods.length} Pods with the labels ${text} is ready`
  return `${who}; ${first.metadata.name}: ${about}`
}
