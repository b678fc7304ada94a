/** POST: decode, default, admit, fill, validate, store. Upstream: apiserver/pkg/registry/generic/registry/store.go, Create. */
import { clone } from '../../base/json.ts'
import type { NewObject } from '../../api/meta.ts'
import { timestamp } from '../../api/meta.ts'
import { concerns } from '../admission/admission.ts'
import type { AdmissionRequest, Claim } from '../admission/admission.ts'
import { causeOf } from '../cause.ts'
import type { Deed } from '../cause.ts'
import { checkNew } from './check-object.ts'
import { decodeRequest } from './decode-request.ts'
import { answerOf } from './entries.ts'
import { badRequest, objectExists } from '../errors.ts'
import { served } from './faces.ts'
import { generateName } from './generate-name.ts'
import { keyOf } from './keys.ts'
import type { Machinery } from './machinery.ts'
import { placeInNamespace } from './placement.ts'
import type { Answer, Body, Caller, Face, WriteParams } from './registry.ts'
import { Unwritable } from '../../store/store.ts'
import { unavailable } from './unavailable.ts'

/** Upstream: rest.DefaultMaxRetries for colliding generated names. */
const nameAttempts = 8

export async function createObject(machinery: Machinery, face: Face, namespace: string | undefined, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
  return storeNew(machinery, face, namespace, decodeRequest(machinery, face, body, params, caller), params, caller, { deed: 'created' })
}

interface How {
  deed: Deed
  /** managedFields are already in the draft (server-side apply). */
  tracked?: boolean
}

/** Takes a defaulted draft in storage form to the store. */
export async function storeNew(machinery: Machinery, face: Face, namespace: string | undefined, draft: NewObject, params: WriteParams, caller: Caller, how: How): Promise<Answer> {
  const { definition } = face
  const { store, clock, identities } = machinery
  placeInNamespace(face, namespace, draft)
  if (draft.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
  const request: AdmissionRequest = {
    operation: 'create',
    face,
    namespace: draft.metadata.namespace,
    name: draft.metadata.name ?? '',
    subresource: undefined,
    draft,
    old: undefined,
    dryRun: params.dryRun === true,
    caller,
  }
  const steps = machinery.admission.filter((step) => concerns(step, definition.kind))
  // What admission adds belongs to nobody.
  if (how.tracked !== true) machinery.tracker.created(face, draft, params)
  for (const step of steps) step.mutate?.(request)

  const base = draft.metadata.name ? undefined : draft.metadata.generateName
  if (base) draft.metadata.name = generateName(base, identities.random)
  fillMetadata(machinery, face, draft)
  if (definition.subresources.status === true && definition.keepsStatusOnCreate !== true) delete draft['status']
  definition.prepareForCreate?.(draft, { now: clock.now(), user: caller.user.name })
  checkNew(face, draft)
  for (const step of steps) step.validate?.(request)
  for (const warning of definition.warnings?.(draft) ?? []) caller.warn(warning)

  const claims: Claim[] = []
  try {
    for (const step of steps) {
      const claim = step.claim?.(request)
      if (claim !== undefined) claims.push(claim)
    }
    for (let attempt = 1; ; attempt++) {
      const name = draft.metadata.name!
      const key = keyOf(definition, draft.metadata.namespace, name)
      const taken = (current: { value: string }) => {
        const error = objectExists(served(face), name)
        if (!current.value.includes('"deletionTimestamp"')) return error
        error.message = `object is being deleted: ${error.message}`
        return error
      }
      let collided = false
      if (params.dryRun === true) {
        const current = await store.get(key)
        if (current === undefined) {
          for (const claim of claims) claim.release()
          return answerOf(face.toWire === undefined ? draft : face.toWire(draft))
        }
        collided = true
        if (base === undefined || attempt === nameAttempts) throw taken(current)
      } else {
        const outcome = await store.write(key, (current, revision) => {
          if (current !== undefined) {
            if (base !== undefined && attempt < nameAttempts) return { do: 'nothing' }
            throw taken(current)
          }
          draft.metadata.resourceVersion = String(revision)
          return { do: 'put', value: JSON.stringify(draft) }
        }, causeOf(caller, how.deed, face))
        if (outcome.change === 'created') {
          for (const claim of claims) claim.settle()
          return machinery.entries.answer(face, outcome.entry!)
        }
        collided = true
      }
      if (collided) {
        draft.metadata.name = generateName(base!, identities.random)
        draft.metadata.uid = identities.uid()
      }
    }
  } catch (error) {
    for (const claim of claims) claim.release()
    throw error instanceof Unwritable ? unavailable(error) : error
  }
}

/** A new object starts with the status that says nothing. */
function resetStatus({ tracker }: Machinery, face: Face, draft: NewObject): void {
  const blank = tracker.blank(face)['status']
  if (blank === undefined) delete draft['status']
  else draft['status'] = clone(blank)
}

function fillMetadata({ clock, identities }: Machinery, face: Face, draft: NewObject): void {
  const { metadata } = draft
  metadata.uid = identities.uid()
  metadata.creationTimestamp = timestamp(clock.now())
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.resourceVersion
  delete (metadata as Record<string, unknown>)['selfLink']
  if (face.definition.tracksGeneration) metadata.generation = 1
  else delete metadata.generation
  if (face.definition.scope === 'Cluster') delete metadata.namespace
}
