/**
 * Changes one stored object: the shared way of update, patch, apply and the subresources. Everything is decided inside
 * the store's write, against the newest state, so nothing has to be tried again.
 * Upstream: apiserver/pkg/registry/generic/registry/store.go, Update; rest/update.go, BeforeUpdate.
 */
import { clone, equal } from '../../base/json.ts'
import { invalid } from '../../api/field-error.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import type { Decide, Entry, Outcome } from '../../store/store.ts'
import { Unwritable } from '../../store/store.ts'
import { concerns } from '../admission/admission.ts'
import type { AdmissionRequest, Claim } from '../admission/admission.ts'
import { causeOf } from '../cause.ts'
import type { Deed } from '../cause.ts'
import { checkChanged } from './check-object.ts'
import { answerOf } from './entries.ts'
import { objectConflict, objectInvalid, objectModified, objectNotFound } from '../errors.ts'
import { served } from './faces.ts'
import { keepsAlive } from './finalizers.ts'
import { keyOf } from './keys.ts'
import type { Machinery } from './machinery.ts'
import type { Answer, Caller, Face, Key, WriteParams } from './registry.ts'
import { unavailable } from './unavailable.ts'

export interface ChangeRequest {
  readonly face: Face
  readonly key: Key
  readonly params: WriteParams
  readonly caller: Caller
  readonly deed: Deed
  /** How managedFields are kept: compared here, already done by apply, or not at all (the server's own doing). */
  readonly tracking: 'compare' | 'done' | 'none'
  /** A uid in the draft is a condition (PUT) rather than a change (PATCH). Default true. */
  readonly uidIsPrecondition?: boolean
  /** Subresources that do their own checks (binding, eviction, finalize) skip the kind's strategy. */
  readonly raw?: boolean
  /** Makes the draft, in storage form, from the frozen present object. */
  revise(old: KubeObject): NewObject
}

export async function changeObject(machinery: Machinery, request: ChangeRequest): Promise<Answer> {
  const { face, key, params } = request
  const { store, entries } = machinery
  const claims: Claim[] = []
  const decide: Decide = (current, revision) => {
    if (current === undefined) throw objectNotFound(served(face), key.name)
    return decideChange(machinery, request, current, revision, claims)
  }
  const storeKey = keyOf(face.definition, key.namespace, key.name)
  try {
    if (params.dryRun === true) return dryRun(machinery, request, decide, await store.get(storeKey), claims)
    const outcome: Outcome = await store.write(storeKey, decide, causeOf(request.caller, request.deed, face))
    for (const claim of claims) claim.settle()
    return entries.answer(face, outcome.entry!)
  } catch (error) {
    for (const claim of claims) claim.release()
    throw error instanceof Unwritable ? unavailable(error) : error
  }
}

/** Decides without storing: the object as it would be, at its present revision. */
function dryRun(machinery: Machinery, { face }: ChangeRequest, decide: Decide, current: Entry | undefined, claims: readonly Claim[]): Answer {
  const decision = decide(current, current?.revision ?? 0)
  for (const claim of claims) claim.release()
  if (decision.do === 'nothing') return machinery.entries.answer(face, current!)
  const object = JSON.parse(decision.value) as KubeObject
  return answerOf(face.toWire === undefined ? object : face.toWire(object))
}

function decideChange(machinery: Machinery, request: ChangeRequest, current: Entry, revision: number, claims: Claim[]): ReturnType<Decide> {
  const { face, params, caller } = request
  const { definition } = face
  const old = machinery.entries.object(current)
  const draft = request.revise(old)
  assertSame(face, draft, old, request.uidIsPrecondition !== false)
  keepIdentity(draft, old)
  const admission: AdmissionRequest = {
    operation: 'update',
    face,
    namespace: old.metadata.namespace,
    name: old.metadata.name,
    subresource: params.subresource,
    draft,
    old,
    dryRun: params.dryRun === true,
    caller,
  }
  const steps = machinery.admission.filter((step) => concerns(step, definition.kind))
  if (request.raw !== true) {
    for (const step of steps) step.mutate?.(admission)
    isolate(machinery, request, draft, old)
  }
  if (request.tracking === 'compare') machinery.tracker.changed(face, draft, old, params)
  else if (request.tracking === 'none' && old.metadata.managedFields !== undefined) draft.metadata.managedFields = old.metadata.managedFields
  if (definition.tracksGeneration && request.raw !== true && params.subresource !== 'status' && specChanged(face, draft, old)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  if (request.raw !== true) {
    checkChanged(face, draft, old, params.subresource)
    for (const step of steps) step.validate?.(admission)
    for (const warning of definition.warnings?.(draft) ?? []) caller.warn(warning)
    for (const step of steps) {
      const claim = step.claim?.(admission)
      if (claim !== undefined) claims.push(claim)
    }
  }
  const gone = draft.metadata.deletionTimestamp !== undefined && (draft.metadata.deletionGracePeriodSeconds ?? 0) === 0 && !keepsAlive(face, draft)
  if (!gone && equal(draft, old)) return { do: 'nothing' }
  draft.metadata.resourceVersion = String(revision)
  return { do: gone ? 'delete' : 'put', value: JSON.stringify(draft) }
}

/** A revision or uid in the draft is a condition on the present object. */
function assertSame(face: Face, draft: NewObject, old: KubeObject, uidIsPrecondition: boolean): void {
  const { resourceVersion, uid } = draft.metadata
  if (uidIsPrecondition && uid && uid !== old.metadata.uid) {
    const { namespace, name } = old.metadata
    const place = `/registry/${face.definition.plural}/${namespace === undefined ? '' : `${namespace}/`}${name}`
    throw objectConflict(
      served(face),
      name,
      `StorageError: invalid object, Code: 4, Key: ${place}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    )
  }
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0') {
    if (face.definition.requiresRevisionOnUpdate !== true) return
    throw objectInvalid(face.definition, old.metadata.name, [invalid('metadata.resourceVersion', 0, 'must be specified for an update')])
  }
  if (resourceVersion !== old.metadata.resourceVersion) throw objectModified(served(face), old.metadata.name)
}

/** What no client may set. */
function keepIdentity(draft: NewObject, { metadata: old }: KubeObject): void {
  const { metadata } = draft
  metadata.uid ||= old.uid
  metadata.resourceVersion = old.resourceVersion
  metadata.creationTimestamp = old.creationTimestamp
  keep(metadata, old, 'generation')
  keep(metadata, old, 'deletionTimestamp')
  keep(metadata, old, 'deletionGracePeriodSeconds')
  if (old.namespace === undefined) delete metadata.namespace
  else metadata.namespace ??= old.namespace
  delete (metadata as Record<string, unknown>)['selfLink']
}

/** The main resource leaves the status alone, and the status leaves everything else alone. */
function isolate({ clock }: Machinery, { face, params, caller }: ChangeRequest, draft: NewObject, old: KubeObject): void {
  const { definition } = face
  const prepare = { now: clock.now(), user: caller.user.name }
  if (params.subresource === 'status') {
    for (const field of new Set([...Object.keys(draft), ...Object.keys(old)])) {
      if (field !== 'metadata' && field !== 'status') keep(draft, old, field)
    }
    definition.prepareForStatusUpdate?.(draft, old, prepare)
    return
  }
  const part = params.subresource === undefined ? undefined : definition.subresources.parts?.[params.subresource]
  if (part !== undefined) {
    keep(draft, old, 'status')
    part.prepare(draft, old)
    return
  }
  // A copy, because a kind's hook may complete it while the stored one is shared and frozen.
  if (definition.subresources.status === true) {
    keep(draft, old, 'status')
    if (definition.prepareForUpdate !== undefined && draft['status'] !== undefined) draft['status'] = clone(draft['status'])
  }
  definition.prepareForUpdate?.(draft, old, prepare)
}

function keep<T extends object, K extends keyof T>(draft: T, old: T, field: K): void {
  if (old[field] === undefined) delete draft[field]
  else draft[field] = old[field]
}

function specChanged({ definition }: Face, draft: NewObject, old: KubeObject): boolean {
  if (definition.generationOf !== undefined) return !equal(definition.generationOf(draft), definition.generationOf(old))
  for (const field of new Set([...Object.keys(draft), ...Object.keys(old)])) {
    if (field !== 'metadata' && field !== 'status' && !equal(draft[field], old[field])) return true
  }
  return false
}
