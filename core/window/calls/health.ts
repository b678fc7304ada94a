/** How the workloads are, counted and named: for the tray, notifications and the top bar. One function of state says it, as everywhere. */
import { controllerOf, refOf, type Ref } from '../../api/meta.ts'
import { stateOf } from '../../api/state/state-of.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

export interface Health {
  ready: number
  moving: number
  failing: { ref: Ref; say: string; why?: string }[]
}

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'ReplicationController', 'ReplicaSet', 'Pod']

export function health(snapshot: Snapshot, now: number): Health {
  const result: Health = { ready: 0, moving: 0, failing: [] }
  const alone = kinds.flatMap((kind) => snapshot.list(kind)).filter((object) => controllerOf(object.metadata) === undefined)
  for (const object of alone) {
    const { mark, say, why } = stateOf(object, snapshot, now)
    if (mark === 'failing' || mark === 'degraded') result.failing.push({ ref: refOf(object), say, ...(why === undefined ? {} : { why }) })
    else if (mark === 'moving' || mark === 'waiting' || mark === 'leaving') result.moving++
    else result.ready++
  }
  return result
}
