/** Whom a change of a Pod, ReplicaSet or revision wakes, among those that select what they own. */
import { controllerOf, refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import { isLeaving, podCondition } from '../../api/pod-lifecycle.ts'
import type { Pod } from '../../api/types/core.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { ownersOf } from '../../loop/owners.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { matches } from './selector.ts'

type SelectorOf<T> = (suitor: T) => LabelSelector | undefined

/** Whose it is or was; of an orphan, who may adopt it. */
export function ownersAndSuitors<T extends KubeObject>(event: WatchEvent, kind: string, selectorOf: SelectorOf<T>, snapshot: Snapshot): Ref[] {
  const owners = ownersOf(event, [kind])
  return [...owners, ...suitorsOf(event, kind, selectorOf, snapshot).filter(({ uid }) => !owners.some((owner) => owner.uid === uid))]
}

function suitorsOf<T extends KubeObject>({ type, object }: WatchEvent, kind: string, selectorOf: SelectorOf<T>, snapshot: Snapshot): Ref[] {
  const { namespace, labels } = object.metadata
  if (type === 'DELETED' || controllerOf(object.metadata)) return []
  return snapshot
    .list<T>(kind, namespace)
    .filter((suitor) => matches(selectorOf(suitor), labels))
    .map(refOf)
}

/** Of the many changes of a Pod, those that whoever keeps a number of Pods looks at; `also` names further ones. */
export function changesCount({ type, object, previous }: WatchEvent, also: (pod: Pod, before: Pod) => boolean = () => false): boolean {
  if (type !== 'MODIFIED' || !previous) return true
  const [pod, before] = [object as Pod, previous as Pod]
  return (
    pod.status?.phase !== before.status?.phase ||
    isLeaving(pod) !== isLeaving(before) ||
    !equal(podCondition(pod, 'Ready'), podCondition(before, 'Ready')) ||
    !equal(pod.metadata.labels, before.metadata.labels) ||
    !equal(pod.metadata.ownerReferences, before.metadata.ownerReferences) ||
    also(pod, before)
  )
}
