/** Counts of a DaemonSet (pkg/controller/daemon/daemon_controller.go, updateDaemonSetStatus). */
import type { DaemonSetStatus } from '../../api/types/apps.ts'
import { availableFrom } from '../../api/pod-lifecycle.ts'
import { orAbsent } from '../planning/status-patch.ts'
import { byAge, isUpdated } from './daemon-pod.ts'
import type { Round } from './round.ts'

/** As the snapshot has it; also notes when the next Pod will count as available. */
export function statusOf(round: Round, collisionCount: number): DaemonSetStatus {
  const { ds, desired, now } = round
  const minReady = ds.spec.minReadySeconds ?? 0
  let [current, misplaced, ready, updated, available] = [0, 0, 0, 0, 0]
  for (const { metadata } of round.nodes) {
    const pods = round.podsFor(metadata.name)
    if (pods.length === 0) continue
    if (!round.runsOn(metadata.name)) {
      misplaced++
      continue
    }
    current++
    const pod = pods.length === 1 ? pods[0]! : [...pods].sort(byAge)[0]!
    const from = availableFrom(pod, minReady)
    if (from !== undefined) {
      ready++
      if (from <= now) available++
    }
    if (isUpdated(pod, round.revision)) updated++
  }
  if (minReady > 0) for (const pods of round.byNode.values()) for (const pod of pods) round.availableFrom(availableFrom(pod, minReady) ?? 0)
  const counts: Record<string, number | undefined> = {
    numberAvailable: orAbsent(available),
    numberUnavailable: orAbsent(desired - available),
    updatedNumberScheduled: orAbsent(updated),
    observedGeneration: orAbsent(ds.metadata.generation ?? 0),
    collisionCount: collisionCount === 0 ? ds.status?.collisionCount : collisionCount,
  }
  return {
    currentNumberScheduled: current,
    numberMisscheduled: misplaced,
    desiredNumberScheduled: desired,
    numberReady: ready,
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined)),
    ...(ds.status?.conditions ? { conditions: ds.status.conditions } : {}),
  }
}
