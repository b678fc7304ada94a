/**
 * From a request's body to a draft in storage form: the type must be the one that the path stands for, the structure that
 * of the facts, unknown and repeated fields are refused, reported or passed over as the request says.
 */
import { isObject } from '../../base/json.ts'
import { apiVersionOf } from '../../api/kind.ts'
import type { NewObject } from '../../api/meta.ts'
import { cannotHandle, decode, DecodeError } from '../../api/schema/structural.ts'
import { badRequest } from '../errors.ts'
import type { Machinery } from './machinery.ts'
import type { Body, Caller, Face, WriteParams } from './registry.ts'

export function decodeRequest(machinery: Machinery, face: Face, body: Body, params: WriteParams, caller: Caller): NewObject {
  const given = body.value
  if (isObject(given)) checkType(face, given)
  const { kind } = face.definition
  const model = machinery.facts.model(face.schema)
  try {
    const { value, unknown } = decode(model, given)
    if (params.fieldValidation !== 'Ignore' && (unknown.length > 0 || body.duplicates.length > 0)) {
      const said = complaints(unknown, body.duplicates)
      if (params.fieldValidation === 'Strict') throw cannotHandle(kind, face.version, `strict decoding error: ${said.join(', ')}`)
      for (const complaint of said) caller.warn(complaint)
    }
    return toStorage(face, value)
  } catch (error) {
    if (error instanceof DecodeError) throw cannotHandle(kind, face.version, error.message)
    throw error
  }
}

/** One strict pass over a document finds both: what it does not know as it meets it, what stands twice at the second time. */
const complaints = (unknown: readonly string[], duplicates: readonly string[]): string[] => [
  ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
]

/** Kind and apiVersion first, as everyone expects to read them. */
export function typed(face: { definition: { kind: string }; group: string; version: string }, value: Record<string, unknown>): NewObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = value
  return { kind: face.definition.kind, apiVersion: apiVersionOf(face), metadata: isObject(metadata) ? metadata : {}, ...rest }
}

/** A decoded value of the face as a defaulted draft in storage form. */
export function toStorage(face: Face, value: Record<string, unknown>): NewObject {
  const wire = typed(face, value)
  const draft = face.fromWire === undefined ? wire : (face.fromWire(wire) as NewObject)
  face.definition.default?.(draft)
  return draft
}

function checkType(face: Face, value: Record<string, unknown>): void {
  const { apiVersion, kind } = value
  const wanted = apiVersionOf(face)
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== wanted) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`)
  }
  if (typeof kind === 'string' && kind !== '' && kind !== face.definition.kind) {
    throw badRequest(`${kind} in version ${JSON.stringify(face.version)} cannot be handled as a ${face.definition.kind}: converting (v1.${kind}) to (${face.definition.kind}): unknown conversion`)
  }
}
