/**
 * Who controls what: owner references, and the claim that adopts matching orphans and releases what no longer matches.
 * Mirrors pkg/controller/controller_ref_manager.go.
 */
import { controllerOf, refOf, type KubeObject, type OwnerReference } from '../../api/meta.ts'
import { labelSelector } from '../../api/label-selector.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean => controllerOf(object.metadata)?.uid === owner.metadata.uid

export interface Claim<T extends KubeObject> {
  /** What the owner controls, adopted ones included. */
  readonly claimed: readonly T[]
  readonly steps: readonly Step[]
}

/** Everything of `kind` that the owner controls or should. Others than `lives` are neither adopted nor released; `isMember` counts as the selector does. */
export function claim<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector | undefined,
  kind: string,
  snapshot: Snapshot,
  lives: (object: T) => boolean = () => true,
  isMember: (object: T) => boolean = () => true,
): Claim<T> {
  const claimed: T[] = []
  const steps: Step[] = []
  const leaving = owner.metadata.deletionTimestamp !== undefined
  const { matches } = labelSelector(selector)
  for (const object of snapshot.ownedBy<T>(owner.metadata.uid, kind)) {
    if (!isControlledBy(object, owner)) continue
    if (matches(object.metadata.labels) && isMember(object)) claimed.push(object)
    else if (!leaving && lives(object)) steps.push(release(owner, object))
  }
  const { namespace } = owner.metadata
  if (!leaving && selector && namespace !== undefined) {
    for (const object of snapshot.labelled<T>(kind, namespace, selector.matchLabels ?? {})) {
      if (controllerOf(object.metadata) || object.metadata.deletionTimestamp !== undefined || !matches(object.metadata.labels) || !lives(object) || !isMember(object)) continue
      claimed.push(object)
      steps.push(adopt(owner, object))
    }
  }
  return { claimed, steps }
}

/** The step that makes the owner the controller of an orphan. */
export function adopt(owner: KubeObject, object: KubeObject): Step {
  const { ownerReferences = [], resourceVersion } = object.metadata
  const others = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid)
  return {
    do: 'patch',
    ref: refOf(object),
    patch: { metadata: { resourceVersion, ownerReferences: [...others, controllerReference(owner)] } },
    because: { code: 'Adopted', say: `adopted ${object.metadata.name}`, why: 'its labels match the selector and nobody controls it', refs: [refOf(object)] },
  }
}

export function release(owner: KubeObject, object: KubeObject): Step {
  const { ownerReferences = [], resourceVersion } = object.metadata
  return {
    do: 'patch',
    ref: refOf(object),
    patch: { metadata: { resourceVersion, ownerReferences: ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid) } },
    because: { code: 'Released', say: `let go of ${object.metadata.name}`, why: 'its labels no longer match the selector', refs: [refOf(object)] },
  }
}
