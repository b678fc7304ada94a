/** State of a DaemonSet in words, from its own counts: which nodes suit it is the controller's knowledge (pkg/controller/daemon). */
import type { DaemonSet } from '../types/apps.ts'
import type { Pod } from '../types/core.ts'
import { podVersion } from './pod-state.ts'
import { count } from './sentences.ts'
import type { StateWords } from './words.ts'
import { troubled, trouble, worstOf } from './workload-state.ts'
import type { StateView } from './view.ts'

export function daemonSetState(ds: DaemonSet, snapshot: StateView, now: number): StateWords {
  const { desiredNumberScheduled: wanted = 0, numberReady: ready = 0, updatedNumberScheduled: updated = 0, numberMisscheduled: misplaced = 0, observedGeneration = 0 } = ds.status ?? {}
  const pods = snapshot.ownedBy<Pod>(ds.metadata.uid, 'Pod')
  const worst = worstOf(pods, snapshot, now)
  if (troubled(worst)) return trouble(worst, ready, wanted, undefined)
  if (observedGeneration < (ds.metadata.generation ?? 0)) return { mark: 'moving', say: observedGeneration === 0 ? 'starting' : 'changing' }
  if (wanted === 0 && pods.length === 0) return { mark: 'finished', say: 'no node suits it' }
  const version = podVersion({ spec: ds.spec.template.spec })
  const onDelete = ds.spec.updateStrategy?.type === 'OnDelete'
  if (updated < wanted && pods.length > 0 && !onDelete && ready > 0) return { mark: 'moving', say: `rolling out ${version}`, why: `${updated} of ${wanted} replaced` }
  if (ready < wanted) return { mark: 'moving', say: ready === 0 ? 'starting' : `${ready} of ${wanted} ready`, why: `${count(wanted, 'node suits', 'nodes suit')} it` }
  const why = updated < wanted ? `${count(wanted - updated, 'Pod is', 'Pods are')} old until somebody deletes ${wanted - updated === 1 ? 'it' : 'them'}` : misplaced > 0 ? `${misplaced} more on nodes that no longer suit` : undefined
  return { mark: 'ready', say: `${ready} of ${wanted} ready`, ...(why === undefined ? {} : { why }) }
}
