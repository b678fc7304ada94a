/** PATCH of an object, its status or its scale (upstream: apiserver/pkg/endpoints/handlers/patch.go). */
import { isObject } from '../../../base/json.ts'
import { mergePatch } from '../../../base/merge-patch.ts'
import type { KubeObject } from '../../../api/meta.ts'
import type { Model } from '../../../api/schema/facts.ts'
import { decode, DecodeError, strictDetail } from '../../../api/schema/structural.ts'
import { ApiError } from '../../../api/status.ts'
import { applyPatch } from '../../apply/apply.ts'
import { changeObject } from '../change.ts'
import { toStorage } from '../decode-request.ts'
import type { Machinery } from '../machinery.ts'
import { applyJsonPatch, JsonPatchFailure } from './patch-json.ts'
import type { PatchParams, PatchRequest } from './patch-request.ts'
import { assertName, placeInNamespace } from '../placement.ts'
import type { Answer, Caller, Face, Key, WriteParams } from '../registry.ts'
import { goPrint, strategicMerge, StrategicMismatch } from './strategic-merge.ts'

export async function patchObject(machinery: Machinery, face: Face, key: Key, patch: PatchRequest, params: PatchParams, caller: Caller): Promise<Answer> {
  if (patch.type === 'apply') return applyPatch(machinery, face, key, patch, params, caller)
  const model = machinery.facts.model(face.schema)
  return changeObject(machinery, {
    face,
    key,
    params,
    caller,
    deed: 'patched',
    tracking: 'compare',
    uidIsPrecondition: false,
    revise: (old: KubeObject) => {
      const present = (face.toWire === undefined ? old : face.toWire(old)) as unknown as Record<string, unknown>
      const draft = toStorage(face, decodePatched(model, patched(model, present, patch), patch, params, caller))
      placeInNamespace(face, key.namespace, draft)
      assertName(key, draft)
      return draft
    },
  })
}

/** The object as the patch makes it, not yet checked. */
export function patched(model: Model, present: Record<string, unknown>, patch: PatchRequest): unknown {
  try {
    switch (patch.type) {
      case 'merge':
        return mergePatch(present, patch.body)
      case 'json':
        return applyJsonPatch(present, patch.body)
      case 'strategic':
        return strategicMerge(model, present, isObject(patch.body) ? patch.body : {})
      case 'apply':
        return patch.body
    }
  } catch (error) {
    if (error instanceof JsonPatchFailure) throw new ApiError('Invalid', 'the server rejected our request due to an error in our request', {})
    if (error instanceof StrategicMismatch) throw invalidPatch(goPrint(patch.body), error.message)
    throw error
  }
}

export function decodePatched(model: Model, value: unknown, patch: PatchRequest, params: WriteParams, caller: Caller): Record<string, unknown> {
  const shown = () => (patch.type === 'strategic' ? goPrint(patch.body) : JSON.stringify(value))
  try {
    const { value: decoded, unknown } = decode(model, value)
    const duplicates = patch.duplicates ?? []
    if (params.fieldValidation !== 'Ignore' && (unknown.length > 0 || duplicates.length > 0)) {
      if (params.fieldValidation === 'Strict') throw invalidPatch(shown(), `strict decoding error: ${strictDetail(unknown, duplicates)}`)
      for (const path of duplicates) caller.warn(`duplicate field ${JSON.stringify(path)}`)
      for (const path of unknown) caller.warn(`unknown field ${JSON.stringify(path)}`)
    }
    return decoded
  } catch (error) {
    if (error instanceof DecodeError) throw invalidPatch(shown(), error.message)
    throw error
  }
}

function invalidPatch(shown: string, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${why}`
  return new ApiError('Invalid', ` "" is invalid: patch: ${message}`, { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] })
}

