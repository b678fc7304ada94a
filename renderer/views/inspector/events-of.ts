/** Kubernetes' Events of an object. Pure. */
import type { KubeObject } from '../../../core/api/meta.ts'
import type { World } from '../../words/world.ts'

export interface EventRow { id: string; atMs: number; type: string; reason: string; message: string; count: number; from: string }
interface EventShape {
  involvedObject?: { uid?: string; kind?: string; name?: string; namespace?: string }; regarding?: { uid?: string; kind?: string; name?: string; namespace?: string }
  reason?: string; message?: string; note?: string; type?: string; count?: number; deprecatedCount?: number; series?: { count?: number; lastObservedTime?: string }
  lastTimestamp?: string | null; firstTimestamp?: string | null; eventTime?: string | null; source?: { component?: string }; reportingComponent?: string; reportingController?: string
}
/** Kubernetes' Events of an object, newest first, whichever API group wrote them. */
export function eventsOf(world: World, object: KubeObject): EventRow[] {
  return world.list('Event').flatMap((raw): EventRow[] => {
    const event = raw as unknown as EventShape
    const about = event.involvedObject ?? event.regarding
    if (!about || (about.uid !== undefined && about.uid !== '' ? about.uid !== object.metadata.uid && !(object.kind === 'Node' && about.uid === object.metadata.name) : about.kind !== object.kind || about.name !== object.metadata.name)) return []
    return [{
      id: raw.metadata.uid,
      atMs: Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? raw.metadata.creationTimestamp),
      type: event.type ?? 'Normal', reason: event.reason ?? '', message: event.message ?? event.note ?? '',
      count: event.series?.count ?? event.count ?? event.deprecatedCount ?? 1,
      from: event.reportingComponent || event.reportingController || event.source?.component || '',
    }]
  }).toSorted((a, b) => b.atMs - a.atMs)
}
