/** The scale subresource: replicas of any kind that declares them, seen as autoscaling/v1 Scale (upstream: pkg/registry/apps/deployment/storage). */
import { clone, isObject } from '../../base/json.ts'
import { invalid } from '../../api/field-error.ts'
import type { ScaleAccess } from '../../api/kind.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import { cannotHandle, decode, DecodeError } from '../../api/schema/structural.ts'
import { ApiError } from '../../api/status.ts'
import { applyPatch } from '../apply/apply.ts'
import { changeObject } from '../registry/change.ts'
import type { ChangeRequest } from '../registry/change.ts'
import { answerOf } from '../registry/entries.ts'
import { badRequest, objectInvalid } from '../errors.ts'
import { getObject } from '../registry/list.ts'
import type { Machinery } from '../registry/machinery.ts'
import { decodePatched, patched } from '../registry/patch/patch.ts'
import type { PatchParams, PatchRequest } from '../registry/patch/patch-request.ts'
import type { Answer, Body, Caller, Face, Key, WriteParams } from '../registry/registry.ts'

const scaleModel = 'io.k8s.api.autoscaling.v1.Scale'
const scaleVersion = 'autoscaling/v1'

interface Scale {
  metadata: { name?: string; resourceVersion?: string; uid?: string }
  spec: { replicas?: number }
}

function accessOf(face: Face): ScaleAccess<KubeObject> {
  const access = face.definition.subresources.scale
  if (access === undefined) throw new ApiError('NotFound', 'the server could not find the requested resource')
  return access as ScaleAccess<KubeObject>
}

function scaleOf(face: Face, object: KubeObject) {
  const access = accessOf(face)
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = access.specReplicas(object)
  const selector = access.selector(object)
  return {
    kind: 'Scale',
    apiVersion: scaleVersion,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: access.statusReplicas(object), ...(selector === '' ? {} : { selector }) },
  }
}

export async function getScale(machinery: Machinery, face: Face, key: Key, resourceVersion?: string): Promise<Answer> {
  return answerOf(scaleOf(face, (await getObject(machinery, face, key, resourceVersion)).object))
}

export async function updateScale(machinery: Machinery, face: Face, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Answer> {
  const given = body.value
  if (isObject(given) && typeof given['kind'] === 'string' && given['kind'] !== '' && given['kind'] !== 'Scale') {
    throw badRequest(`${given['kind']} in version "v1" cannot be handled as a Scale: converting to (autoscaling.Scale): unknown conversion`)
  }
  let scale: Scale
  try {
    scale = decode(machinery.facts.model(scaleModel), given).value as unknown as Scale
  } catch (error) {
    if (error instanceof DecodeError) throw cannotHandle('Scale', 'v1', error.message)
    throw error
  }
  if (scale.metadata.name && scale.metadata.name !== key.name) throw badRequest(`the name of the object (${scale.metadata.name}) does not match the name on the URL (${key.name})`)
  return change(machinery, face, key, params, caller, 'updated', (old) => scaled(face, old, scale))
}

export async function patchScale(machinery: Machinery, face: Face, key: Key, patch: PatchRequest, params: PatchParams, caller: Caller): Promise<Answer> {
  if (patch.type === 'apply') {
    const { apiVersion, kind, spec } = patch.body
    if (apiVersion !== scaleVersion || kind !== 'Scale') throw badRequest(`invalid object type: ${apiVersion}, Kind=${kind}`)
    // Ownership of a scale is ownership of the object's replicas, so the apply is made there.
    const replicas = isObject(spec) ? spec['replicas'] : undefined
    const { group, version, definition } = face
    const body: NewObject = {
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind: definition.kind,
      metadata: { name: key.name, ...(key.namespace === undefined ? {} : { namespace: key.namespace }) },
      ...(replicas === undefined ? {} : { spec: { replicas } }),
    }
    const answer = await applyPatch(machinery, face, key, { ...patch, body }, { ...params, subresource: 'scale' }, caller)
    return answerOf(scaleOf(face, answer.object))
  }
  const model = machinery.facts.model(scaleModel)
  return change(machinery, face, key, params, caller, 'patched', (old) => {
    const present = scaleOf(face, old) as unknown as Record<string, unknown>
    return scaled(face, old, decodePatched(model, patched(model, present, patch), patch, params, caller) as unknown as Scale)
  })
}

async function change(machinery: Machinery, face: Face, key: Key, params: WriteParams, caller: Caller, deed: ChangeRequest['deed'], revise: (old: KubeObject) => NewObject): Promise<Answer> {
  const answer = await changeObject(machinery, { face, key, params: { ...params, subresource: 'scale' }, caller, deed, tracking: 'compare', revise })
  return answerOf(scaleOf(face, answer.object))
}

function scaled(face: Face, old: KubeObject, scale: Scale): NewObject {
  const replicas = scale.spec.replicas ?? 0
  if (replicas < 0) throw objectInvalid({ group: 'autoscaling', kind: 'Scale' }, old.metadata.name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')])
  const draft = clone(old) as NewObject
  accessOf(face).setReplicas(draft as KubeObject, replicas)
  // Both are conditions on the object where the client sent them.
  if (scale.metadata.resourceVersion === undefined) delete draft.metadata.resourceVersion
  else draft.metadata.resourceVersion = scale.metadata.resourceVersion
  if (scale.metadata.uid !== undefined) draft.metadata.uid = scale.metadata.uid
  return draft
}
