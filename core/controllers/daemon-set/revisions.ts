/** The history of a DaemonSet's template (pkg/controller/daemon/update.go, constructHistory, cleanupHistory). */
import { refOf } from '../../api/meta.ts'
import type { ControllerRevision, DaemonSet } from '../../api/types/apps.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { chooseRevision, dropOldRevisions, equalRevisions, revisionsOf } from '../history/history.ts'
import { hashLabel, hashOf } from './daemon-pod.ts'

export interface History {
  readonly hash: string
  readonly number: number
  readonly collisionCount: number
  /** Come first: Pods are to carry the name of a revision that is there. */
  readonly steps: readonly Step[]
  /** Come last. */
  readonly cleanup: readonly Step[]
}

export function historyOf(ds: DaemonSet, pods: readonly Pod[], snapshot: Snapshot): History {
  const { template, selector, revisionHistoryLimit = 10 } = ds.spec
  const { revisions, steps } = revisionsOf(ds, selector, snapshot, { releases: true })
  const collisions = ds.status?.collisionCount
  const chosen = chooseRevision({ owner: ds, template, revisions, collisionCount: collisions, hashLabel, snapshot })
  const hash = chosen.stored ? hashIn(chosen.stored) : newHash(chosen.steps, chosen.name)
  const twins = equalRevisions(revisions, template).filter(({ metadata }) => metadata.name !== chosen.name)
  const old = revisions.filter((revision) => revision.metadata.name !== chosen.name && !twins.includes(revision))
  const carried = new Set(pods.map(hashOf))
  const live = new Set(old.filter((revision) => carried.has(hashIn(revision))).map(({ metadata }) => metadata.name))
  return {
    hash,
    number: chosen.number,
    collisionCount: chosen.collisionCount,
    steps: [...steps, ...revisions.filter(lacksHash).map(label), ...chosen.steps, ...twins.flatMap((twin) => merge(twin, hash, pods))],
    // The limit counts old revisions in use as well.
    cleanup: dropOldRevisions(old, live, Math.max(0, revisionHistoryLimit - live.size)),
  }
}

const lacksHash = ({ metadata }: ControllerRevision): boolean => metadata.labels?.[hashLabel] === undefined
const hashIn = ({ metadata }: ControllerRevision): string => metadata.labels?.[hashLabel] ?? metadata.name

function newHash(steps: readonly Step[], name: string): string {
  for (const step of steps) if (step.do === 'create') return step.object.metadata.labels?.[hashLabel] ?? name
  return name
}

/** A revision without its label is named by it all the same. */
const label = (revision: ControllerRevision): Step => ({
  do: 'patch',
  ref: refOf(revision),
  patch: { metadata: { labels: { [hashLabel]: revision.metadata.name } } },
  because: { code: 'RevisionLabelled', say: `labelled revision ${revision.revision}`, why: `it lacked ${hashLabel}`, refs: [refOf(revision)] },
})

/** Two revisions of one template: the Pods of the older come under the newer, so that nothing is restarted for it. */
function merge(twin: ControllerRevision, hash: string, pods: readonly Pod[]): Step[] {
  const why = `revision ${twin.revision} has the same template as the current one`
  const moved = pods.filter((pod) => hashOf(pod) === hashIn(twin) && hashOf(pod) !== hash)
  return [
    ...moved.map((pod): Step => ({
      do: 'patch',
      ref: refOf(pod),
      patch: { metadata: { labels: { [hashLabel]: hash } } },
      because: { code: 'RevisionsMerged', say: `counts ${pod.metadata.name} under the current revision`, why, refs: [refOf(pod)] },
    })),
    { do: 'delete', ref: refOf(twin), because: { code: 'RevisionsMerged', say: `forgot revision ${twin.revision}`, why, refs: [refOf(twin)] } },
  ]
}
