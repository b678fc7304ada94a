/** Validation of metadata, the same for every kind. Upstream: apimachinery/pkg/api/validation/objectmeta.go. */
import { equal } from '../base/json.ts'
import { type FieldError, forbidden, invalid, required, tooLong } from './field-error.ts'
import type { NameRule } from './kind.ts'
import { validateLabels } from './label-selector.ts'
import type { ObjectMeta, OwnerReference } from './meta.ts'
import { checkName, dns1123Label, labelKey } from './names.ts'

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])
const annotationBytes = 256 * 1024
export const immutableMessage = 'field is immutable'

export function validateObjectMeta(meta: ObjectMeta, rule: { namespaced: boolean; name: NameRule }, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = []
  if (meta.generateName) for (const sentence of checkName(rule.name, meta.generateName, true)) errors.push(invalid(`${path}.generateName`, meta.generateName, sentence))
  if (!meta.name) errors.push(required(`${path}.name`, 'name or generateName is required'))
  else for (const sentence of checkName(rule.name, meta.name)) errors.push(invalid(`${path}.name`, meta.name, sentence))
  if (!rule.namespaced) {
    if (meta.namespace) errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'))
  } else if (!meta.namespace) errors.push(required(`${path}.namespace`))
  else for (const sentence of dns1123Label(meta.namespace)) errors.push(invalid(`${path}.namespace`, meta.namespace, sentence))
  if ((meta.generation ?? 0) < 0) errors.push(invalid(`${path}.generation`, meta.generation, 'must be greater than or equal to 0'))
  errors.push(...commonMeta(meta, path), ...validateFinalizers(meta.finalizers, `${path}.finalizers`))
  return errors
}

export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer)).sort()
    if (added.length > 0) errors.push(forbidden(`${path}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`))
  }
  if (!meta.resourceVersion) errors.push(invalid(`${path}.resourceVersion`, meta.resourceVersion ?? '', 'must be specified for an update'))
  if ((meta.generation ?? 0) < (old.generation ?? 0)) errors.push(invalid(`${path}.generation`, meta.generation ?? 0, 'must not be decremented'))
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (!equal(meta[field], old[field])) errors.push(invalid(`${path}.${field}`, meta[field], immutableMessage))
  }
  errors.push(...commonMeta(meta, path))
  return errors
}

function commonMeta(meta: ObjectMeta, path: string): FieldError[] {
  return [
    ...validateLabels(meta.labels, `${path}.labels`),
    ...validateAnnotations(meta.annotations, `${path}.annotations`),
    ...validateOwnerReferences(meta.ownerReferences ?? [], `${path}.ownerReferences`),
  ]
}

export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const key in annotations) {
    for (const sentence of labelKey(key.toLowerCase())) errors.push(invalid(path, key, sentence))
    size += key.length + annotations[key]!.length
  }
  if (size > annotationBytes) errors.push(tooLong(path, annotationBytes))
  return errors
}

function validateOwnerReferences(owners: readonly OwnerReference[], path: string): FieldError[] {
  const errors: FieldError[] = []
  let controller = ''
  for (const owner of owners) {
    const version = owner.apiVersion.split('/').at(-1)
    if (!version) errors.push(invalid(`${path}.apiVersion`, owner.apiVersion, 'version must not be empty'))
    for (const field of ['kind', 'name', 'uid'] as const) if (!owner[field]) errors.push(invalid(`${path}.${field}`, owner[field], 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    const name = `${owner.kind}/${owner.name}`
    if (controller === '') controller = name
    else errors.push(invalid(path, owners, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`))
  }
  return errors
}

function validateFinalizers(finalizers: readonly string[] = [], path: string): FieldError[] {
  const errors = finalizers.flatMap((name) => labelKey(name).map((sentence) => invalid(path, name, sentence)))
  for (const [i, name] of finalizers.entries()) {
    if (!name.includes('/') && !standardFinalizers.has(name)) errors.push(invalid(`${path}[${i}]`, name, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  return errors
}
