/**
 * EndpointSlices: the Pods behind each Service with their conditions, at most 100 a slice. Slices are changed as little
 * as possible. Mirrors staging/src/k8s.io/endpointslice/reconciler.go.
 */
import { refOf, type Ref } from '../../../api/meta.ts'
import type { Node, Pod, Service } from '../../../api/types/core.ts'
import type { EndpointSlice } from '../../../api/types/discovery.ts'
import type { WatchEvent } from '../../../loop/client.ts'
import { defineController } from '../../../loop/controller.ts'
import { nothing, type Reason } from '../../../loop/plan.ts'
import type { Snapshot } from '../../../loop/snapshot.ts'
import { isLeaving, isReady } from '../../../api/pod-lifecycle.ts'
import { hasBackends, podsBehind, selects, servicesOf } from '../service-backends.ts'
import { enumerate } from '../../planning/words.ts'
import { groupsOf, triggerTime } from './desired.ts'
import { pack } from './packing.ts'
import { manager, managerLabel, serviceLabel } from './slice-labels.ts'
import { byShareOfCpu, nodeShare, sharesOf, zoneLabel } from './topology.ts'

export const endpointSlice = defineController<Service>({
  name: 'endpointslice-controller',
  component: 'endpoint-slice-controller',
  reconciles: 'Service',
  wakesOn: ['Pod', 'EndpointSlice', 'Node'],
  gapMs: 20,

  wakes(event, snapshot) {
    const { object } = event
    if (object.kind === 'Node') return servicesNear(event, snapshot)
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
    const because = summary(service, pods, existing)
    const steps = pack({ service, groups: groupsOf(service, pods, snapshot), existing, because, triggeredAt: triggerTime(service, pods, existing), ...(byShareOfCpu(service) ? { topology: { shares: sharesOf(snapshot) } } : {}) })
    return { steps, because }
  },

  onFailure({ object: service }, { message }) {
    if (!service) return []
    const text = `Error updating Endpoint Slices for Service ${service.metadata.namespace}/${service.metadata.name}: ${message}`
    return [{ do: 'note', ref: refOf(service), because: { code: 'FailedToUpdateEndpointSlices', say: 'could not write the EndpointSlices', why: message, event: { type: 'Warning', message: text } } }]
  },
})

/** Shares of CPU changed: all that are laid out by them. The zone changed: all with Pods there, which upstream tells when it next looks. */
function servicesNear({ type, object, previous }: WatchEvent, snapshot: Snapshot): Ref[] {
  const [node, before] = [object as Node, type === 'MODIFIED' ? (previous as Node | undefined) : undefined]
  const shares = !before || nodeShare(node) !== nodeShare(before)
  const there = before && zoneOf(node) !== zoneOf(before) ? snapshot.podsOn<Pod>(node.metadata.name) : []
  if (!shares && there.length === 0) return []
  return snapshot
    .list<Service>('Service')
    .filter((service) => (shares && byShareOfCpu(service)) || there.some((pod) => pod.metadata.namespace === service.metadata.namespace && selects(service, pod)))
    .map(refOf)
}

const zoneOf = ({ metadata }: Node): string | undefined => metadata.labels?.[zoneLabel]

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
