/**
 * Carries a preemption out (upstream: framework/preemption/executor.go): victims learn why and are deleted, the preemptor
 * is promised the node, and those of lower priority that were promised it look elsewhere.
 */
import { refOf, timestamp } from '../api/meta.ts'
import { podCondition } from '../api/pod-lifecycle.ts'
import { isNotFound } from '../api/status.ts'
import type { Pod, PodCondition } from '../api/types/core.ts'
import type { Client } from '../loop/client.ts'
import { eventTarget, type Recorder } from '../loop/recorder.ts'
import type { Preemption } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

export interface RoomOptions {
  readonly client: Client
  readonly recorder: Pick<Recorder, 'record'>
  /** Of the profile: the component of the Events. */
  readonly schedulerName: string
  readonly nowMs: number
  /** Takes back a placement of ours that is not bound yet; true where there was one. */
  cancel(uid: string): boolean
}

const led = (...pods: readonly Pod[]) => pods.map(({ metadata }) => Number(metadata.resourceVersion))

export async function makeRoom(preemptor: Pod, { node, victims, displaced }: Preemption, options: RoomOptions): Promise<void> {
  const { client } = options
  await Promise.all(displaced.map(async ({ pod }) => {
    const because = { code: 'NominationLost', say: `${pod.metadata.name} no longer waits for ${node}`, why: `${preemptor.metadata.name} of higher priority takes the room`, led: led(preemptor) }
    await client.patch(refOf(pod), { type: 'merge', body: { metadata: { uid: pod.metadata.uid }, status: { nominatedNodeName: null } } }, { subresource: 'status', because }).catch(forgiven)
  }))
  await Promise.all(victims.filter(({ pod }) => pod.metadata.deletionTimestamp === undefined).map((victim) => evict(preemptor, victim, node, options)))
}

async function evict(preemptor: Pod, { pod: victim, uid }: PodInfo, node: string, { client, recorder, schedulerName, nowMs, cancel }: RoomOptions): Promise<void> {
  const inMemory = cancel(uid)
  if (!inMemory) {
    const because = {
      code: 'Preempted', say: `evicted ${victim.metadata.name} to make room for ${preemptor.metadata.name}`,
      why: `priority ${preemptor.spec.priority ?? 0} goes before ${victim.spec.priority ?? 0}, and nothing else fits`, led: led(preemptor, victim),
    }
    const before = podCondition(victim, 'DisruptionTarget')
    const condition: PodCondition = {
      type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: before?.status === 'True' && before.lastTransitionTime ? before.lastTransitionTime : timestamp(nowMs),
      ...(victim.metadata.generation === undefined ? {} : { observedGeneration: victim.metadata.generation }),
    }
    try {
      await client.patch(refOf(victim), { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } }, { subresource: 'status', because })
      await client.delete(refOf(victim), { uid, because })
    } catch (error) {
      if (isNotFound(error)) return
      throw error
    }
  }
  recorder.record({
    component: schedulerName, regarding: eventTarget(victim), type: 'Normal', reason: 'Preempted',
    message: `Preempted by pod ${preemptor.metadata.uid} on node ${node}${inMemory ? ' (in kube-scheduler memory).' : ''}`,
  })
}

function forgiven(error: unknown): void {
  if (!isNotFound(error)) throw error
}
