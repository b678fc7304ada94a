/** What EndpointSlices and Endpoints have in common: which Pods stand behind a Service, and on which ports. */
import { refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import type { Pod, Service, ServicePort } from '../../api/types/core.ts'
import type { WatchEvent } from '../../loop/client.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { equal } from '../../base/json.ts'
import { isFinished, isLeaving, isReady } from '../../api/pod-lifecycle.ts'
import { matchesAll } from '../planning/selector.ts'

export const hasBackends = (service: Service): boolean => service.spec.type !== 'ExternalName' && service.spec.selector !== undefined

/** Whether a cluster IP stands before the Pods; headless Services have none. */
export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None' || !service.spec.clusterIP

export const podsBehind = (service: Service, snapshot: Snapshot, withLeaving: boolean): readonly Pod[] =>
  snapshot
    .labelled<Pod>('Pod', service.metadata.namespace ?? '', service.spec.selector ?? {})
    .filter((pod) => !isFinished(pod) && (withLeaving || !isLeaving(pod)) && addressesOf(pod).length > 0)

export function addressesOf(pod: Pod): readonly string[] {
  const many = (pod.status?.podIPs ?? []).map(({ ip }) => ip).filter((ip) => ip !== undefined && ip !== '')
  return many.length > 0 ? (many as string[]) : pod.status?.podIP ? [pod.status.podIP] : []
}

export const isIPv6 = (address: string): boolean => address.includes(':')

/** The number behind a Service port on this Pod; undefined where it names a port the Pod does not have. */
export function portOn(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target === 0 ? port.port : target
  if (target === '') return port.port
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const own of container.ports ?? []) if (own.name === target && (own.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return own.containerPort
  }
  return undefined
}

/** The Pod's own name in the Service's domain, where it asks for one. */
export const hostnameFor = (pod: Pod, service: Service): string | undefined => (pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? pod.spec.hostname : undefined)

/** Services whose traffic a change of this Pod touches. */
export function servicesOf({ type, object, previous }: WatchEvent, snapshot: Snapshot): Ref[] {
  if (type === 'MODIFIED' && previous && !isFelt(object as Pod, previous as Pod)) return []
  return snapshot
    .list<Service>('Service', object.metadata.namespace)
    .filter((service) => selects(service, object) || (previous !== undefined && selects(service, previous)))
    .map(refOf)
}

/** Whether it stands before Pods like this one of its own namespace. */
export function selects(service: Service, { metadata: { labels } }: KubeObject): boolean {
  const { selector } = service.spec
  return hasBackends(service) && selector !== undefined && Object.keys(selector).length > 0 && matchesAll(selector, labels)
}

const isFelt = (pod: Pod, before: Pod): boolean =>
  isReady(pod) !== isReady(before) ||
  isLeaving(pod) !== isLeaving(before) ||
  isFinished(pod) !== isFinished(before) ||
  pod.spec.nodeName !== before.spec.nodeName ||
  !equal(addressesOf(pod), addressesOf(before)) ||
  !equal(pod.metadata.labels, before.metadata.labels)

/** Pods in an order that does not change as Pods come and go. */
export const inOrder = (pods: readonly Pod[]): readonly Pod[] => [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0))
