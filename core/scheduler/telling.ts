/**
 * What the scheduler tells of a Pod, in its three places: Events, the decisions that the window shows, and the condition
 * PodScheduled with the node that was promised (upstream: pkg/scheduler/schedule_one.go, handleSchedulingFailure).
 */
import { refOf, timestamp } from '../api/meta.ts'
import { podCondition } from '../api/pod-lifecycle.ts'
import { isConflict, isNotFound } from '../api/status.ts'
import type { Pod, PodCondition } from '../api/types/core.ts'
import type { Logger } from '../base/log.ts'
import type { Client } from '../loop/client.ts'
import type { Decisions } from '../loop/decisions.ts'
import { eventTarget, type Recorder } from '../loop/recorder.ts'
import { defaultProfile } from './profile.ts'

const actor = 'scheduler'

export interface TellingOptions {
  readonly client: Client
  readonly cache: { readonly revision: number }
  readonly log: Logger
  readonly recorder: Pick<Recorder, 'record'>
  readonly decisions?: Decisions
}

export interface Words {
  readonly code: string
  readonly say: string
  readonly why: string
}

export interface WaitsFor {
  /** Of the condition. */
  readonly reason: string
  readonly message: string
  readonly because: Words
  readonly atMs: number
  /** The node promised; '' takes a promise away. */
  readonly nominate?: string | undefined
}

export class Telling {
  readonly #options: TellingOptions

  constructor(options: TellingOptions) {
    this.#options = options
  }

  event(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#options.recorder.record({ component: pod.spec.schedulerName ?? defaultProfile.schedulerName, regarding: eventTarget(pod), type, reason, message })
  }

  decided(pod: Pod, because: Words, nowMs: number, error?: string): void {
    const { decisions, cache } = this.#options
    decisions?.record({ actor, ref: refOf(pod), revision: cache.revision, because, steps: [], outcome: error === undefined ? 'done' : 'failed', tookMs: 0, ...(error === undefined ? {} : { error }) }, nowMs)
  }

  /** The write that tells the Pod why it waits, and where for; undefined where it says so already. */
  waits(pod: Pod, { reason, message, because, atMs, nominate }: WaitsFor): (() => Promise<void>) | undefined {
    const { client, log } = this.#options
    const before = podCondition(pod, 'PodScheduled')
    const same = before?.status === 'False' && before.reason === reason && before.message === message
    const renominates = nominate !== undefined && (pod.status?.nominatedNodeName ?? '') !== nominate
    if (same && !renominates) return undefined
    const condition: PodCondition = {
      type: 'PodScheduled', status: 'False', reason, message,
      ...(before?.status === 'False' && before.lastTransitionTime ? { lastTransitionTime: before.lastTransitionTime } : { lastTransitionTime: timestamp(atMs) }),
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    }
    return async () => {
      try {
        // The uid keeps the words from a successor of the same name.
        const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition], ...(renominates ? { nominatedNodeName: nominate === '' ? null : nominate } : {}) } }
        await client.patch(refOf(pod), { type: 'strategic', body }, { subresource: 'status', because: { ...because, led: [Number(pod.metadata.resourceVersion)] } })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) log.warn('a Pod could not be told that it waits', { pod: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, error: error instanceof Error ? error.message : String(error) })
      }
    }
  }
}
