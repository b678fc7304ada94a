/** Runs a kind's validation with the metadata's, and turns findings into one Invalid error. */
import type { FieldError } from '../../api/field-error.ts'
import type { KubeObject, NewObject } from '../../api/meta.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../../api/object-meta.ts'
import { objectInvalid } from '../errors.ts'
import type { Face } from './registry.ts'

export function checkNew(face: Face, draft: NewObject): void {
  const { definition } = face
  refuse(face, draft, [
    ...validateObjectMeta(draft.metadata, { namespaced: definition.scope === 'Namespaced', name: definition.nameRule ?? 'subdomain' }),
    ...(definition.validateCreate?.(draft) ?? []),
    ...(definition.validate?.(draft) ?? []),
  ])
}

export function checkChanged(face: Face, draft: NewObject, old: KubeObject, subresource: string | undefined): void {
  const { definition } = face
  const meta = validateObjectMetaUpdate(draft.metadata, old.metadata)
  if (subresource === 'status') refuse(face, draft, [...meta, ...(definition.validateStatusUpdate?.(draft, old) ?? [])])
  else {
    const part = subresource === undefined ? undefined : definition.subresources.parts?.[subresource]
    refuse(face, draft, [...meta, ...(definition.validate?.(draft) ?? []), ...((part === undefined ? definition.validateUpdate?.(draft, old) : part.validate(draft, old)) ?? [])])
  }
}

function refuse(face: Face, draft: NewObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return
  const seen = new Set<string>()
  const unique = errors.filter(({ field, message }) => !seen.has(`${field}: ${message}`) && seen.add(`${field}: ${message}`))
  throw objectInvalid({ group: face.definition.group, kind: face.definition.kind }, draft.metadata.name ?? '', unique)
}
