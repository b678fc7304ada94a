/**
 * Claims on storage of a StatefulSet's Pods: made from its templates, and owned as its retention policy wants
 * (pkg/controller/statefulset/{stateful_pod_control,stateful_set_utils}.go). Who owns a claim decides when the garbage
 * collector takes it: with the set, with a Pod that was scaled away, or never.
 */
import { refOf, type KubeObject, type NewObject, type OwnerReference } from '../../api/meta.ts'
import type { StatefulSet } from '../../api/types/apps.ts'
import type { PersistentVolumeClaim } from '../../api/types/core.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { controllerReference } from '../planning/ownership.ts'
import { claimName, isInRange, podName } from './identity.ts'

/** A Pod that is there, or that is about to be made. */
export type PodName = Pick<KubeObject, 'apiVersion' | 'kind'> & { readonly metadata: { readonly name: string; readonly uid?: string } }
export const podToBe = (set: StatefulSet, ordinal: number): PodName => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: podName(set, ordinal) } })

export interface Claims {
  /** Claims to make. */
  readonly missing: readonly Step[]
  /** Owner references to mend, and warnings about claims that others control. */
  readonly repairs: readonly Step[]
  /** A claim that is on its way out: no Pod can start with it. */
  readonly leaving: PersistentVolumeClaim | undefined
}

interface Retention {
  /** The claims go with the set, with the Pod that was scaled away. */
  readonly withSet: boolean
  readonly withPod: boolean
}

const retentionOf = ({ spec }: StatefulSet): Retention => ({
  withSet: spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete',
  withPod: spec.persistentVolumeClaimRetentionPolicy?.whenScaled === 'Delete',
})

function wantedOwner(set: StatefulSet, ordinal: number): 'set' | 'pod' | undefined {
  const { withSet, withPod } = retentionOf(set)
  if (withPod && !isInRange(set, ordinal)) return 'pod'
  return withSet ? 'set' : undefined
}

const names = (ref: OwnerReference, object: PodName | StatefulSet): boolean =>
  ref.apiVersion === object.apiVersion && ref.kind === object.kind && ref.name === object.metadata.name

/** References to a former set or Pod of the same name: the collector is about to take the claim. */
const isStale = (refs: readonly OwnerReference[], object: PodName | StatefulSet): boolean => refs.some((ref) => names(ref, object) && ref.uid !== object.metadata.uid)

/**
 * Where claims outlive their Pods, one that still names a former Pod is kept for the next. Upstream reuses such a claim as it
 * is, and the collector takes it from under the running Pod; here the reference goes before the Pod is made.
 */
function refsThatCount(claim: PersistentVolumeClaim, set: StatefulSet, pod: PodName): readonly OwnerReference[] {
  const refs = claim.metadata.ownerReferences ?? []
  return retentionOf(set).withPod ? refs : refs.filter((ref) => !names(ref, pod) || ref.uid === pod.metadata.uid)
}

function hasForeignController(refs: readonly OwnerReference[], set: StatefulSet, pod: PodName): boolean {
  const { withSet, withPod } = retentionOf(set)
  if (!withSet && !withPod) return false
  return refs.some((ref) => (names(ref, set) ? ref.uid !== set.metadata.uid : names(ref, pod) ? ref.uid !== pod.metadata.uid : ref.controller === true))
}

/** The owner references that a claim should have; undefined where it has them. */
function refsToMend(claim: PersistentVolumeClaim, set: StatefulSet, pod: PodName, ordinal: number): readonly OwnerReference[] | undefined {
  const refs = refsThatCount(claim, set, pod)
  const isFreed = refs.length !== (claim.metadata.ownerReferences ?? []).length
  if (isStale(refs, set) || isStale(refs, pod)) return undefined
  const own = refs.filter(({ uid }) => uid === set.metadata.uid || uid === pod.metadata.uid)
  const others = refs.filter((ref) => !names(ref, set) && !names(ref, pod))
  if (hasForeignController(refs, set, pod)) return isFreed || own.length > 0 ? others : undefined
  const wanted = wantedOwner(set, ordinal)
  const ownsNow = own.length === (wanted ? 1 : 0) && own.every((ref) => ref.controller === true && ref.uid === (wanted === 'set' ? set : pod).metadata.uid)
  if (ownsNow && !isFreed) return undefined
  if (wanted === 'pod') return [...others, { apiVersion: pod.apiVersion, kind: pod.kind, name: pod.metadata.name, uid: pod.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }]
  return wanted === 'set' ? [...others, controllerReference(set)] : others
}

/** What is to be done about the claims of one Pod. */
export function claimsOf(set: StatefulSet, pod: PodName, ordinal: number, snapshot: Snapshot): Claims {
  const missing: Step[] = []
  const repairs: Step[] = []
  let leaving: PersistentVolumeClaim | undefined
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const name = claimName(set, template, ordinal)
    const claim = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', set.metadata.namespace, name)
    if (!claim) {
      missing.push(create(set, template, pod, ordinal))
      continue
    }
    if (claim.metadata.deletionTimestamp !== undefined) leaving ??= claim
    const refs = refsToMend(claim, set, pod, ordinal)
    if (!refs) continue
    if (hasForeignController(refsThatCount(claim, set, pod), set, pod)) repairs.push(conflict(set, claim))
    repairs.push(mend(set, claim, pod, refs))
  }
  return { missing, repairs, leaving }
}

/** A claim still bound to the Pod before: the collector takes it, and only then the Pod can come again. */
export function staleClaim(set: StatefulSet, ordinal: number, snapshot: Snapshot): PersistentVolumeClaim | undefined {
  if (!retentionOf(set).withPod) return undefined
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const claim = snapshot.get<PersistentVolumeClaim>('PersistentVolumeClaim', set.metadata.namespace, claimName(set, template, ordinal))
    if (claim && isStale(claim.metadata.ownerReferences ?? [], podToBe(set, ordinal))) return claim
  }
  return undefined
}

function create(set: StatefulSet, template: PersistentVolumeClaim, pod: PodName, ordinal: number): Step {
  const name = claimName(set, template, ordinal)
  const { labels, annotations, finalizers, ownerReferences = [] } = template.metadata
  const allLabels = { ...labels, ...set.spec.selector.matchLabels }
  // Upstream gives the claim its owner one pass later; made at once, there is no moment in which nobody owns it.
  const owners = [...ownerReferences, ...(wantedOwner(set, ordinal) === 'set' ? [controllerReference(set)] : [])]
  const object: NewObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: set.metadata.namespace ?? '',
      ...(Object.keys(allLabels).length > 0 ? { labels: allLabels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ...(owners.length > 0 ? { ownerReferences: owners } : {}),
    },
    spec: template.spec,
  }
  return {
    do: 'create',
    object,
    because: {
      code: 'SuccessfulCreate',
      say: `made the claim ${name}`,
      why: `${pod.metadata.name} keeps its data there`,
      event: { type: 'Normal', message: `Create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success` },
    },
  }
}

function mend(set: StatefulSet, claim: PersistentVolumeClaim, pod: PodName, ownerReferences: readonly OwnerReference[]): Step {
  const wanted = ownerReferences.find(({ uid }) => uid === set.metadata.uid || uid === pod.metadata.uid)
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  return {
    do: 'patch',
    ref: refOf(claim),
    patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, ownerReferences } },
    because: {
      code: 'ClaimRetention',
      say: wanted ? `${claim.metadata.name} goes with ${wanted.kind === 'Pod' ? `the Pod ${wanted.name}` : 'the StatefulSet'}` : `${claim.metadata.name} is kept`,
      why: `claims when deleted: ${whenDeleted ?? 'Retain'}, when scaled: ${whenScaled ?? 'Retain'}`,
      refs: [refOf(claim)],
    },
  }
}

function conflict(set: StatefulSet, claim: PersistentVolumeClaim): Step {
  return {
    do: 'note',
    ref: refOf(set),
    because: {
      code: 'ConflictingController',
      say: `leaves ${claim.metadata.name} alone`,
      why: 'something else controls the claim',
      refs: [refOf(claim)],
      event: {
        type: 'Warning',
        message: `PersistentVolumeClaim ${claim.metadata.name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`,
      },
    },
  }
}
