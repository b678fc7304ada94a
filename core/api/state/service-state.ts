/** State of a Service in words: who answers behind it, by its EndpointSlices ("3 ready, 1 starting"). */
import { isFinished } from '../pod-lifecycle.ts'
import type { Pod, Service } from '../types/core.ts'
import type { EndpointSlice } from '../types/discovery.ts'
import type { StateWords } from './words.ts'
import type { StateView } from './view.ts'

export type EndpointMark = 'ready' | 'starting' | 'leaving'

/** Pods behind a Service by uid; by its slices where it has some, else by its selector. */
export function endpointsOf(service: Service, snapshot: StateView): ReadonlyMap<string, EndpointMark> {
  const namespace = service.metadata.namespace ?? ''
  const found = new Map<string, EndpointMark>()
  const slices = snapshot.labelled<EndpointSlice>('EndpointSlice', namespace, { 'kubernetes.io/service-name': service.metadata.name })
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      const uid = endpoint.targetRef?.uid ?? snapshot.get('Pod', namespace, endpoint.targetRef?.name ?? '')?.metadata.uid
      if (uid === undefined) continue
      const conditions = endpoint.conditions
      found.set(uid, conditions?.terminating ? 'leaving' : conditions?.ready === false ? 'starting' : 'ready')
    }
  }
  const selector = service.spec?.selector
  if (!selector || Object.keys(selector).length === 0) return found
  /** A Pod without an address is in no slice yet; one that is leaving may be out of it already. The graph shows both. */
  for (const pod of snapshot.labelled<Pod>('Pod', namespace, selector)) {
    const uid = pod.metadata.uid
    if (isFinished(pod)) continue
    if (pod.metadata.deletionTimestamp !== undefined) found.set(uid, 'leaving')
    else if (!found.has(uid)) found.set(uid, 'starting')
  }
  return found
}

export function serviceState(service: Service, snapshot: StateView): StateWords {
  if (service.spec?.type === 'ExternalName') return { mark: 'ready', say: `stands for ${service.spec.externalName ?? 'another name'}` }
  const marks = [...endpointsOf(service, snapshot).values()]
  const ready = marks.filter((mark) => mark === 'ready').length
  const starting = marks.filter((mark) => mark === 'starting').length
  const leaving = marks.length - ready - starting
  if (ready > 0) return { mark: 'ready', say: starting > 0 ? `${ready} ready, ${starting} starting` : `${ready} ready` }
  if (starting > 0) return { mark: 'waiting', say: 'none ready', why: `${starting} starting` }
  if (leaving > 0) return { mark: 'waiting', say: 'none ready', why: `${leaving} leaving` }
  const selector = service.spec?.selector
  if (!selector || Object.keys(selector).length === 0) return { mark: 'waiting', say: 'sends to nobody', why: 'it selects no Pods and nobody gave it addresses' }
  return { mark: 'degraded', say: 'no Pod answers', why: `no Pod has ${Object.entries(selector).map(([key, value]) => `${key}=${value}`).join(', ')}` }
}
