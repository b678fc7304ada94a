/**
 * Keeps one ReplicaSet per Pod template and moves Pods from old ones to the current one as the strategy allows.
 * Mirrors pkg/controller/deployment/deployment_controller.go, syncDeployment.
 */
import { isEmptySelector } from '../../api/label-selector.ts'
import { controllerOf, refOf, type Ref } from '../../api/meta.ts'
import { plainRefusal } from '../../api/state/quota-words.ts'
import { count } from '../../api/state/sentences.ts'
import type { Deployment, ReplicaSet } from '../../api/types/apps.ts'
import type { Pod } from '../../api/types/core.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { claim } from '../planning/ownership.ts'
import { difference } from '../planning/status-patch.ts'
import { ownersAndSuitors } from '../planning/wake-ups.ts'
import { revisionAnnotation, revisionOf } from './annotations.ts'
import { dropOldRevisions } from './cleanup.ts'
import { availableOf, hasDeadline, isRolling, maxUnavailable, wantedReplicas } from './numbers.ts'
import { oldPodsLeft, startAll, stopAllOld } from './recreate.ts'
import { rollBack, wantedRevision } from './rollback.ts'
import { createCurrent, isScaling, syncRevision } from './revisions.ts'
import { rollForward } from './rolling.ts'
import { Rollout } from './rollout.ts'
import { scale } from './scaling.ts'
import { countPods, deadlineCheck, isComplete, judge } from './status.ts'

export const deployment = defineController<Deployment>({
  name: 'deployment-controller',
  reconciles: 'Deployment',
  wakesOn: ['ReplicaSet', 'Pod'],

  wakes(event, snapshot) {
    if (event.object.kind === 'Pod') return event.type === 'DELETED' ? recreatedBy(event.object as Pod, snapshot) : []
    return ownersAndSuitors<Deployment>(event, 'Deployment', ({ spec }) => spec.selector, snapshot)
  },

  plan({ object: d, snapshot, now }) {
    if (!d) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the Deployment is gone' })
    if (isEmptySelector(d.spec.selector)) return selectsAll(d)
    const { claimed, steps } = claim<ReplicaSet>(d, d.spec.selector, 'ReplicaSet', snapshot)
    const rollout = new Rollout(d, claimed, snapshot, now)
    rollout.do(...steps)
    const asked = d.metadata.deletionTimestamp === undefined && !d.spec.paused ? wantedRevision(d) : undefined
    if (asked !== undefined) return goBack(rollout, asked)
    const cleanup = move(rollout)
    return planOf(rollout, cleanup)
  },

  onFailure({ object: d, now }, { step, message }) {
    if (!d || step.do !== 'create') return []
    const text = `Failed to create new replica set "${step.object.metadata.name ?? ''}": ${message}`
    const because: Reason = { code: 'ReplicaSetCreateError', say: 'could not make a new revision', why: message, event: { type: 'Warning', message: text } }
    if (!hasDeadline(d)) return [{ do: 'note', ref: refOf(d), because }]
    const rollout = new Rollout(d, [], emptySnapshot, now)
    rollout.setCondition('Progressing', 'False', 'ReplicaSetCreateError', text)
    const patch = difference(d.status, rollout.status)
    return [patch ? { do: 'patch', ref: refOf(d), patch: { status: patch }, subresource: 'status', because } : { do: 'note', ref: refOf(d), because }]
  },
})

const emptySnapshot: Snapshot = { revision: 0, get: () => undefined, byUid: () => undefined, list: () => [], ownedBy: () => [], podsOn: () => [], labelled: () => [] }

/** Sizes wait for the next pass, when the template is the one asked for. */
function goBack(rollout: Rollout, wanted: bigint): Plan {
  const step = rollBack(rollout, wanted)
  const { event: _, ...because } = step.because
  return { steps: [...rollout.steps(), step], because }
}

/** A Recreate Deployment waits for its last old Pod to be gone. */
function recreatedBy(pod: Pod, snapshot: Snapshot): Ref[] {
  const owner = controllerOf(pod.metadata)
  const rs = owner?.kind === 'ReplicaSet' ? snapshot.byUid<ReplicaSet>(owner.uid) : undefined
  const above = rs && controllerOf(rs.metadata)
  const d = above ? snapshot.byUid<Deployment>(above.uid) : undefined
  return d?.spec?.strategy?.type === 'Recreate' ? [refOf(d)] : []
}

/** Decides sizes and status on `rollout`; returns the clean-up steps, which come last. */
function move(rollout: Rollout): readonly Step[] {
  const { d } = rollout
  if (d.metadata.deletionTimestamp !== undefined) {
    syncRevision(rollout)
    countPods(rollout)
    return []
  }
  notePause(rollout)
  if (d.spec.paused || isScaling(rollout)) {
    syncRevision(rollout)
    scale(rollout)
    const cleanup = d.spec.paused ? dropOldRevisions(rollout) : []
    countPods(rollout)
    return cleanup
  }
  const finished = isRolling(d) ? roll(rollout) : recreate(rollout)
  const cleanup = finished && isComplete(rollout, d.status ?? {}) ? dropOldRevisions(rollout) : []
  judge(rollout)
  return cleanup
}

/** True where the sizes are final. */
function roll(rollout: Rollout): boolean {
  const { current } = rollout
  if (!current) {
    createCurrent(rollout)
    return false
  }
  syncRevision(rollout)
  return !rollForward(rollout, current)
}

function recreate(rollout: Rollout): boolean {
  const { current } = rollout
  syncRevision(rollout)
  if (stopAllOld(rollout) || oldPodsLeft(rollout) > 0) return false
  if (current) startAll(rollout, current)
  else createCurrent(rollout)
  return current !== undefined
}

/** A pause stops the clock of the progress deadline, its end starts it anew. */
function notePause(rollout: Rollout): void {
  const { d } = rollout
  if (!hasDeadline(d)) return
  const reason = rollout.condition('Progressing')?.reason
  if (reason === 'ProgressDeadlineExceeded') return
  if (d.spec.paused && reason !== 'DeploymentPaused') rollout.setCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
  else if (!d.spec.paused && reason === 'DeploymentPaused') rollout.setCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
}

function planOf(rollout: Rollout, cleanup: readonly Step[]): Plan {
  const { d } = rollout
  const steps = [...rollout.steps(), ...cleanup]
  const because = summary(rollout)
  const status = difference(d.status, rollout.status)
  const revision = rollout.revision !== undefined && d.metadata.annotations?.[revisionAnnotation] !== String(rollout.revision) ? String(rollout.revision) : undefined
  if (status || revision !== undefined) {
    steps.push({
      do: 'patch',
      ref: refOf(d),
      subresource: 'status',
      // Upstream writes the revision through the status as well: a change of annotations elsewhere would count as a new generation.
      patch: { ...(revision === undefined ? {} : { metadata: { annotations: { [revisionAnnotation]: revision } } }), ...(status ? { status } : {}) },
      because: { ...because, code: 'StatusUpdated' },
    })
  }
  const requeueAt = d.spec.paused || d.metadata.deletionTimestamp !== undefined ? undefined : deadlineCheck(rollout)
  const first = steps[0]
  const said = first && first.because.code !== 'StatusUpdated' ? first.because : because
  const { event: _, ...reason } = said
  return { steps, because: reason, ...(requeueAt === undefined ? {} : { requeueAt }) }
}

/** Where the rollout stands, in one line. */
function summary(rollout: Rollout): Reason {
  const { d, status, current } = rollout
  const wanted = wantedReplicas(d)
  const available = status.availableReplicas ?? 0
  const updated = status.updatedReplicas ?? 0
  const old = isRolling(d) ? (status.replicas ?? 0) - updated : oldPodsLeft(rollout)
  const unready = current ? updated - Math.min(updated, availableOf(current)) : 0
  const name = current ? `revision ${revisionOf(current)}` : 'the new revision'
  const refs = current ? [refOf(current)] : []
  const enough = `never fewer than ${wanted - maxUnavailable(d)} while updating`
  if (d.metadata.deletionTimestamp !== undefined) return { code: 'Deleting', say: 'is being deleted', why: 'its Pods go first', refs }
  if (rollout.condition('ReplicaFailure')) return { code: 'ReplicaFailure', say: 'cannot make its Pods', why: plainRefusal(rollout.condition('ReplicaFailure')?.message ?? ''), refs }
  if (d.spec.paused) return { code: 'Paused', say: 'is paused', why: `${available} of ${wanted} ready, changes of the template wait`, refs }
  if (isComplete(rollout, status)) return { code: 'Settled', say: wanted === 0 ? 'runs no Pods' : `runs ${count(wanted, 'Pod')} of ${name}`, why: `${wanted} wanted, ${available} ready`, refs }
  if (rollout.condition('Progressing')?.reason === 'ProgressDeadlineExceeded') {
    return { code: 'ProgressDeadlineExceeded', say: `gave up waiting for ${name}`, why: `no progress in ${d.spec.progressDeadlineSeconds ?? 0} s, ${available} of ${wanted} ready`, refs }
  }
  if (!isRolling(d) && old > 0) return { code: 'WaitingForOldPods', say: `waiting for ${count(old, 'old Pod')} to end`, why: 'this Deployment is recreated: old Pods end before new ones start', refs }
  const missing = wanted - Math.min(available, wanted)
  if (missing > 0) return { code: 'WaitingForPods', say: `waiting for ${missing} of ${count(wanted, 'Pod')} to be ready`, why: `${available} ready now${old > 0 ? `, ${enough}` : ''}`, refs }
  if (unready > 0) return { code: 'WaitingForPods', say: `waiting for ${unready === 1 ? 'the new Pod' : `${unready} new Pods`} to be ready`, why: `${Math.min(updated - unready, wanted)} of ${wanted} replaced, ${enough}`, refs }
  return { code: 'RollingOut', say: `${Math.min(updated, wanted)} of ${wanted} replaced`, why: `${available} ready now, ${enough}`, refs }
}

function selectsAll(d: Deployment): Plan {
  const because: Reason = {
    code: 'SelectingAll',
    say: 'does nothing',
    why: 'its selector is empty and would take every Pod',
    event: { type: 'Warning', message: 'This deployment is selecting all pods. A non-empty selector is required.' },
  }
  const { generation } = d.metadata
  if ((d.status?.observedGeneration ?? 0) >= (generation ?? 0)) return nothing(because)
  return { steps: [{ do: 'patch', ref: refOf(d), subresource: 'status', patch: { status: { observedGeneration: generation } }, because }], because }
}
