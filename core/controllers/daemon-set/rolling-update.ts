/**
 * Replaces Pods of older revisions, never more at once than the strategy allows (pkg/controller/daemon/update.go,
 * rollingUpdate). Without surge, old Pods are stopped and the next pass starts new ones; with surge, a new Pod comes to
 * each node first. Called only where every node has what it should: nodes with spare Pods count as busy.
 */
import type { Pod } from '../../api/types/core.ts'
import { availableFrom, isLeaving } from '../../api/pod-lifecycle.ts'
import { are } from '../planning/words.ts'
import { isUpdated } from './daemon-pod.ts'
import { updateLimits } from './limits.ts'
import type { Round } from './round.ts'

interface Place {
  readonly updated: Pod | undefined
  readonly old: Pod | undefined
}

/** Undefined where there are several of a sort. */
function lookAt(round: Round, node: string): Place | undefined {
  let updated: Pod | undefined
  let old: Pod | undefined
  for (const pod of round.podsFor(node)) {
    if (isLeaving(pod)) continue
    if (isUpdated(pod, round.revision)) {
      if (updated) return undefined
      updated = pod
    } else {
      if (old) return undefined
      old = pod
    }
  }
  return { updated, old }
}

function isAvailable({ ds, now }: Round, pod: Pod): boolean {
  const from = availableFrom(pod, ds.spec.minReadySeconds ?? 0)
  return from !== undefined && from <= now
}

export function rollForward(round: Round): void {
  if (!hasOldPods(round)) return
  const { surge, unavailable } = updateLimits(round.ds, round.desired)
  if (surge === 0) replaceInPlace(round, unavailable)
  else surgeForward(round, surge)
}

function hasOldPods({ byNode, revision }: Round): boolean {
  for (const pods of byNode.values()) if (pods.some((pod) => !isLeaving(pod) && !isUpdated(pod, revision))) return true
  return false
}

function replaceInPlace(round: Round, limit: number): void {
  let missing = 0
  const broken: Pod[] = []
  const serving: Pod[] = []
  for (const node of round.places()) {
    const place = lookAt(round, node)
    if (!place || (place.updated === undefined) === (place.old === undefined)) missing++
    else if (place.updated) missing += isAvailable(round, place.updated) ? 0 : 1
    else if (place.old && isAvailable(round, place.old)) serving.push(place.old)
    else if (place.old) {
      broken.push(place.old)
      missing++
    }
  }
  for (const pod of broken) round.stop(pod, 'it is old and serves nobody')
  const room = Math.max(0, limit - missing)
  for (const pod of serving.slice(0, room)) round.stop(pod, `it is old; ${limit} may be missing while updating, ${are(missing)}`)
}

function surgeForward(round: Round, limit: number): void {
  let busy = 0
  let available = 0
  const misplaced: Pod[] = []
  const candidates: string[] = []
  for (const node of round.places()) {
    const place = lookAt(round, node)
    if (!place) {
      busy++
      continue
    }
    const { updated, old } = place
    const serves = old ?? updated
    if (serves && isAvailable(round, serves)) available++
    if (!old) continue
    if (updated) {
      if (isAvailable(round, updated)) round.stop(old, `${updated.metadata.name} has taken its place`)
      else busy++
    } else if (!isAvailable(round, old)) {
      if (round.runsOn(node)) round.start(node, `its Pod is old and serves nobody`)
      else round.stop(old, `it is old, serves nobody, and ${node} is not a node for it any more`)
    } else if (!round.runsOn(node)) misplaced.push(old)
    else candidates.push(node)
  }
  // All the availability that was promised is kept: a misplaced Pod goes when another one serves in its stead.
  for (const pod of misplaced.slice(0, Math.max(0, available - round.desired))) round.stop(pod, 'its node is not a node for it any more, and enough others serve')
  for (const node of candidates.slice(0, Math.max(0, limit - busy))) round.start(node, `its Pod is old; ${limit} may be added while updating, ${are(busy)}`)
}
