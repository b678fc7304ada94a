/** How a Deployment speaks of its revisions and their Pods. */
import { controllerOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { ReplicaSet } from '../../api/types/apps.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { isActive } from '../../api/pod-lifecycle.ts'
import { firstToStop } from '../replicas/scale-down.ts'
import { enumerate, shortName } from '../planning/words.ts'
import { revisionOf } from './annotations.ts'

const tagOf = (rs: ReplicaSet): string | undefined => /:([^/:@]+)$/.exec(rs.spec.template.spec?.containers[0]?.image ?? '')?.[1]

/** "1.25" where the image's tag tells the revisions apart, else "revision 6". */
export function revisionWord(rs: ReplicaSet, others: readonly ReplicaSet[]): string {
  const tag = tagOf(rs)
  return tag !== undefined && tag.length <= 20 && others.every((other) => other === rs || tagOf(other) !== tag) ? tag : `revision ${revisionOf(rs)}`
}

/** "one 1.25 Pod, zb6cj" or "2 Pods of revision 6, zb6cj and h5vrs": those that the ReplicaSet will choose. */
export function podsToStop(rs: ReplicaSet, n: number, others: readonly ReplicaSet[], snapshot: Snapshot, now: number): string {
  const pods = snapshot.ownedBy<Pod>(rs.metadata.uid, 'Pod').filter((pod) => isActive(pod) && controllerOf(pod.metadata)?.uid === rs.metadata.uid)
  const names = pods.length < n ? [] : firstToStop(pods, n, pods, now).map((pod) => shortName(pod.metadata.name, rs.metadata.name))
  return `${ofRevision(n, revisionWord(rs, others))}${names.length === 0 ? '' : `, ${enumerate(names)}`}`
}

export const ofRevision = (n: number, word: string): string =>
  word.startsWith('revision ') ? `${n === 1 ? 'one Pod' : count(n, 'Pod')} of ${word}` : `${n === 1 ? 'one' : n} ${word} ${n === 1 ? 'Pod' : 'Pods'}`
