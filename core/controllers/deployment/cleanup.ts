/** Old revisions beyond spec.revisionHistoryLimit go, oldest first (pkg/controller/deployment/sync.go, cleanupDeployment). */
import { refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { Step } from '../../loop/plan.ts'
import { revisionOf } from './annotations.ts'
import { historyLimit, replicasOf } from './numbers.ts'
import type { Rollout } from './rollout.ts'

export function dropOldRevisions({ d, old }: Rollout): Step[] {
  const limit = historyLimit(d)
  if (limit === undefined) return []
  const kept = old.filter((rs) => rs.metadata.deletionTimestamp === undefined).sort((a, b) => Number(revisionOf(a) - revisionOf(b)))
  return kept
    .slice(0, Math.max(0, kept.length - limit))
    .filter((rs) => (rs.status?.replicas ?? 0) === 0 && replicasOf(rs) === 0 && (rs.metadata.generation ?? 0) <= (rs.status?.observedGeneration ?? 0))
    .map((rs) => ({
      do: 'delete',
      ref: refOf(rs),
      because: {
        code: 'RevisionDropped',
        say: `forgot revision ${revisionOf(rs)}`,
        why: `${kept.length} old revisions, ${count(limit, 'is', 'are')} kept`,
        refs: [refOf(rs)],
      },
    }))
}
