/** POST: decode, default, admit, fill, validate, store. Upstream: apiserver/pkg/registry/generic/registry/store.go, Create. */
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
  placeInNamespace(face, namespace, draft)
  if (draft.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
  const request: AdmissionRequest = {
    operation: 'create',
    face,
    namespace: draft.metadata.namespace,
    name: draft.metadata.name ?? draft.metadata.generateName ?? '',
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
  if (!base) return (await storeOnce(machinery, request, steps, params, how, true))!
  // What is filled in from the name and the uid (a Job's labels) is filled in anew for each of them.
  // Two fields may share one record, which says something to a kind's strategy (a Job's labels): so a copy that keeps that.
  const pristine = structuredClone(draft)
  for (let attempt = 1; ; attempt++) {
    const own = attempt === 1 ? draft : structuredClone(pristine)
    own.metadata.name = generateName(base, machinery.identities.random)
    const answer = await storeOnce(machinery, { ...request, draft: own }, steps, params, how, attempt === nameAttempts)
    if (answer) return answer
  }
}

/** From admission's last word to the store. Undefined where the name is taken and another is to be tried. */
async function storeOnce(machinery: Machinery, request: AdmissionRequest, steps: Machinery['admission'], params: WriteParams, how: How, isLast: boolean): Promise<Answer | undefined> {
  const { face, draft, caller } = request
  const { definition } = face
  const { store, clock } = machinery
  fillMetadata(machinery, face, draft)
  if (definition.subresources.status === true && definition.keepsStatusOnCreate !== true) delete draft['status']
  definition.prepareForCreate?.(draft, { now: clock.now(), user: caller.user.name })
  checkNew(face, draft)
  const named: AdmissionRequest = { ...request, name: draft.metadata.name ?? '' }
  for (const step of steps) step.validate?.(named)
  for (const warning of definition.warnings?.(draft) ?? []) caller.warn(warning)

  const claims: Claim[] = []
  const release = () => {
    for (const claim of claims.splice(0)) claim.release()
  }
  try {
    for (const step of steps) {
      const claim = step.claim?.(named)
      if (claim !== undefined) claims.push(claim)
    }
    const name = draft.metadata.name!
    const key = keyOf(definition, draft.metadata.namespace, name)
    const taken = (current: { value: string }) => {
      const error = objectExists(served(face), name)
      if (!current.value.includes('"deletionTimestamp"')) return error
      error.message = `object is being deleted: ${error.message}`
      return error
    }
    if (params.dryRun === true) {
      const current = await store.get(key)
      release()
      if (current === undefined) return answerOf(face.toWire === undefined ? draft : face.toWire(draft))
      if (isLast) throw taken(current)
      return undefined
    }
    const outcome = await store.write(key, (current, revision) => {
      if (current !== undefined) {
        if (!isLast) return { do: 'nothing' }
        throw taken(current)
      }
      draft.metadata.resourceVersion = String(revision)
      return { do: 'put', value: JSON.stringify(draft) }
    }, causeOf(caller, how.deed, face))
    if (outcome.change !== 'created') {
      release()
      return undefined
    }
    for (const claim of claims) claim.settle()
    return machinery.entries.answer(face, outcome.entry!)
  } catch (error) {
    release()
    throw error instanceof Unwritable ? unavailable(error) : error
  }
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
