/** DELETE: preconditions, grace, finalizers, propagation. Upstream: registry/generic/registry/store.go, rest/delete.go. */
import { clone, equal, isObject } from '../../base/json.ts'
import { timestamp } from '../../api/meta.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Decide } from '../../store/store.ts'
import { Unwritable } from '../../store/store.ts'
import { concerns } from '../admission/admission.ts'
import type { AdmissionRequest, Claim } from '../admission/admission.ts'
import { causeOf } from '../cause.ts'
import { objectConflict, objectNotFound } from '../errors.ts'
import { served } from './faces.ts'
import { keepsAlive } from './finalizers.ts'
import { keyOf } from './keys.ts'
import type { Machinery } from './machinery.ts'
import type { Answer, Caller, DeleteParams, Face, Key } from './registry.ts'
import { unavailable } from './unavailable.ts'

export type Deleted = Answer & { readonly gone: boolean }

export async function deleteObject(machinery: Machinery, face: Face, key: Key, params: DeleteParams, caller: Caller): Promise<Deleted> {
  const { store, entries } = machinery
  const storeKey = keyOf(face.definition, key.namespace, key.name)
  const claims: Claim[] = []
  const decide: Decide = (current, revision) => {
    if (current === undefined) throw objectNotFound(served(face), key.name)
    const old = entries.object(current)
    assertPreconditions(face, old, params)
    const steps = machinery.admission.filter((step) => concerns(step, face.definition.kind))
    const draft = clone(old) as NewObject
    const request: AdmissionRequest = { operation: 'delete', face, namespace: key.namespace, name: key.name, subresource: undefined, draft, old, dryRun: params.dryRun === true, caller }
    for (const step of steps) step.validate?.(request)
    const gone = markDeleted(machinery, face, draft, params)
    if (!gone && equal(draft, old)) return { do: 'nothing' }
    if (gone) {
      for (const step of steps) {
        const claim = step.claim?.(request)
        if (claim !== undefined) claims.push(claim)
      }
    }
    draft.metadata.resourceVersion = String(revision)
    return { do: gone ? 'delete' : 'put', value: JSON.stringify(draft) }
  }
  try {
    if (params.dryRun === true) {
      const current = await store.get(storeKey)
      const decision = decide(current, current?.revision ?? 0)
      for (const claim of claims) claim.release()
      return withGone(entries.answer(face, current!), decision.do === 'delete')
    }
    const outcome = await store.write(storeKey, decide, causeOf(caller, 'deleted', face))
    for (const claim of claims) claim.settle()
    return withGone(entries.answer(face, outcome.entry!), outcome.change === 'deleted')
  } catch (error) {
    for (const claim of claims) claim.release()
    throw error instanceof Unwritable ? unavailable(error) : error
  }
}

const withGone = (answer: Answer, gone: boolean): Deleted => ({
  get object() {
    return answer.object
  },
  json: answer.json,
  gone,
})

function assertPreconditions(face: Face, { metadata }: KubeObject, params: DeleteParams): void {
  const { uid, resourceVersion } = params
  // Upstream names the kind here, where every other message names the resource.
  const byKind = { group: face.group, plural: face.definition.kind, kind: face.definition.kind }
  if (uid !== undefined && uid !== metadata.uid) {
    throw objectConflict(byKind, metadata.name, `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw objectConflict(byKind, metadata.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`)
  }
}

/** Edits the draft as the deletion demands; true where nothing holds the object any longer. */
function markDeleted(machinery: Machinery, face: Face, draft: NewObject, params: DeleteParams): boolean {
  const grace = beginGrace(machinery, face, draft, params)
  if (grace === 'pending') return false
  if (face.definition.outsideGarbageCollection !== true) setPropagation(face, draft, params)
  const held = keepsAlive(face, draft)
  if (grace === 'none' && held) markDeleting(machinery, face, draft)
  return !held && (grace === 'none' || draft.metadata.deletionGracePeriodSeconds === 0)
}

/** `pending`: the grace that runs is kept; `begun`: it starts or gets shorter now; `none`: this kind or moment knows no grace. */
function beginGrace({ clock }: Machinery, { definition }: Face, draft: NewObject, params: DeleteParams): 'none' | 'pending' | 'begun' {
  if (definition.gracePeriodSeconds === undefined) return 'none'
  const { metadata } = draft
  if (metadata.deletionTimestamp !== undefined) {
    const running = metadata.deletionGracePeriodSeconds
    if (running === undefined || running === 0) return 'none'
    if (params.gracePeriodSeconds === undefined) return 'pending'
    const wanted = definition.gracePeriodSeconds(draft, params.gracePeriodSeconds)
    if (wanted >= running) return 'pending'
    metadata.deletionTimestamp = timestamp(Date.parse(metadata.deletionTimestamp) + (wanted - running) * 1000)
    metadata.deletionGracePeriodSeconds = wanted
    return 'begun'
  }
  const seconds = definition.gracePeriodSeconds(draft, params.gracePeriodSeconds)
  metadata.deletionTimestamp = timestamp(clock.now() + seconds * 1000)
  metadata.deletionGracePeriodSeconds = seconds
  if ((metadata.generation ?? 0) > 0) metadata.generation = metadata.generation! + 1
  return 'begun'
}

function markDeleting({ clock }: Machinery, face: Face, draft: NewObject): void {
  const { metadata } = draft
  if (face.definition.kind === 'Namespace') {
    metadata.deletionTimestamp ??= timestamp(clock.now())
    draft['status'] = { ...(isObject(draft['status']) ? draft['status'] : {}), phase: 'Terminating' }
    return
  }
  const now = timestamp(clock.now())
  if (metadata.deletionTimestamp === undefined) {
    if ((metadata.generation ?? 0) > 0) metadata.generation = metadata.generation! + 1
    metadata.deletionTimestamp = now
  } else if (Date.parse(metadata.deletionTimestamp) > Date.parse(now)) metadata.deletionTimestamp = now
  metadata.deletionGracePeriodSeconds = 0
}

/** Orphan and foreground are finalizers that the garbage collector works off. */
function setPropagation({ definition }: Face, { metadata }: NewObject, { propagationPolicy, orphanDependents }: DeleteParams): void {
  const present = metadata.finalizers ?? []
  const asked = propagationPolicy !== undefined || orphanDependents !== undefined
  const byDefault = definition.orphansByDefault === true && !present.includes('foregroundDeletion')
  const orphan = asked ? propagationPolicy === 'Orphan' || orphanDependents === true : byDefault || present.includes('orphan')
  const foreground = asked ? propagationPolicy === 'Foreground' : present.includes('foregroundDeletion')
  const wanted = [
    ...present.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion'),
    ...(orphan ? ['orphan'] : []),
    ...(foreground ? ['foregroundDeletion'] : []),
  ]
  if (equal([...wanted].sort(), [...present].sort())) return
  if (wanted.length === 0) delete metadata.finalizers
  else metadata.finalizers = wanted
}
