/**
 * Devices by ResourceClaims: a claim that is allocated pins its Pods to where its devices are, one that is not gets devices
 * of the node that the Pod goes to; so does one that is made for resources which devices stand for (upstream: plugins/dynamicresources).
 */
import { refOf, timestamp } from '../../api/meta.ts'
import type { Pod } from '../../api/types/core.ts'
import type { AllocationResult, DeviceClass, ResourceClaim, ResourceSlice } from '../../api/types/resource.ts'
import type { Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { allocate } from '../devices/allocate.ts'
import { bindingOf, bindingTimeoutMs, hasBindingConditions, isGivenUp } from '../devices/binding-conditions.ts'
import { leftover, resourceClasses, wishOn, type DeviceWish } from '../devices/extended-resources.ts'
import { Inventory, selectorMatches } from '../devices/inventory.ts'
import { finalizer, makeClaim, removeClaim } from '../devices/make-claim.ts'
import { missingClass } from '../devices/requests.ts'
import { Selectors } from '../devices/selector.ts'
import type { NodeInfo } from '../node-info.ts'
import { changedNode, sayNames, type Attempt, type Filter, type Plugin, type Refusal, type Rejection, type Rescue, type Reservation, type View } from '../plugin.ts'
import type { PodInfo } from '../pod-info.ts'

const elsewhere: Rejection = { reasons: ['resourceclaim not available on the node'], unresolvable: true }
const notEnough: Rejection = { reasons: ['cannot allocate all claims'], unresolvable: true }
const consumersAtMost = 256

const refuse = (reason: string, say: string): Refusal => ({ refused: { reasons: [reason], unresolvable: true }, say })
/** As PreEnqueue: the Pod does not come to be looked at, and nothing is said on it. */
const hold = (reason: string, say: string): Refusal => ({ ...refuse(reason, say), quiet: true })

/** The Pod's claims, in order; those that need none (a template that made none) left out. */
function claimsOf({ pod, namespace, key }: PodInfo, view: View): ResourceClaim[] | Refusal {
  const claims: ResourceClaim[] = []
  for (const asked of pod.spec.resourceClaims ?? []) {
    const made = pod.status?.resourceClaimStatuses?.find(({ name }) => name === asked.name)
    const name = asked.resourceClaimName ?? made?.resourceClaimName
    if (name === undefined && made) continue
    if (name === undefined) return hold(`pod "${key}": ResourceClaim not created yet`, `waits for its claim ${asked.name} to be made`)
    const claim = view.objects.get<ResourceClaim>('ResourceClaim', namespace, name)
    if (!claim) return hold(`resourceclaim "${name}" not found`, `there is no ResourceClaim ${name}`)
    if (claim.metadata.deletionTimestamp !== undefined) return hold(`resourceclaim "${name}" is being deleted`, `the ResourceClaim ${name} is being deleted`)
    if (!asked.resourceClaimName && !claim.metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid)) {
      return hold(`ResourceClaim ${namespace}/${name} was not created for Pod ${key} (Pod is not owner)`, `the ResourceClaim ${name} belongs to another Pod`)
    }
    claims.push(claim)
  }
  return claims
}

const isReserved = (claim: ResourceClaim, { uid }: PodInfo): boolean => claim.status?.reservedFor?.some((consumer) => consumer.uid === uid) ?? false
const usable = (claim: ResourceClaim, node: NodeInfo): boolean => !claim.status?.allocation?.nodeSelector || selectorMatches(claim.status.allocation.nodeSelector, node)

function filter(pod: PodInfo, view: View, nowMs: number): Filter | Refusal | undefined {
  const claims = pod.pod.spec.resourceClaims?.length ? claimsOf(pod, view) : []
  if ('refused' in claims) return claims
  const resources = resourceClasses(pod, view.objects)
  if (claims.length === 0 && resources.size === 0) return undefined
  const old = resources.size > 0 ? leftover(pod, view.objects) : undefined
  if (old) return outlived(old)
  const classes = (name: string) => view.objects.get<DeviceClass>('DeviceClass', undefined, name)
  const allocated = claims.filter(({ status }) => status?.allocation !== undefined)
  const pending = claims.filter(({ status }) => status?.allocation === undefined)
  for (const claim of allocated) if (!isReserved(claim, pod) && (claim.status.reservedFor?.length ?? 0) >= consumersAtMost) return refuse('resourceclaim in use', `the ResourceClaim ${claim.metadata.name} has as many users as it may`)
  for (const claim of pending) {
    const missing = missingClass(claim, classes)
    if (missing) return refuse(`request ${missing.request}: device class ${missing.name} does not exist`, `there is no DeviceClass ${missing.name}`)
  }
  const inventory = new Inventory(view.objects.list<ResourceSlice>('ResourceSlice'), view.objects.list<ResourceClaim>('ResourceClaim'))
  const selectors = new Selectors()
  const answers = new Map<string, Answer>()
  const answer = (node: NodeInfo): Answer => {
    let known = answers.get(node.name)
    if (known === undefined) {
      const wish = wishOn(node, pod, resources)
      const asked = wish ? [...pending, wish.claim] : pending
      try {
        const results = asked.length === 0 ? [] : allocate(asked, node, inventory, classes, selectors)
        known = results ? { results, ...(wish ? { wish } : {}) } : ''
      } catch (error) {
        known = error instanceof Error ? error.message.split('\n')[0]! : String(error)
      }
      answers.set(node.name, known)
    }
    return known
  }
  const givenUp = allocated.find((claim) => isGivenUp(claim, nowMs))
  const away = (node: NodeInfo) => givenUp ?? allocated.find((claim) => !usable(claim, node))
  const asks = [...resources.keys()]
  const names = [...claims.map(({ metadata }) => metadata.name), ...asks]
  return {
    test(node) {
      if (away(node)) return elsewhere
      const got = answer(node)
      return typeof got !== 'string' ? undefined : got === '' ? notEnough : { reasons: [got], unresolvable: true }
    },
    tell(node) {
      const gone = away(node)
      if (gone) return gone === givenUp ? `the devices of ${gone.metadata.name} cannot be bound` : `the devices of ${gone.metadata.name} are elsewhere`
      const got = answer(node)
      if (typeof got === 'string') return got === '' ? `has no free devices for ${sayNames([...pending.map(({ metadata }) => metadata.name), ...asks])}` : got
      const devices = got.results.flatMap((one) => one.devices?.results ?? []).map(({ device }) => device)
      return devices.length === 0 ? `the devices of ${sayNames(names)} can be used here` : `would get ${sayNames(devices)}`
    },
    summary: (nodes) => `needs devices for ${sayNames(names)}, and ${sayNames(nodes.map(({ name }) => name))} ${nodes.length === 1 ? 'has' : 'have'} none free`,
    reserve: (node, now) => reserve(pod, node.name, allocated, pending, answer(node), now),
  }
}

/** What devices a node has for the Pod, or why it cannot be told; '' where none. */
type Answer = string | { readonly results: readonly AllocationResult[]; readonly wish?: DeviceWish }

/** The claim of an attempt that failed has to go first: its devices may suit no more. */
const outlived = ({ metadata }: ResourceClaim): Filter => {
  const say = `the ResourceClaim ${metadata.name} of an earlier attempt has to go first`
  return { test: () => ({ reasons: ['cannot schedule extended resource claim'], unresolvable: true }), tell: () => say, summary: () => say }
}

function reserve(pod: PodInfo, node: string, allocated: readonly ResourceClaim[], pending: readonly ResourceClaim[], answer: Answer, nowMs: number): Reservation | undefined {
  const assume: ResourceClaim[] = []
  const steps: Step[] = []
  const consumer = { resource: 'pods', name: pod.pod.metadata.name, uid: pod.uid }
  const write = (claim: ResourceClaim, result: AllocationResult | undefined): ResourceClaim => {
    if (!result && isReserved(claim, pod)) return claim
    const allocation = result && { ...result, allocationTimestamp: timestamp(nowMs) }
    const reservedFor = [...(claim.status?.reservedFor ?? []).filter(({ uid }) => uid !== pod.uid), consumer]
    const because = { code: allocation ? 'DevicesAllocated' : 'DevicesReserved', say: `${allocation ? 'allocated' : 'reserved'} the devices of ${claim.metadata.name} for ${consumer.name}`, why: 'the Pod goes to a node that can use them' }
    const finalizers = claim.metadata.finalizers ?? []
    const isGuarded = finalizers.includes(finalizer)
    if (allocation && !isGuarded) steps.push({ do: 'patch', ref: refOf(claim), patch: { metadata: { resourceVersion: claim.metadata.resourceVersion, finalizers: [...finalizers, finalizer] } }, because })
    const condition = allocation && !isGuarded ? { uid: claim.metadata.uid } : { resourceVersion: claim.metadata.resourceVersion }
    steps.push({ do: 'patch', ref: refOf(claim), subresource: 'status', patch: { metadata: condition, status: { reservedFor, ...(allocation ? { allocation } : {}) } }, because })
    const written = { ...claim, status: { ...claim.status, reservedFor, ...(allocation ? { allocation } : {}) } }
    assume.push(written)
    return written
  }
  const { results, wish } = typeof answer === 'string' ? { results: [] } : answer
  const claims = [...allocated.map((claim) => write(claim, undefined)), ...(results.length === 0 ? [] : pending.map((claim, i) => write(claim, results[i])))]
  if (wish) {
    const made = makeClaim(pod, wish, results.at(-1)!, nowMs)
    claims.push(made.claim)
    assume.push(made.claim)
    steps.push(...made.steps)
  }
  const bound = claims.filter(hasBindingConditions)
  if (bound.length === 0) return steps.length === 0 ? undefined : { assume, steps }
  const message = `waiting for binding conditions for device on node ${node}`
  const because = { code: 'BindingConditionsPending', say: `waits for its devices on ${node}`, why: 'they are usable only when their driver says so', event: { type: 'Normal' as const, message } }
  return {
    assume,
    steps: [...steps, { do: 'note', ref: refOf(pod.pod), because }],
    ready: (objects) => bindingOfAll(bound, objects),
    waitsOn: ['ResourceClaim'],
    timeoutMs: bindingTimeoutMs,
  }
}

/** What its claims wait for now; one that is gone cannot be waited for. */
function bindingOfAll(claims: readonly ResourceClaim[], objects: Snapshot): ReturnType<typeof bindingOf> {
  for (const { metadata } of claims) {
    const claim = objects.get<ResourceClaim>('ResourceClaim', metadata.namespace, metadata.name)
    if (!claim || (metadata.uid !== '' && claim.metadata.uid !== metadata.uid)) return { failed: `resourceclaim "${metadata.name}" not found` }
    const binding = bindingOf(claim)
    if (binding !== 'ready') return binding
  }
  return 'ready'
}

/** A claim whose devices are out of reach or will not be bound, and that nobody else uses, is let go of. */
function rescue({ pod, view, nowMs }: Attempt): Rescue {
  const claims = pod.pod.spec.resourceClaims?.length ? claimsOf(pod, view) : []
  const resources = resourceClasses(pod, view.objects)
  if ('refused' in claims || (claims.length === 0 && resources.size === 0)) return { message: 'no new claims to deallocate' }
  const old = resources.size > 0 ? leftover(pod, view.objects) : undefined
  if (old) return { message: 'deletion of ResourceClaim completed', ...removeClaim(old) }
  const idle = claims.find((claim) => claim.status?.allocation && (claim.status.reservedFor ?? []).every(({ uid }) => uid === pod.uid) && (isGivenUp(claim, nowMs) || view.nodes.some((node) => !usable(claim, node))))
  if (!idle) return { message: 'still not schedulable' }
  const because = { code: 'DevicesDeallocated', say: `let go of the devices of ${idle.metadata.name}`, why: 'the Pod cannot go where they are' }
  return {
    message: 'deallocation of ResourceClaim completed',
    steps: [{ do: 'patch', ref: refOf(idle), subresource: 'status', patch: { metadata: { resourceVersion: idle.metadata.resourceVersion }, status: { allocation: null, reservedFor: null, devices: null } }, because }],
    say: because.say,
  }
}

const asks = ({ metadata: { uid }, spec, status }: Pod, { metadata }: ResourceClaim): boolean =>
  [...(spec.resourceClaims ?? []), ...(status?.resourceClaimStatuses ?? [])].some(({ resourceClaimName }) => resourceClaimName === metadata.name)
  || metadata.ownerReferences?.some((owner) => owner.uid === uid) === true

export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  filter,
  rescue,
  wakesOn: ['Node', 'ResourceClaim', 'ResourceSlice', 'DeviceClass'],
  helps(pod, change) {
    if (change.kind === 'Node') return changedNode(change, 'added', 'labels') !== undefined
    if (change.kind !== 'ResourceClaim') return change.kind !== 'Pod' && change.what !== 'removed'
    const object = change.object as ResourceClaim
    const previous = change.previous as ResourceClaim | undefined
    // Its own claim, or devices that another has let go of.
    if (object.metadata.namespace === pod.namespace && asks(pod.pod, object)) return true
    return change.what === 'removed' ? object.status?.allocation !== undefined : previous?.status?.allocation !== undefined && object.status?.allocation === undefined
  },
}
