/**
 * ResourceClaims from templates for Pods that ask for them, and the end of claims' use: consumers that are done are taken
 * off, a claim that nobody uses lets go of its devices. Mirrors pkg/controller/resourceclaim/controller.go.
 */
import { refOf, type KubeObject, type Ref } from '../../api/meta.ts'
import { isFinished, isLeaving } from '../../api/pod-lifecycle.ts'
import type { Pod, PodResourceClaim } from '../../api/types/core.ts'
import type { ResourceClaim, ResourceClaimTemplate } from '../../api/types/resource.ts'
import { equal } from '../../base/json.ts'
import type { WatchEvent } from '../../loop/client.ts'
import { defineController } from '../../loop/controller.ts'
import { nothing, type Plan, type Reason, type Step } from '../../loop/plan.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

const annotation = 'resource.kubernetes.io/pod-claim-name'
const finalizer = 'resource.kubernetes.io/delete-protection'
/** Leaves room for the five random characters. */
const longestBase = 57

/** It uses no devices any more, or never will. */
const isDone = (pod: Pod): boolean => isFinished(pod) || (isLeaving(pod) && !pod.spec.nodeName)

const namePrefix = (pod: string, claim: string): string => {
  const whole = `${pod}-${claim}-`
  if (whole.length <= longestBase) return whole
  return `${pod.slice(0, Math.floor((pod.length * longestBase) / whole.length))}-${claim.slice(0, Math.floor((claim.length * longestBase) / whole.length))}`
}

function planPod(pod: Pod, snapshot: Snapshot): Plan {
  const asked = pod.spec.resourceClaims ?? []
  if (asked.length === 0 || pod.metadata.deletionTimestamp !== undefined || isDone(pod)) return nothing({ code: 'Settled', say: 'nothing to do', why: 'the Pod needs no claims made' })
  const steps: Step[] = []
  const statuses = [...(pod.status?.resourceClaimStatuses ?? [])]
  for (const one of asked) {
    if (one.resourceClaimTemplateName === undefined) continue
    const at = statuses.findIndex(({ name }) => name === one.name)
    const known = at < 0 ? undefined : statuses[at]!.resourceClaimName
    if (at >= 0 && known === undefined) continue
    const own = (name: string): boolean => isOf(snapshot.get<ResourceClaim>('ResourceClaim', pod.metadata.namespace, name), pod)
    if (known !== undefined && own(known)) continue
    const orphan = snapshot.ownedBy<ResourceClaim>(pod.metadata.uid, 'ResourceClaim').find((claim) => isOf(claim, pod) && claim.metadata.annotations?.[annotation] === one.name)
    if (!orphan) {
      steps.push(create(pod, one, snapshot))
      continue
    }
    if (at >= 0) statuses[at] = { name: one.name, resourceClaimName: orphan.metadata.name }
    else statuses.push({ name: one.name, resourceClaimName: orphan.metadata.name })
  }
  if (!equal(statuses, pod.status?.resourceClaimStatuses ?? [])) {
    const because: Reason = { code: 'ClaimsNamed', say: `told ${pod.metadata.name} which claims are its own`, why: `${statuses.length} ${statuses.length === 1 ? 'claim is' : 'claims are'} made from templates` }
    steps.push({ do: 'patch', ref: refOf(pod), subresource: 'status', patch: { status: { resourceClaimStatuses: statuses } }, because })
  }
  const first = steps[0]
  return first ? { steps, because: first.because } : nothing({ code: 'Settled', say: 'nothing to do', why: 'every claim is made' })
}

const isOf = (claim: ResourceClaim | undefined, pod: Pod): boolean => claim?.metadata.ownerReferences?.some(({ uid, controller }) => uid === pod.metadata.uid && controller === true) ?? false

function create(pod: Pod, { name, resourceClaimTemplateName }: PodResourceClaim, snapshot: Snapshot): Step {
  const template = snapshot.get<ResourceClaimTemplate>('ResourceClaimTemplate', pod.metadata.namespace, resourceClaimTemplateName!)
  if (!template) {
    const message = `PodResourceClaim ${name}: resource claim template "${resourceClaimTemplateName}": resourceclaimtemplate.resource.k8s.io "${resourceClaimTemplateName}" not found`
    return { do: 'note', ref: refOf(pod), because: { code: 'FailedResourceClaimCreation', say: `waits for the template ${resourceClaimTemplateName}`, why: `its claim ${name} is made from it`, event: { type: 'Warning', message } } }
  }
  const { metadata, spec } = template.spec
  return {
    do: 'create',
    object: {
      apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim',
      metadata: {
        generateName: namePrefix(pod.metadata.name, name), ...(pod.metadata.namespace === undefined ? {} : { namespace: pod.metadata.namespace }),
        annotations: { ...metadata?.annotations, [annotation]: name }, ...(metadata?.labels ? { labels: metadata.labels } : {}),
        ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid, controller: true }],
      },
      spec,
    },
    because: { code: 'ClaimCreated', say: `made the claim ${name} of ${pod.metadata.name}`, why: `it asks for one from the template ${resourceClaimTemplateName}` },
  }
}

function planClaim(claim: ResourceClaim, snapshot: Snapshot): Plan {
  const { metadata, status } = claim
  const consumers = status?.reservedFor ?? []
  const left = consumers.filter(({ apiGroup, resource, name, uid }) => {
    if ((apiGroup ?? '') !== '' || resource !== 'pods') return true
    const pod = snapshot.get<Pod>('Pod', metadata.namespace, name)
    return pod !== undefined && pod.metadata.uid === uid && !isDone(pod)
  })
  const steps: Step[] = []
  const finalizers = metadata.finalizers ?? []
  const isGuarded = finalizers.includes(finalizer)
  const isLeaving = metadata.deletionTimestamp !== undefined
  const allocated = status?.allocation !== undefined
  const letsGo = left.length === 0 && isGuarded && (left.length < consumers.length || isLeaving)
  if (left.length < consumers.length || (letsGo && allocated)) {
    const because: Reason = { code: letsGo ? 'Deallocated' : 'ConsumersGone', say: letsGo ? `let go of the devices of ${metadata.name}` : `took ${consumers.length - left.length} off the users of ${metadata.name}`, why: `${left.length} of ${consumers.length} Pods still use it` }
    steps.push({ do: 'patch', ref: refOf(claim), subresource: 'status', patch: { metadata: { resourceVersion: metadata.resourceVersion }, status: { reservedFor: left.length > 0 ? left : null, ...(letsGo && allocated ? { allocation: null } : {}) } }, because })
  }
  // Without an allocation nothing needs to be kept from deletion.
  if (letsGo) steps.push({ do: 'patch', ref: refOf(claim), patch: { metadata: { finalizers: finalizers.filter((one) => one !== finalizer) } }, because: { code: 'Unguarded', say: `${metadata.name} may be deleted`, why: 'nobody uses its devices' } })
  const owner = metadata.ownerReferences?.find(({ kind, controller }) => kind === 'Pod' && controller === true)
  const pod = owner && snapshot.get<Pod>('Pod', metadata.namespace, owner.name)
  if (left.length === 0 && !isLeaving && owner && pod && (pod.metadata.uid !== owner.uid || isDone(pod))) {
    steps.push({ do: 'delete', ref: refOf(claim), because: { code: 'ClaimRemoved', say: `removed ${metadata.name}`, why: `${owner.name}, which it was made for, needs it no more` } })
  }
  const first = steps[0]
  return first ? { steps, because: first.because } : nothing({ code: 'Settled', say: 'nothing to do', why: consumers.length === 0 ? 'no Pod uses it' : `${consumers.length === 1 ? '1 Pod uses' : `${consumers.length} Pods use`} it` })
}

/** A Pod's claims, by its spec and by what it was told. */
const claimsOf = (pod: Pod): Ref[] =>
  [...(pod.spec.resourceClaims ?? []).map(({ resourceClaimName }) => resourceClaimName), ...(pod.status?.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => resourceClaimName)]
    .filter((name) => name !== undefined).map((name) => ({ kind: 'ResourceClaim', ...(pod.metadata.namespace === undefined ? {} : { namespace: pod.metadata.namespace }), name }))

function wakes({ object, previous }: WatchEvent, snapshot: Snapshot): Ref[] {
  if (object.kind === 'Pod') {
    // Made for it, though it may have ended before it was told so.
    const made = snapshot.ownedBy<ResourceClaim>(object.metadata.uid, 'ResourceClaim').map(refOf)
    return claimsOf((previous as Pod | undefined) ?? (object as Pod)).concat(claimsOf(object as Pod), made)
  }
  if (object.kind === 'ResourceClaim') {
    const owner = object.metadata.ownerReferences?.find(({ kind, controller }) => kind === 'Pod' && controller === true)
    return owner ? [{ kind: 'Pod', ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }), name: owner.name }] : []
  }
  const template = object.metadata.name
  return snapshot.list<Pod>('Pod', object.metadata.namespace).filter(({ spec }) => spec.resourceClaims?.some(({ resourceClaimTemplateName }) => resourceClaimTemplateName === template)).map(refOf)
}

export const resourceClaim = defineController<KubeObject>({
  name: 'resourceclaim-controller',
  reconciles: ['Pod', 'ResourceClaim'],
  wakesOn: ['Pod', 'ResourceClaim', 'ResourceClaimTemplate'],
  component: 'resource_claim',
  wakes,
  concerns: ({ object }) => object.kind !== 'Pod' || ((object as Pod).spec.resourceClaims?.length ?? 0) > 0,
  plan({ object, snapshot }) {
    if (!object) return nothing({ code: 'Gone', say: 'nothing to do', why: 'it is gone' })
    return object.kind === 'Pod' ? planPod(object as Pod, snapshot) : planClaim(object as ResourceClaim, snapshot)
  },
})
