/**
 * Keeps one Pod of a template on every node that suits it. Mirrors pkg/controller/daemon: `manage` gives every node what
 * it lacks and takes away what it should not have; only where nothing is left to do for it, an update goes on.
 */
import { controllerOf, refOf, type Ref } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps.ts'
import type { Node, Pod } from '../../api/types/core.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController, type PlanInput } from '../../loop/controller.ts'
import { nothing, type Reason } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { claim } from '../planning/ownership.ts'
import { refusedPod } from '../planning/refused-pod.ts'
import { difference } from '../planning/status-patch.ts'
import { changesCount, ownersAndSuitors } from '../planning/wake-ups.ts'
import { generationOf } from './daemon-pod.ts'
import { eligibilityOf } from './eligibility.ts'
import { manage } from './manage.ts'
import { historyOf } from './revisions.ts'
import { rollForward } from './rolling-update.ts'
import { Round } from './round.ts'
import { statusOf } from './status.ts'

export const daemonSet = defineController<DaemonSet>({
  name: 'daemonset-controller',
  reconciles: 'DaemonSet',
  wakesOn: ['Pod', 'Node', 'ControllerRevision'],
  // A pass looks at every node and every Pod: some milliseconds for 5,000 of each.
  gapMs: 40,

  wakes(event, snapshot) {
    if (event.object.kind === 'Node') return changesFor(event, snapshot)
    if (event.object.kind === 'Pod' && !changesCount(event, (pod, before) => pod.spec.nodeName !== before.spec.nodeName)) return []
    return ownersAndSuitors<DaemonSet>(event, 'DaemonSet', ({ spec }) => spec.selector, snapshot)
  },

  plan(input) {
    const { object: ds } = input
    if (!ds) return nothing({ code: 'Gone', say: 'nothing left to do', why: 'the DaemonSet is gone' })
    if (ds.metadata.deletionTimestamp !== undefined) return nothing({ code: 'Deleting', say: 'is being deleted', why: 'its Pods go with it, or stay as orphans' })
    const { round, first, cleanup, status } = lookAt(ds, input)
    manage(round)
    const rolls = ds.spec.updateStrategy?.type === 'RollingUpdate' && round.isIdle
    if (rolls) rollForward(round)
    const because = summary(round, status)
    const patch = difference(ds.status, status)
    const due = [round.retryAt, round.availableAt].filter((at) => at !== undefined)
    return {
      steps: [
        ...first,
        ...round.steps(),
        ...cleanup,
        ...(patch ? [{ do: 'patch' as const, ref: refOf(ds), subresource: 'status', patch: { status: patch }, because: { ...because, code: 'StatusUpdated' } }] : []),
      ],
      because,
      ...(due.length === 0 ? {} : { requeueAt: Math.min(...due) }),
    }
  },

  onFailure(input, { step, message }) {
    const { object: ds } = input
    const because = refusedPod(step, message)
    if (!ds || ds.metadata.deletionTimestamp !== undefined || !because) return []
    const patch = difference(ds.status, lookAt(ds, input).status)
    return [patch ? { do: 'patch', ref: refOf(ds), subresource: 'status', patch: { status: patch }, because } : { do: 'note', ref: refOf(ds), because }]
  },
})

function lookAt(ds: DaemonSet, { snapshot, now }: PlanInput<DaemonSet>) {
  const { claimed, steps } = claim<Pod>(ds, ds.spec.selector, 'Pod', snapshot)
  const history = historyOf(ds, claimed, snapshot)
  const round = new Round(ds, snapshot.list<Node>('Node'), claimed, { hash: history.hash, generation: generationOf(ds) }, now)
  return { round, first: [...steps, ...history.steps], cleanup: history.cleanup, status: statusOf(round, history.collisionCount) }
}

/** A node that comes, goes or changes its labels or taints concerns the DaemonSets that should now be on it, or no longer. */
function changesFor({ type, object, previous }: WatchEvent, snapshot: Snapshot): Ref[] {
  const [node, before] = [object as Node, previous as Node | undefined]
  if (type === 'MODIFIED' && before && equal(node.metadata.labels, before.metadata.labels) && equal(node.spec?.taints, before.spec?.taints)) return []
  const refs: Ref[] = []
  const sets = snapshot.list<DaemonSet>('DaemonSet')
  if (sets.length === 0) return refs
  const there = new Set(snapshot.podsOn<Pod>(node.metadata.name).map((pod) => controllerOf(pod.metadata)?.uid))
  for (const ds of sets) {
    const eligible = eligibilityOf(ds)
    const runs = type !== 'DELETED' && eligible.runs(node)
    const ran = type !== 'ADDED' && before !== undefined && eligible.runs(before)
    if (runs !== ran || runs !== there.has(ds.metadata.uid) || (there.has(ds.metadata.uid) && (ds.status?.numberMisscheduled ?? 0) > 0)) refs.push(refOf(ds))
  }
  return refs
}

function summary(round: Round, status: DaemonSetStatus): Reason {
  const { desired, ds } = round
  const { currentNumberScheduled: current, numberReady: ready, numberAvailable: available = 0, updatedNumberScheduled: updated = 0, numberMisscheduled: misplaced } = status
  const suited = `${count(desired, 'node suits', 'nodes suit')} it`
  if (!round.isIdle) return working(round)
  if (round.retryAt !== undefined) return { code: 'BackingOff', say: `next try in ${Math.ceil((round.retryAt - round.now) / 1000)} s`, why: `${ready} of ${desired} ready, and a Pod failed again and again` }
  if (current < desired) return { code: 'Starting', say: `starting ${count(desired - current, 'Pod')}`, why: `${suited}, ${current} have one` }
  if (updated < desired && ds.spec.updateStrategy?.type === 'OnDelete') return { code: 'WaitingForDeletion', say: `keeps ${count(desired - updated, 'old Pod')}`, why: 'its strategy is OnDelete: each is replaced when somebody deletes it' }
  if (ready < desired) return { code: 'WaitingForPods', say: `waiting for ${desired - ready} of ${count(desired, 'Pod')} to be ready`, why: `${ready} ready now` }
  if (available < desired) return { code: 'WaitingForAvailability', say: `waiting for ${desired - available} of ${count(desired, 'Pod')} to stay ready`, why: `each must be ready for ${ds.spec.minReadySeconds ?? 0} s` }
  if (updated < desired) return { code: 'RollingOut', say: `${updated} of ${desired} replaced`, why: `${available} ready now` }
  if (misplaced > 0) return { code: 'Settled', say: `runs on ${count(desired, 'node')}`, why: `${suited}; on ${misplaced} more its Pods may stay though new ones would not get in` }
  return { code: 'Settled', say: desired === 0 ? 'runs nowhere' : `runs on ${count(desired, 'node')}`, why: `${suited}, ${ready} ready` }
}

/** One step speaks for itself; of more, how many there are. */
function working(round: Round): Reason {
  const steps = round.steps().filter(({ do: what }) => what !== 'note')
  const only = steps.length === 1 ? steps[0]?.because : undefined
  if (only) return { code: 'Working', say: only.say, why: only.why, ...(only.refs ? { refs: only.refs } : {}) }
  const made = steps.filter((step) => step.do === 'create').length
  const parts = [...(made > 0 ? [`starts ${count(made, 'Pod')}`] : []), ...(made < steps.length ? [`stops ${count(steps.length - made, 'Pod')}`] : [])]
  return { code: 'Working', say: parts.join(', '), why: steps[0]?.because.why ?? '' }
}
