/** Label and field selectors of a request, as one question to an object. */
import { matchesFields, parseFieldSelector } from '../../api/field-selector.ts'
import type { FieldTerm } from '../../api/field-selector.ts'
import { parseLabelSelector } from '../../api/label-selector.ts'
import type { KubeObject } from '../../api/meta.ts'
import { badRequest } from '../errors.ts'
import type { Face, ListParams } from './registry.ts'

export interface Filter {
  /** In storage form. */
  matches(object: KubeObject): boolean
  /** Set where only one name can match. */
  readonly name: string | undefined
}

/** Undefined where everything matches. */
export function filterOf(face: Face, params: Pick<ListParams, 'labelSelector' | 'fieldSelector'>): Filter | undefined {
  const labels = params.labelSelector ? readable(() => parseLabelSelector(params.labelSelector!)) : undefined
  const fields = params.fieldSelector ? readable(() => parseFieldSelector(params.fieldSelector!)) : undefined
  if ((labels === undefined || labels.requirements.length === 0) && (fields === undefined || fields.length === 0)) return undefined
  const read = fields === undefined ? undefined : fieldReader(face, fields)
  return {
    matches: (object) =>
      (labels === undefined || labels.matches(object.metadata.labels)) && (fields === undefined || matchesFields(fields, (field) => read!(field, object))),
    name: fields?.find((term) => term.equal && term.field === 'metadata.name')?.value,
  }
}

function readable<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(error.message)
    throw error
  }
}

function fieldReader(face: Face, terms: readonly FieldTerm[]): (field: string, object: KubeObject) => string {
  const { definition } = face
  const known = face.toWire === undefined ? definition.selectableFields : alternateFields(face)
  for (const { field } of terms) {
    if (field === 'metadata.name' || (field === 'metadata.namespace' && definition.scope === 'Namespaced') || Object.hasOwn(known, field)) continue
    throw badRequest(
      Object.keys(known).length === 0
        ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    )
  }
  return (field, object) =>
    field === 'metadata.name' ? object.metadata.name : field === 'metadata.namespace' ? (object.metadata.namespace ?? '') : known[field]!(object)
}

const alternateFields = (face: Face) =>
  face.definition.alsoServedAs?.find((other) => other.group === face.group && other.version === face.version)?.selectableFields ?? face.definition.selectableFields
