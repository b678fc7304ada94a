/**
 * One pass over a StatefulSet while it is being planned: what is there, and the steps in the making, in the order in which
 * they are to run. Local to the pass; the plan made from it is plain data.
 */
import { refOf } from '../../api/meta.ts'
import type { ControllerRevision, StatefulSet } from '../../api/types/apps.ts'
import type { Pod, PodTemplateSpec } from '../../api/types/core.ts'
import type { Reason, Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { type Chosen, templateOf } from '../history/history.ts'
import { availableFrom, isLeaving, isReady } from '../../api/pod-lifecycle.ts'
import { isInRange, newPod, ordinalOf, podName, startOrdinal, wantedReplicas } from './identity.ts'

export interface Revisions {
  /** Oldest first. */
  readonly all: readonly ControllerRevision[]
  /** The one that Pods are updated to. */
  readonly update: Chosen
}

export class Pass {
  readonly set: StatefulSet
  readonly snapshot: Snapshot
  readonly now: number
  readonly revisions: Revisions
  /** Name of the revision that Pods run unless they are updated. */
  readonly currentRevision: string
  readonly pods: readonly Pod[]
  /** By place, from the first ordinal on; holes where no Pod is. */
  readonly replicas: readonly (Pod | undefined)[]
  /** Pods outside the wanted range, highest ordinal first. */
  readonly condemned: readonly Pod[]
  /** Pods start and stop one after the other. */
  readonly ordered: boolean

  readonly claimsToMake: Step[] = []
  readonly repairs: Step[] = []
  readonly podsToMake: Step[] = []
  readonly changes: Step[] = []
  /** Name of the Pod that this pass stops to update it. */
  updating: string | undefined
  /** The pass in one reason: what it waits for, or the first thing it does. */
  because: Reason | undefined

  constructor(set: StatefulSet, pods: readonly Pod[], revisions: Revisions, snapshot: Snapshot, now: number) {
    this.set = set
    this.snapshot = snapshot
    this.now = now
    this.revisions = revisions
    this.pods = pods
    const { currentRevision } = set.status ?? {}
    this.currentRevision = revisions.all.some(({ metadata }) => metadata.name === currentRevision) && currentRevision ? currentRevision : revisions.update.name
    const replicas: (Pod | undefined)[] = Array.from({ length: wantedReplicas(set) }, () => undefined)
    const condemned: Pod[] = []
    for (const pod of pods) {
      const ordinal = ordinalOf(pod)
      if (isInRange(set, ordinal)) replicas[ordinal - startOrdinal(set)] = pod
      else if (ordinal >= 0) condemned.push(pod)
    }
    this.replicas = replicas
    this.condemned = condemned.sort((a, b) => ordinalOf(b) - ordinalOf(a))
    this.ordered = set.spec.podManagementPolicy !== 'Parallel'
  }

  nameAt(place: number): string {
    return podName(this.set, startOrdinal(this.set) + place)
  }

  isAvailable(pod: Pod): boolean {
    const from = availableFrom(pod, this.set.spec.minReadySeconds ?? 0)
    return from !== undefined && from <= this.now
  }

  /** Places below this one keep the current revision. */
  get partition(): number {
    const { type, rollingUpdate } = this.set.spec.updateStrategy ?? {}
    return type === 'RollingUpdate' && rollingUpdate ? (rollingUpdate.partition ?? 0) : 0
  }

  /** The revision that a Pod made now gets, and its template (upstream: newVersionedStatefulSetPod). */
  versionFor(place: number): { readonly name: string; readonly template: PodTemplateSpec } {
    const { type, rollingUpdate } = this.set.spec.updateStrategy ?? {}
    const keepsCurrent = rollingUpdate ? place < (rollingUpdate.partition ?? 0) : type === 'RollingUpdate' && place < (this.set.status?.currentReplicas ?? 0)
    const stored = keepsCurrent ? this.revisions.all.find(({ metadata }) => metadata.name === this.currentRevision) : undefined
    const template = stored && templateOf(stored)
    return template ? { name: this.currentRevision, template } : { name: this.revisions.update.name, template: this.set.spec.template }
  }

  make(place: number, why: string): void {
    const { set } = this
    const { name: revision, template } = this.versionFor(place)
    const name = this.nameAt(place)
    this.podsToMake.push({
      do: 'create',
      object: newPod(set, template, revision, startOrdinal(set) + place),
      because: { code: 'SuccessfulCreate', say: `started ${name}`, why, event: { type: 'Normal', message: `Create Pod ${name} in StatefulSet ${set.metadata.name} successful` } },
    })
  }

  stop(pod: Pod, why: string): void {
    const { name } = pod.metadata
    this.changes.push({
      do: 'delete',
      ref: refOf(pod),
      because: {
        code: 'SuccessfulDelete',
        say: `stopped ${name}`,
        why,
        refs: [refOf(pod)],
        event: { type: 'Normal', message: `Delete Pod ${name} in StatefulSet ${this.set.metadata.name} successful` },
      },
    })
  }

  /** The first thing awaited speaks for the pass. */
  wait(code: string, say: string, why: string, pod?: Pod): void {
    this.because ??= { code, say, why, ...(pod ? { refs: [refOf(pod)] } : {}) }
  }

  /** Claims before the Pods that need them. */
  steps(): Step[] {
    return [...this.claimsToMake, ...this.repairs, ...this.podsToMake, ...this.changes]
  }

  /** When the next ready Pod has been so for minReadySeconds. */
  nextAvailability(): number | undefined {
    const { minReadySeconds = 0 } = this.set.spec
    if (minReadySeconds === 0) return undefined
    const due = this.pods.flatMap((pod) => {
      const at = availableFrom(pod, minReadySeconds)
      return at !== undefined && at > this.now ? [at] : []
    })
    return due.length === 0 ? undefined : Math.min(...due)
  }
}

export const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running' && isReady(pod)
export const isUnavailable = (pass: Pass, pod: Pod): boolean => !pass.isAvailable(pod) || isLeaving(pod)
