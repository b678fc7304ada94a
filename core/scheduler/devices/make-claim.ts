/** The claim for devices that stand for a Pod's resources: made and allocated in one go, and taken away where that came to nothing. */
import { refOf, timestamp, type Ref } from '../../api/meta.ts'
import type { AllocationResult, ResourceClaim } from '../../api/types/resource.ts'
import type { Step } from '../../loop/plan.ts'
import type { PodInfo } from '../pod-info.ts'
import { draw } from '../preemption.ts'
import type { DeviceWish } from './extended-resources.ts'

export const finalizer = 'resource.kubernetes.io/delete-protection'
const letters = 'bcdfghjklmnpqrstvwxz2456789'
const longestBase = 58

/** Upstream lets the server draw the letters; a plan has to know the name, and each attempt has its own. */
const nameFor = (base: string, uid: string, nowMs: number): string =>
  `${base.slice(0, longestBase)}${[0, 1, 2, 3, 4].map((i) => letters[draw(`${uid}/${nowMs}/${i}`, letters.length)]).join('')}`

export function makeClaim(pod: PodInfo, { object, claim, mappings }: DeviceWish, result: AllocationResult, nowMs: number): { claim: ResourceClaim; steps: Step[] } {
  const name = nameFor(object.metadata.generateName ?? '', pod.uid, nowMs)
  const ref: Ref = { kind: 'ResourceClaim', namespace: pod.namespace, name }
  const status = { allocation: { ...result, allocationTimestamp: timestamp(nowMs) }, reservedFor: [{ resource: 'pods', name: pod.pod.metadata.name, uid: pod.uid }] }
  const resources = [...new Set(mappings.map(({ resourceName }) => resourceName))].join(', ')
  const because = { code: 'DevicesAllocated', say: `made and allocated ${name} for ${pod.pod.metadata.name}`, why: `devices stand for ${resources} on this node` }
  return {
    claim: { ...claim, metadata: { ...claim.metadata, name, finalizers: [finalizer] }, status },
    steps: [
      { do: 'create', object: { ...object, metadata: { ...object.metadata, name, finalizers: [finalizer] } }, because },
      { do: 'patch', ref, subresource: 'status', patch: { status }, because },
      { do: 'patch', ref: refOf(pod.pod), subresource: 'status', patch: { metadata: { uid: pod.uid }, status: { extendedResourceClaimStatus: { requestMappings: mappings, resourceClaimName: name } } }, because },
    ],
  }
}

export function removeClaim(claim: ResourceClaim): { steps: Step[]; say: string } {
  const { name, resourceVersion, finalizers = [], deletionTimestamp } = claim.metadata
  const because = { code: 'DevicesDeallocated', say: `removed ${name}`, why: 'it is of an attempt that failed, and its devices may suit no more' }
  const guarded = finalizers.includes(finalizer)
  return {
    steps: [
      ...(guarded ? [{ do: 'patch' as const, ref: refOf(claim), patch: { metadata: { resourceVersion, finalizers: finalizers.filter((one) => one !== finalizer) } }, because }] : []),
      ...(deletionTimestamp === undefined ? [{ do: 'delete' as const, ref: refOf(claim), because }] : []),
    ],
    say: because.say,
  }
}
