/**
 * Keeps Pods with names, places and storage of their own. Mirrors pkg/controller/statefulset/stateful_set.go; the
 * runner's revision barrier stands in for its consistency store.
 */
import { refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import { plainRefusal } from '../../api/state/quota-words.ts'
import type { ControllerRevision, StatefulSet } from '../../api/types/apps.ts'
import type { Pod } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { chooseRevision, type Chosen, dropOldRevisions, revisionsOf } from '../history/history.ts'
import { claim } from '../planning/ownership.ts'
import { difference } from '../planning/status-patch.ts'
import { changesCount, ownersAndSuitors } from '../planning/wake-ups.ts'
import { claimName, isMember, parseName, revisionOf } from './identity.ts'
import { movePods } from './move.ts'
import { Pass } from './pass.ts'
import { statusOf, summary } from './status.ts'

export const statefulSet = defineController<StatefulSet>({
  name: 'statefulset-controller',
  reconciles: 'StatefulSet',
  wakesOn: ['Pod', 'PersistentVolumeClaim', 'ControllerRevision'],

  wakes(event, snapshot) {
    if (event.object.kind === 'PersistentVolumeClaim') return claimants(event, snapshot)
    if (!matters(event)) return []
    const refs = ownersAndSuitors<StatefulSet>(event, 'StatefulSet', ({ spec }) => spec.selector, snapshot)
    if (event.type !== 'DELETED' || event.object.kind !== 'Pod') return refs
    // The name is free again, whoever had it.
    const { namespace, name } = event.object.metadata
    const parent = parseName(name)?.parent
    const set = parent === undefined ? undefined : snapshot.get<StatefulSet>('StatefulSet', namespace, parent)
    return set && !refs.some((ref) => ref.name === parent) ? [...refs, refOf(set)] : refs
  },

  plan({ object: set, snapshot, now }) {
    if (!set) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the StatefulSet is gone' })
    const history = revisionsOf(set, set.spec.selector, snapshot)
    const { claimed, steps: claims } = claim<Pod>(set, set.spec.selector, 'Pod', snapshot, undefined, (pod) => isMember(set, pod.metadata.name))
    const update = updateRevision(set, history.revisions, snapshot)
    const pass = new Pass(set, claimed, { all: history.revisions, update }, snapshot, now)
    if (set.metadata.deletionTimestamp === undefined) movePods(pass)
    return planOf(pass, [...history.steps, ...claims, ...update.steps])
  },

  onFailure({ object: set }, { step, message }) {
    return set ? refusal(set, step, message) : []
  },
})

function updateRevision(set: StatefulSet, revisions: readonly ControllerRevision[], snapshot: Snapshot): Chosen {
  const chosen = chooseRevision({
    owner: set,
    template: set.spec.template,
    revisions,
    collisionCount: set.status?.collisionCount,
    hashLabel: 'controller.kubernetes.io/hash',
    snapshot,
  })
  // The collector takes the revisions first; they are not made anew.
  return set.metadata.deletionTimestamp === undefined ? chosen : { ...chosen, name: set.status?.updateRevision ?? chosen.name, collisionCount: set.status?.collisionCount ?? 0, steps: [] }
}

function planOf(pass: Pass, first: readonly Step[]): Plan {
  const { set, revisions } = pass
  const status = statusOf(pass)
  const patch = difference(set.status, status)
  const moves = pass.steps()
  // Pods speak before claims.
  const done = [...pass.podsToMake, ...pass.changes, ...moves].find((step) => step.do !== 'note')
  const said = pass.because ?? done?.because ?? summary(pass, status)
  const { event: _, ...because } = said
  const live = new Set([pass.currentRevision, revisions.update.name, ...pass.pods.map(revisionOf)])
  const noted: Step[] = patch ? [{ do: 'patch', ref: refOf(set), subresource: 'status', patch: { status: patch }, because: { ...because, code: 'StatusUpdated' } }] : []
  // The first revision is noted before its first Pod: a template changed in between would otherwise pass for the current one.
  const steps: Step[] = set.status?.currentRevision === undefined ? [...first, ...noted, ...moves] : [...first, ...moves, ...noted]
  if (set.metadata.deletionTimestamp === undefined) steps.push(...dropOldRevisions(revisions.all, live, set.spec.revisionHistoryLimit ?? 10))
  const requeueAt = pass.nextAvailability()
  return { steps, because, ...(requeueAt === undefined ? {} : { requeueAt }) }
}

/** What upstream records about a step that the server refused. */
function refusal(set: StatefulSet, step: Step, message: string): Step[] {
  const note = (code: string, say: string, text: string): Step => {
    const because: Reason = { code, say, why: plainRefusal(message), event: { type: 'Warning', message: text } }
    return { do: 'note', ref: refOf(set), because }
  }
  const pod = (verb: 'Create' | 'Update' | 'Delete', name: string, why = message) =>
    note(`Failed${verb}`, `could not ${verb === 'Create' ? 'start' : verb === 'Update' ? 'change' : 'stop'} ${name}`, `${verb} Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${why}`)
  if (step.do === 'create') {
    const name = step.object.metadata.name ?? ''
    if (step.object.kind === 'Pod') return [pod('Create', name)]
    if (step.object.kind !== 'PersistentVolumeClaim') return []
    const owner = `${set.metadata.name}-${parseName(name)?.ordinal ?? 0}`
    return [
      note('FailedCreate', `could not make the claim ${name}`, `Create Claim ${name} for Pod ${owner} in StatefulSet ${set.metadata.name} failed error: ${message}`),
      pod('Create', owner, `failed to create PVC ${name}: ${message}`),
    ]
  }
  if (step.do === 'delete') return step.ref.kind === 'Pod' ? [pod('Delete', step.ref.name)] : []
  if (step.do !== 'patch') return []
  if (step.ref.kind === 'Pod') return [pod('Update', step.ref.name)]
  const ordinal = step.ref.kind === 'PersistentVolumeClaim' ? parseName(step.ref.name)?.ordinal : undefined
  return ordinal === undefined ? [] : [pod('Update', `${set.metadata.name}-${ordinal}`, `could not update claim ${step.ref.name} for delete policy ownerRefs: ${message}`)]
}

/** Of the many changes of a Pod or a revision, those that a StatefulSet looks at. */
function matters(event: WatchEvent): boolean {
  const { type, object, previous } = event
  if (object.kind === 'Pod' || type !== 'MODIFIED' || !previous) return changesCount(event)
  return object['revision'] !== previous['revision'] || !equal(object.metadata.labels, previous.metadata.labels) || !equal(object.metadata.ownerReferences, previous.metadata.ownerReferences)
}

/** The sets whose Pods use a claim that is on its way out, or whose owners changed. */
function claimants({ type, object, previous }: WatchEvent, snapshot: Snapshot): Ref[] {
  const leaves = (one: KubeObject | undefined) => one?.metadata.deletionTimestamp !== undefined
  if (type === 'ADDED') return []
  if (type === 'MODIFIED' && leaves(object) === leaves(previous) && equal(object.metadata.ownerReferences, previous?.metadata.ownerReferences)) return []
  const ordinal = parseName(object.metadata.name)?.ordinal
  if (ordinal === undefined) return []
  return snapshot
    .list<StatefulSet>('StatefulSet', object.metadata.namespace)
    .filter((set) => set.spec.volumeClaimTemplates?.some((template) => claimName(set, template, ordinal) === object.metadata.name))
    .map(refOf)
}
