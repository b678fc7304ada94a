/**
 * Deletes Pods that use a device with a NoExecute taint, after as long as their claims tolerate it. Of taints only those that
 * drivers put on their devices: DeviceTaintRules are off by default. Mirrors pkg/controller/devicetainteviction.
 */
import { withCondition } from '../../api/conditions.ts'
import { refOf, timestamp, type Ref } from '../../api/meta.ts'
import { isFinished, isLeaving } from '../../api/pod-lifecycle.ts'
import type { Pod } from '../../api/types/core.ts'
import type { DeviceRequestAllocationResult, DeviceTaint, ResourceClaim, ResourceSlice } from '../../api/types/resource.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

/** One taint that drives the Pod away. */
interface Cause {
  readonly claim: ResourceClaim
  readonly slice: ResourceSlice
  readonly device: string
  readonly taint: DeviceTaint
  readonly dueMs: number
}

export const deviceTaintEviction = defineController<Pod>({
  name: 'device-taint-eviction-controller',
  reconciles: 'Pod',
  wakesOn: ['ResourceClaim', 'ResourceSlice'],

  concerns({ type, object, previous }) {
    const [pod, before] = [object as Pod, previous as Pod | undefined]
    if (type === 'DELETED' || !pod.spec.resourceClaims?.length || !pod.spec.nodeName) return false
    return before?.spec.nodeName !== pod.spec.nodeName || !equal(before.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses)
  },

  wakes: (event, snapshot) => (event.object.kind === 'ResourceClaim' ? usersOf(event) : usersOfPool(event, snapshot)),

  plan({ object: pod, snapshot, now }) {
    if (!pod?.spec.nodeName || !pod.spec.resourceClaims?.length) return nothing({ code: 'NoDevices', say: 'nothing to do', why: 'the Pod uses no devices' })
    if (isLeaving(pod) || isFinished(pod)) return nothing({ code: 'Gone', say: 'nothing to do', why: 'the Pod is done, or on its way out' })
    const causes = claimsOf(pod, snapshot).flatMap((claim) => causesOf(claim, snapshot))
    const due = Math.min(...causes.map(({ dueMs }) => dueMs))
    if (causes.length === 0) return nothing({ code: 'Untainted', say: 'lets the Pod stay', why: 'no taint of its devices drives it away' })
    return due > now ? { ...nothing({ code: 'Waiting', say: `will delete the Pod in ${Math.ceil((due - now) / 1000)} s`, why: `${sayTaints(causes)}, which its claim tolerates for a time`, refs: refsOf(causes) }, due) } : evict(pod, causes, now)
  },
})

/** Allocated claims that are meant for this very Pod. */
function claimsOf({ metadata, spec, status }: Pod, snapshot: Snapshot): ResourceClaim[] {
  return (spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    const made = resourceClaimName ?? status?.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName
    const claim = made === undefined ? undefined : snapshot.get<ResourceClaim>('ResourceClaim', metadata.namespace, made)
    if (!claim?.status?.allocation) return []
    const isOwn = resourceClaimName !== undefined || claim.metadata.ownerReferences?.some(({ uid, controller }) => uid === metadata.uid && controller === true)
    return isOwn && claim.status.reservedFor?.some(({ uid }) => uid === metadata.uid) ? [claim] : []
  })
}

function causesOf(claim: ResourceClaim, snapshot: Snapshot): Cause[] {
  return (claim.status.allocation?.devices?.results ?? []).flatMap((result) => {
    const pool = poolOf(result.driver, result.pool, snapshot)
    const newest = Math.max(...pool.map(({ spec }) => spec.pool.generation))
    const slice = pool.find(({ spec }) => spec.pool.generation === newest && spec.devices?.some(({ name }) => name === result.device))
    const taints = slice?.spec.devices?.find(({ name }) => name === result.device)?.taints ?? []
    return taints.filter(drivesAway).flatMap((taint): Cause[] => {
      const seconds = patience(result, taint)
      return seconds === Infinity ? [] : [{ claim, slice: slice!, device: result.device, taint, dueMs: (Date.parse(taint.timeAdded ?? '') || 0) + seconds * 1000 }]
    })
  })
}

const drivesAway = ({ effect }: DeviceTaint): boolean => effect === 'NoExecute'

const poolOf = (driver: string, pool: string, snapshot: Snapshot): ResourceSlice[] =>
  snapshot.list<ResourceSlice>('ResourceSlice').filter(({ spec }) => spec.driver === driver && spec.pool.name === pool).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))

/** For how long the taint is borne. Only tolerations that speak of NoExecute count: one without an effect tells the scheduler alone. */
function patience({ tolerations = [] }: DeviceRequestAllocationResult, taint: DeviceTaint): number {
  const matching = tolerations.filter(({ effect, key, operator, value }) =>
    effect === 'NoExecute' && (!key || key === taint.key) && (operator === 'Exists' || (value ?? '') === (taint.value ?? '')))
  if (matching.length === 0) return 0
  if (matching.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Infinity
  return Math.max(0, Math.min(...matching.map(({ tolerationSeconds }) => tolerationSeconds!)))
}

const sayTaints = (causes: readonly Cause[]): string =>
  [...new Set(causes.map(({ device, taint: { key, value } }) => `device ${device} is ${value ? `${key}=${value}` : key}`))].join(', ')

const refsOf = (causes: readonly Cause[]): Ref[] => [...new Map(causes.flatMap(({ claim, slice }) => [claim, slice]).map((object) => [object.metadata.uid, refOf(object)])).values()]

function evict(pod: Pod, causes: readonly Cause[], now: number): Plan {
  const isTolerated = causes.some(({ taint, dueMs }) => dueMs > Date.parse(taint.timeAdded ?? ''))
  const because = {
    code: 'DeviceTaintManagerEviction', say: `deleted ${pod.metadata.name}`,
    why: `${sayTaints(causes)}, ${isTolerated ? 'longer than its claim tolerates' : 'and its claim does not tolerate that'}`, refs: refsOf(causes),
  }
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByDeviceTaintManager', message: 'Device Taint manager: deleting due to NoExecute taint', lastTransitionTime: timestamp(now) }
  const steps: Step[] = [
    { do: 'patch', ref: refOf(pod), subresource: 'status', patch: { status: { conditions: withCondition(pod.status?.conditions ?? [], condition) } }, because: { ...because, event: { type: 'Normal', message: 'Marking for deletion' } } },
    { do: 'delete', ref: refOf(pod), because },
  ]
  return { steps, because }
}

/** Those a claim with devices is, or was, reserved for. */
function usersOf({ object, previous }: WatchEvent): Ref[] {
  const states = [object as ResourceClaim, previous as ResourceClaim | undefined].filter((claim) => claim !== undefined)
  if (states.every(({ status }) => status?.allocation === undefined)) return []
  if (states.length === 2 && equal(states[0]!.status, states[1]!.status)) return []
  return states.flatMap(podsOf)
}

const podsOf = ({ metadata, status }: ResourceClaim): Ref[] =>
  (status?.reservedFor ?? []).filter(({ apiGroup, resource }) => !apiGroup && resource === 'pods').map(({ name }) => ({ kind: 'Pod', ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name }))

/** A slice also decides whether older ones of its pool still count. */
function usersOfPool({ object, previous }: WatchEvent, snapshot: Snapshot): Ref[] {
  const { driver, pool } = (object as ResourceSlice).spec
  const states = [object as ResourceSlice, ...(previous ? [previous as ResourceSlice] : []), ...poolOf(driver, pool.name, snapshot)]
  if (!states.some(({ spec }) => spec.devices?.some(({ taints }) => taints?.some(drivesAway)))) return []
  const uses = ({ status }: ResourceClaim): boolean => status?.allocation?.devices?.results?.some((result) => result.driver === driver && result.pool === pool.name) === true
  return snapshot.list<ResourceClaim>('ResourceClaim').filter(uses).flatMap(podsOf)
}
