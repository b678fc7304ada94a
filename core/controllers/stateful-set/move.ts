/**
 * What a StatefulSet does next with its Pods (pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet):
 * first the wanted Pods, in order; then those too many, from the highest ordinal down; then the update, likewise. In
 * OrderedReady each of these waits for the Pod before; in Parallel only the update goes Pod by Pod. A Pod that never gets
 * ready holds up everything behind it, also an update that would mend it: as upstream, it has to be deleted by hand.
 */
import { refOf } from '../../api/meta.ts'
import { count } from '../../api/state/sentences.ts'
import type { Pod } from '../../api/types/core.ts'
import type { Step } from '../../loop/plan.ts'
import { availableFrom, isFinished, isLeaving } from '../../api/pod-lifecycle.ts'
import { claimsOf, podToBe, staleClaim } from './claims.ts'
import { hasItsVolumes, missingIdentity, ordinalOf, revisionOf, startOrdinal, volumesOf, wantedReplicas } from './identity.ts'
import { isRunning, isUnavailable, type Pass } from './pass.ts'

/** Adds the steps to the pass. */
export function movePods(pass: Pass): void {
  if (!keepReplicas(pass)) return
  for (const pod of pass.condemned) pass.repairs.push(...claimsOf(pass.set, pod, ordinalOf(pod), pass.snapshot).repairs)
  if (!stopCondemned(pass)) return
  update(pass)
}

/** False where the pass ends here. */
function keepReplicas(pass: Pass): boolean {
  let goesOn = true
  for (let place = 0; place < pass.replicas.length; place++) {
    const done = keepReplica(pass, place)
    if (done !== 'done' && pass.ordered) return false
    if (done === 'refused') goesOn = false
  }
  return goesOn
}

type Done = 'done' | 'blocked' | 'refused'

function keepReplica(pass: Pass, place: number): Done {
  const pod = pass.replicas[place]
  return pod ? keep(pass, pod, place) : make(pass, place)
}

function make(pass: Pass, place: number): Done {
  const { set, snapshot } = pass
  const name = pass.nameAt(place)
  const ordinal = startOrdinal(set) + place
  const foreign = snapshot.get<Pod>('Pod', set.metadata.namespace, name)
  if (foreign) {
    const leaving = isLeaving(foreign)
    pass.wait(leaving ? 'WaitingForEnd' : 'NameTaken', `waiting for ${leaving ? 'the former' : 'another'} ${name} to be gone`, 'a Pod of that name is there that is not its own', foreign)
    return 'refused'
  }
  const stale = staleClaim(set, ordinal, snapshot)
  if (stale) {
    pass.wait('WaitingForClaim', `waiting for the claim ${stale.metadata.name} to be gone before ${name}`, 'it belongs to the Pod before, and claims go with Pods that are scaled away')
    return 'blocked'
  }
  const claims = claimsOf(set, podToBe(set, ordinal), ordinal, snapshot)
  pass.claimsToMake.push(...claims.missing)
  if (claims.leaving) {
    refuse(pass, name, claims.leaving.metadata.name)
    return 'refused'
  }
  pass.repairs.push(...claims.repairs)
  const there = pass.pods.length
  pass.make(place, `${wantedReplicas(set)} wanted, ${there === 0 ? 'none' : there} there`)
  return pass.ordered ? 'blocked' : 'done'
}

function refuse(pass: Pass, name: string, claim: string): void {
  const { set } = pass
  pass.wait('WaitingForClaim', `waiting for the claim ${claim} to be gone before ${name}`, 'it is being deleted')
  pass.changes.push({
    do: 'note',
    ref: refOf(set),
    because: {
      code: 'FailedCreate',
      say: `could not start ${name}`,
      why: `the claim ${claim} is being deleted`,
      event: { type: 'Warning', message: `Create Pod ${name} in StatefulSet ${set.metadata.name} failed error: pvc ${claim} is being deleted` },
    },
  })
}

function keep(pass: Pass, pod: Pod, place: number): Done {
  const { set } = pass
  const { name } = pod.metadata
  const phase = pod.status?.phase
  if (isFinished(pod)) {
    // Also after success: how a Pod that was stopped from outside ends is chance.
    if (!isLeaving(pod)) pass.stop(pod, `it has ${phase === 'Failed' ? 'failed' : 'ended'} and is started anew`)
    pass.wait('WaitingForEnd', `waiting for ${name} to be gone before it starts anew`, `it has ${phase === 'Failed' ? 'failed' : 'ended'}`, pod)
    return 'blocked'
  }
  const claims = claimsOf(set, pod, ordinalOf(pod), pass.snapshot)
  if (phase === 'Pending') {
    pass.claimsToMake.push(...claims.missing)
    pass.repairs.push(...claims.repairs)
    if (claims.leaving) {
      pass.wait('WaitingForClaim', `waiting for the claim ${claims.leaving.metadata.name} of ${name} to be gone`, 'it is being deleted', pod)
      return 'refused'
    }
  }
  if (pass.ordered) {
    if (isLeaving(pod)) {
      pass.wait('WaitingForEnd', `waiting for ${name} to end before it starts anew`, 'no two Pods of one name may run', pod)
      return 'blocked'
    }
    if (!isRunning(pod)) {
      pass.wait('WaitingForPod', `waiting for ${name} to be Ready${before(pass, place)}`, stuckWords(pass, pod), pod)
      return 'blocked'
    }
    if (!pass.isAvailable(pod)) {
      pass.wait('WaitingForAvailability', `waiting for ${name} to stay Ready${before(pass, place)}`, patience(pass, pod), pod)
      return 'blocked'
    }
  }
  mendPod(pass, pod, phase === 'Pending' ? [] : claims.repairs)
  return 'done'
}

/** Brings labels, volumes and owners of claims back to what they should be. */
function mendPod(pass: Pass, pod: Pod, claimRepairs: readonly Step[]): void {
  const { set } = pass
  const { name } = pod.metadata
  const labels = missingIdentity(set, pod)
  const storage = !hasItsVolumes(set, pod)
  const event = { type: 'Normal' as const, message: `Update Pod ${name} in StatefulSet ${set.metadata.name} successful` }
  if (storage) pass.claimsToMake.push(...claimsOf(set, pod, ordinalOf(pod), pass.snapshot).missing)
  if (labels || storage) {
    pass.repairs.push(...claimRepairs)
    pass.changes.push({
      do: 'patch',
      ref: refOf(pod),
      patch: { ...(labels ? { metadata: { labels } } : {}), ...(storage ? { spec: { volumes: volumesOf(set, ordinalOf(pod), pod.spec?.volumes ?? []) } } : {}) },
      because: { code: 'SuccessfulUpdate', say: `gave ${name} its ${labels ? 'name label' : 'claims'} back`, why: 'a Pod keeps its identity', refs: [refOf(pod)], event },
    })
    return
  }
  const last = claimRepairs.at(-1)
  if (last) pass.repairs.push(...claimRepairs.slice(0, -1), { ...last, because: { ...last.because, code: 'SuccessfulUpdate', event } })
}

/** Highest ordinal first. False where the pass ends here. */
function stopCondemned(pass: Pass): boolean {
  const wanted = wantedReplicas(pass.set)
  const firstUnavailable = [...pass.replicas, ...[...pass.condemned].reverse()].find((pod) => pod && isUnavailable(pass, pod))
  for (const pod of pass.condemned) {
    const { name } = pod.metadata
    if (isLeaving(pod)) {
      if (!pass.ordered) continue
      pass.wait('WaitingForEnd', `waiting for ${name} to end`, `${wanted} wanted; Pods stop one after the other`, pod)
      return false
    }
    if (pass.ordered && pod !== firstUnavailable && (!isRunning(pod) || !pass.isAvailable(pod))) {
      const first = firstUnavailable ?? pod
      pass.wait('WaitingForPod', `waiting for ${first.metadata.name} to be Ready before ${name} is stopped`, 'Pods stop one after the other, while those before are Ready', first)
      return false
    }
    pass.stop(pod, `${count(pass.pods.length, 'Pod')}, ${wanted === 0 ? 'none' : wanted} wanted${pass.ordered ? ', the highest number goes first' : ''}`)
    if (pass.ordered) return false
  }
  return true
}

/** One Pod of an older revision is stopped, the highest first, once those above run the new one. */
function update(pass: Pass): void {
  const { set, replicas, revisions } = pass
  if (set.spec.updateStrategy?.type === 'OnDelete') return
  for (let place = replicas.length - 1; place >= pass.partition; place--) {
    const pod = replicas[place]
    // Made in this very pass: it is not ready yet.
    if (!pod) return
    const { name } = pod.metadata
    if (revisionOf(pod) !== revisions.update.name && !isLeaving(pod)) {
      pass.updating = name
      pass.stop(pod, `the Pod template has changed, ${replicas.length - place - 1} of ${replicas.length - pass.partition} replaced${pass.partition > 0 ? `, ${count(pass.partition, 'Pod')} kept by the partition` : ''}`)
      return
    }
    if (isUnavailable(pass, pod)) {
      if (isLeaving(pod)) pass.wait('WaitingForEnd', `waiting for ${name} to end before it starts anew`, 'Pods are replaced one after the other', pod)
      else if (isRunning(pod)) pass.wait('WaitingForAvailability', `waiting for ${name} to stay Ready${before(pass, place)}`, patience(pass, pod), pod)
      else pass.wait('WaitingForPod', `waiting for ${name} to be Ready${before(pass, place)}`, stuckWords(pass, pod), pod)
      return
    }
  }
}

/** " before web-2": what comes once this Pod is ready. */
function before(pass: Pass, place: number): string {
  const { replicas, condemned, revisions } = pass
  const hole = replicas.findIndex((pod, i) => i > place && pod === undefined)
  if (hole >= 0) return ` before ${pass.nameAt(hole)}`
  if (condemned[0]) return ` before ${condemned[0].metadata.name} is stopped`
  if (pass.set.spec.updateStrategy?.type === 'OnDelete') return ''
  for (let i = replicas.length - 1; i >= pass.partition; i--) {
    const pod = replicas[i]
    if (i !== place && pod && revisionOf(pod) !== revisions.update.name) return ` before ${pod.metadata.name} is replaced`
  }
  return ''
}

function stuckWords(pass: Pass, pod: Pod): string {
  const outdated = pass.ordered && revisionOf(pod) !== pass.revisions.update.name && pass.set.spec.updateStrategy?.type !== 'OnDelete' && ordinalOf(pod) - startOrdinal(pass.set) >= pass.partition
  const state = pod.status?.phase === 'Running' ? 'it runs but is not ready' : `it is ${pod.status?.phase ?? 'Pending'}`
  return `Pods come one after the other; ${state}${outdated ? ' on an older template; to replace it now, delete it' : ''}`
}

function patience(pass: Pass, pod: Pod): string {
  const from = availableFrom(pod, pass.set.spec.minReadySeconds ?? 0)
  const left = from === undefined ? 0 : Math.max(0, Math.ceil((from - pass.now) / 1000))
  return `each must be Ready for ${pass.set.spec.minReadySeconds ?? 0} s${left > 0 ? `, ${left} s to go` : ''}`
}
