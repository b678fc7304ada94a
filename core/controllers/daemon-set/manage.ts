/**
 * One Pod for every node that is to have one (pkg/controller/daemon/daemon_controller.go, podsShouldBeOnNode): missing ones
 * are started, spare, ended and misplaced ones stopped.
 */
import type { Pod } from '../../api/types/core.ts'
import { availableFrom, isLeaving, isReady } from '../../api/pod-lifecycle.ts'
import { byAge, failuresBefore, hashOf } from './daemon-pod.ts'
import { allowsSurge } from './limits.ts'
import type { Round } from './round.ts'

/** flowcontrol.Backoff of upstream: 1 s, doubled with each failure, at most 15 minutes; forgotten after twice that. */
const firstBackoffMs = 1_000
const longestBackoffMs = 15 * 60_000

export function manage(round: Round): void {
  const { nodes, byNode, eligible } = round
  const known = new Set<string>()
  for (const node of nodes) {
    const { name } = node.metadata
    known.add(name)
    const pods = byNode.get(name)
    if (round.runsOn(name) || (pods && eligible.stays(node))) tend(round, name, pods)
    else for (const pod of pods ?? []) if (!isLeaving(pod)) round.stop(pod, `${name} is not a node for it any more`)
  }
  // Nobody else would: a Pod without a node is on no node that the Pod collector could miss.
  for (const [node, pods] of byNode) if (!known.has(node)) for (const pod of pods) if (!pod.spec.nodeName && !isLeaving(pod)) round.stop(pod, `${node}, for which it was made, is gone`)
}

function tend(round: Round, node: string, pods: readonly Pod[] | undefined): void {
  if (!pods) return round.start(node, `${node} has none`)
  const running: Pod[] = []
  let failures: number | undefined
  let leaving = 0
  let waiting = 0
  for (const pod of pods) {
    if (isLeaving(pod)) leaving++
    else if (pod.status?.phase === 'Failed') {
      const before = failuresOf(round, pod)
      if (replaceFailed(round, node, pod, before)) failures = Math.max(failures ?? 0, before + 1)
      else waiting++
    } else if (pod.status?.phase === 'Succeeded') {
      replaceSucceeded(round, node, pod)
      failures ??= 0
    } else running.push(pod)
  }
  const surges = allowsSurge(round.ds)
  if (running.length === 0) {
    // Without surge a Pod that is still stopping keeps its place. (With surge upstream does not wait for the back-off.)
    const free = waiting === 0 && (surges || (failures !== undefined && leaving === 0))
    if (free && round.runsOn(node)) round.start(node, failures === undefined ? `the one on ${node} is stopping` : `the one before on ${node} ended`, failures ?? 0)
    return
  }
  if (running.length === 1) return
  running.sort(byAge)
  if (surges) stopSpareOfTwo(round, node, running)
  else for (const pod of running.slice(1)) round.stop(pod, `${node} has ${running.length}, the oldest stays`)
}

/** Two may be there while updating: the new one that is not ready yet, and the old one that serves meanwhile. */
function stopSpareOfTwo(round: Round, node: string, running: readonly Pod[]): void {
  let newest: Pod | undefined
  let former: Pod | undefined
  for (const pod of running) {
    const isNew = hashOf(pod) === round.revision.hash
    if (isNew && !newest) newest = pod
    else if (!isNew && !former) former = pod
    else round.stop(pod, `${node} has ${running.length}, one old and one new are enough`)
  }
  if (!newest || !former) return
  const from = availableFrom(newest, round.ds.spec.minReadySeconds ?? 0)
  if (!isReady(former)) round.stop(former, `it is old and not ready, ${newest.metadata.name} takes its place`)
  else if (from !== undefined && from <= round.now) round.stop(former, `${newest.metadata.name} has taken its place`)
}

const lifeOf = (pod: Pod, now: number): number => now - Date.parse(pod.metadata.creationTimestamp)

/** Failures in a row; another revision, or a long life, begins anew. */
const failuresOf = ({ revision, now }: Round, pod: Pod): number => (hashOf(pod) === revision.hash && lifeOf(pod, now) <= 2 * longestBackoffMs ? failuresBefore(pod) : 0)

/** False where it is too early. */
function replaceFailed(round: Round, node: string, pod: Pod, before: number): boolean {
  const { namespace = '', name, creationTimestamp } = pod.metadata
  const wait = before === 0 ? 0 : Math.min(longestBackoffMs, firstBackoffMs * 2 ** (before - 1))
  const due = Date.parse(creationTimestamp) + wait
  if (due > round.now) {
    round.retryFrom(due)
    return false
  }
  const why = `its Pod on ${node} failed${before === 0 ? '' : `, ${before} before it`}`
  round.note({ code: 'FailedDaemonPod', say: `takes ${name} away`, why, event: { type: 'Warning', message: `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it` } })
  round.stop(pod, why)
  return true
}

function replaceSucceeded(round: Round, node: string, pod: Pod): void {
  const { namespace = '', name } = pod.metadata
  const why = `its Pod on ${node} ended, though daemons run for ever`
  round.note({ code: 'SucceededDaemonPod', say: `takes ${name} away`, why, event: { type: 'Normal', message: `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it` } })
  round.stop(pod, why)
}
