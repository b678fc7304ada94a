/**
 * The history of a workload whose Pod templates are kept as ControllerRevisions: StatefulSet and DaemonSet.
 * Mirrors pkg/controller/history/controller_history.go as pure functions; writes come back as steps.
 *
 * How a planner uses it, in this order:
 *   1. `revisionsOf(owner, selector, snapshot)`: its revisions, oldest first, and the steps that adopt orphans.
 *   2. `chooseRevision({ owner, template, revisions, … })`: the revision that stands for the template, found, brought
 *      back to the front (rollback) or made, with its steps and the collision count for the status. Its `name` is known
 *      at once, so that the Pods of the same plan can carry it.
 *   3. `templateOf(revision)`: the Pod template as it was then; `undefined` where somebody wrote other data.
 *   4. `dropOldRevisions(revisions, live, limit)`: deletions beyond revisionHistoryLimit, oldest first. Never one whose
 *      name is in `live` (the current and updated revision, and those of Pods that still run).
 * Equality is by the meaning of `data`, so that neither key order nor a default that came later makes a new revision.
 */
import { controllerOf, refOf, type KubeObject, type NewObject } from '../../api/meta.ts'
import { labelSelector } from '../../api/label-selector.ts'
import { defaultPodSpec } from '../../api/kinds/pod-spec/defaults.ts'
import { count } from '../../api/state/sentences.ts'
import type { ControllerRevision } from '../../api/types/apps.ts'
import type { PodTemplateSpec } from '../../api/types/core.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import { clone, isObject } from '../../base/json.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { canonical, inOrder, shortHash } from '../planning/canonical.ts'
import { adopt, controllerReference, isControlledBy, release } from '../planning/ownership.ts'

const longestPrefix = 223

export interface Revisions {
  /** Those of the owner, orphans it adopts included, by number; oldest first. */
  readonly revisions: readonly ControllerRevision[]
  readonly steps: readonly Step[]
}

/** `releases`: also let go of owned revisions whose labels no longer match (DaemonSet does, StatefulSet passes them over). */
export function revisionsOf(owner: KubeObject, selector: LabelSelector | undefined, snapshot: Snapshot, { releases = false } = {}): Revisions {
  const revisions: ControllerRevision[] = []
  const steps: Step[] = []
  const { matches } = labelSelector(selector)
  const leaving = owner.metadata.deletionTimestamp !== undefined
  for (const revision of snapshot.ownedBy<ControllerRevision>(owner.metadata.uid, 'ControllerRevision')) {
    if (!isControlledBy(revision, owner)) continue
    if (matches(revision.metadata.labels)) revisions.push(revision)
    else if (releases && !leaving) steps.push(release(owner, revision))
  }
  const { namespace } = owner.metadata
  if (!leaving && selector && namespace !== undefined) {
    for (const revision of snapshot.labelled<ControllerRevision>('ControllerRevision', namespace, selector.matchLabels ?? {})) {
      if (controllerOf(revision.metadata) || revision.metadata.deletionTimestamp !== undefined || !matches(revision.metadata.labels)) continue
      revisions.push(revision)
      steps.push(adopt(owner, revision))
    }
  }
  return { revisions: revisions.sort(byNumber), steps }
}

const byNumber = (a: ControllerRevision, b: ControllerRevision): number =>
  a.revision - b.revision ||
  Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
  (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)

/** One more than the newest; expects them oldest first. */
const nextNumber = (revisions: readonly ControllerRevision[]): number => (revisions.at(-1)?.revision ?? 0) + 1

/** What a revision keeps: a strategic merge patch that puts the template back. */
export const revisionData = (template: PodTemplateSpec): Readonly<Record<string, unknown>> => ({ spec: { template: inOrder({ ...template, $patch: 'replace' }) } })

export function templateOf({ data }: Pick<ControllerRevision, 'data'>): PodTemplateSpec | undefined {
  const spec = isObject(data) ? data['spec'] : undefined
  const template = isObject(spec) ? spec['template'] : undefined
  if (!isObject(template) || !isObject(template['spec'])) return undefined
  const { $patch: _, ...rest } = template
  return rest as unknown as PodTemplateSpec
}

const meaning = (data: unknown): string => canonical(data)

const sameRevision = (data: unknown, other: unknown): boolean => meaning(data) === meaning(other)

/** For data that lacks defaults which the server has learned since. */
function sameAfterDefaults(revision: ControllerRevision, template: PodTemplateSpec): boolean {
  const stored = templateOf(revision)
  if (!stored) return false
  const restored = clone(stored)
  defaultPodSpec(restored.spec)
  return meaning(restored) === meaning(template)
}

/** Those whose data means this template, oldest first. */
export const equalRevisions = (revisions: readonly ControllerRevision[], template: PodTemplateSpec): readonly ControllerRevision[] => {
  const wanted = meaning(revisionData(template))
  return revisions.filter(({ data }) => meaning(data) === wanted)
}

/** `<owner>-<hash>`, no longer than a name may be. */
const revisionName = (ownerName: string, hash: string): string => `${ownerName.slice(0, longestPrefix)}-${hash}`

export const revisionHash = (template: PodTemplateSpec, collisionCount: number): string => shortHash(meaning(revisionData(template)) + String(collisionCount))

export interface Choice {
  readonly owner: KubeObject
  readonly template: PodTemplateSpec
  /** Oldest first. */
  readonly revisions: readonly ControllerRevision[]
  /** status.collisionCount so far. */
  readonly collisionCount: number | undefined
  /** The label that carries the hash: `controller.kubernetes.io/hash`, or `controller-revision-hash` (DaemonSet). */
  readonly hashLabel: string
  readonly snapshot: Snapshot
}

export interface Chosen {
  readonly name: string
  /** Its number after the steps. */
  readonly number: number
  /** The object as it is now; absent where this plan makes it. */
  readonly stored?: ControllerRevision
  readonly collisionCount: number
  readonly steps: readonly Step[]
}

/** The revision for the owner's template; a patch or a creation where it is not the newest one yet. */
export function chooseRevision({ owner, template, revisions, collisionCount = 0, hashLabel, snapshot }: Choice): Chosen {
  const newest = revisions.at(-1)
  const number = nextNumber(revisions)
  const equals = equalRevisions(revisions, template)
  const found = equals.at(-1)
  if (newest && (found === newest || (!found && sameAfterDefaults(newest, template)))) {
    return { name: newest.metadata.name, number: newest.revision, stored: newest, collisionCount, steps: [] }
  }
  if (found) return { name: found.metadata.name, number, stored: found, collisionCount, steps: [renumber(found, number)] }
  const data = revisionData(template)
  for (let collisions = collisionCount; ; collisions++) {
    const hash = revisionHash(template, collisions)
    const name = revisionName(owner.metadata.name, hash)
    const taken = snapshot.get<ControllerRevision>('ControllerRevision', owner.metadata.namespace, name)
    if (!taken) return { name, number, collisionCount: collisions, steps: [create(owner, template, name, number, { [hashLabel]: hash })] }
    if (sameRevision(taken.data, data)) return { name, number: taken.revision, stored: taken, collisionCount: collisions, steps: [] }
  }
}

function renumber(revision: ControllerRevision, number: number): Step {
  return {
    do: 'patch',
    ref: refOf(revision),
    patch: { metadata: { resourceVersion: revision.metadata.resourceVersion }, revision: number },
    because: {
      code: 'RevisionChosen',
      say: `went back to revision ${revision.revision}, now revision ${number}`,
      why: 'its Pod template is the one wanted again',
      refs: [refOf(revision)],
    },
  }
}

function create(owner: KubeObject, template: PodTemplateSpec, name: string, number: number, hash: Readonly<Record<string, string>>): Step {
  const { annotations } = owner.metadata
  const object: NewObject = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace: owner.metadata.namespace ?? '',
      labels: { ...template.metadata?.labels, ...hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data: revisionData(template),
    revision: number,
  }
  return {
    do: 'create',
    object,
    because: { code: 'RevisionMade', say: `noted revision ${number}`, why: number === 1 ? 'the first Pod template' : 'the Pod template is a new one' },
  }
}

/** Deletions of revisions that nobody uses, oldest first, until `limit` are left. A negative limit keeps all. */
export function dropOldRevisions(revisions: readonly ControllerRevision[], live: ReadonlySet<string>, limit: number): readonly Step[] {
  const old = revisions.filter(({ metadata }) => !live.has(metadata.name))
  if (limit < 0 || old.length <= limit) return []
  return old
    .slice(0, old.length - limit)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((revision) => ({
      do: 'delete',
      ref: refOf(revision),
      because: {
        code: 'RevisionDropped',
        say: `forgot revision ${revision.revision}`,
        why: `${count(old.length, 'old revision')}, ${limit === 0 ? 'none is' : count(limit, 'is', 'are')} kept`,
        refs: [refOf(revision)],
      },
    }))
}
