/**
 * Validation of a claim's changes and of its status; its spec is claim-spec.ts.
 * Upstream: pkg/apis/core/validation, ValidatePersistentVolumeClaimUpdate and …StatusUpdate.
 */
import { clone, equal } from '../../../base/json.ts'
import { fieldDiff } from '../../../base/field-diff.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { labelKey } from '../../names.ts'
import { immutableMessage } from '../../object-meta.ts'
import { parseQuantity } from '../../quantity.ts'
import type { PersistentVolumeClaim } from '../../types/core.ts'
import { immutable } from '../parts/immutable.ts'
import { storageAnnotation, storageOf } from './names.ts'

export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  const next = clone(claim.spec)
  const before = clone(old.spec)
  // A volume is given once, and only once.
  if (!before.volumeName) restore(before, 'volumeName', next.volumeName)
  const annotation = old.metadata.annotations?.[storageAnnotation.betaClass]
  const now = claim.metadata.annotations?.[storageAnnotation.betaClass]
  if (annotation !== undefined && before.storageClassName === undefined && next.storageClassName === annotation && (now === undefined || now === annotation)) delete next.storageClassName
  else {
    if (now !== annotation) errors.push(invalid(`metadata.annotations[${storageAnnotation.betaClass}]`, now ?? '', immutableMessage))
    if (before.storageClassName === undefined && next.storageClassName !== undefined && (annotation === undefined || next.storageClassName === annotation)) delete next.storageClassName
  }
  if (claim.status.phase === 'Bound') {
    if (next.resources?.requests) restore(next.resources.requests, 'storage', old.spec.resources?.requests?.['storage'])
    restore(next, 'volumeAttributesClassName', before.volumeAttributesClassName)
  }
  if (!equal(next, before)) {
    const diff = fieldDiff(before, next).map((change) => `  ${change.path}`).join('\n')
    errors.push(forbidden('spec', `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${diff}\n`))
  }
  const size = storageOf(claim.spec.resources?.requests)
  // Back down to what it really has, after an expansion that failed; volumes never shrink.
  if (size < storageOf(old.spec.resources?.requests) && size <= storageOf(old.status.capacity)) errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  errors.push(...immutable('volumeMode', claim.spec.volumeMode, old.spec.volumeMode))
  if (claim.spec.volumeAttributesClassName !== old.spec.volumeAttributesClassName && old.status.currentVolumeAttributesClassName !== undefined) {
    const what = claim.spec.volumeAttributesClassName === undefined ? 'nil' : claim.spec.volumeAttributesClassName === '' ? 'empty string' : undefined
    if (what) errors.push(forbidden('spec.volumeAttributesClassName', `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`))
  }
  return errors
}

const resizeStatuses = ['ControllerResizeInfeasible', 'ControllerResizeInProgress', 'NodeResizeInfeasible', 'NodeResizeInProgress', 'NodeResizePending']

export function validateClaimStatus({ spec, status }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.accessModes || spec.accessModes.length === 0) errors.push(required('Spec.accessModes'))
  for (const [name, amount] of Object.entries(status.capacity ?? {})) amountNotNegative(amount, `status.capacity[${name}]`, errors)
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    resourceKey(name, 'status.allocatedResourceStatuses', errors)
    if (!resizeStatuses.includes(state)) errors.push(notSupported('status.allocatedResourceStatuses', name, resizeStatuses))
  }
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) {
    if (resourceKey(name, 'status.allocatedResources', errors)) amountNotNegative(amount, `status.allocatedResources[${name}]`, errors)
  }
  return errors
}

export function amountNotNegative(amount: string, path: string, errors: FieldError[]): void {
  const { nano } = parseQuantity(amount)
  if (nano < 0n) errors.push(invalid(path, Number(nano / 1_000_000_000n), 'must be a valid resource quantity'))
}

function resourceKey(name: string, path: string, errors: FieldError[]): boolean {
  const wrong = labelKey(name)
  for (const sentence of wrong) errors.push(invalid(path, name, sentence))
  if (wrong.length > 0) return false
  const native = !name.includes('/') || name.split('/')[0]!.endsWith('kubernetes.io')
  if (native && name !== 'storage') errors.push(notSupported(path, name, ['storage']))
  return !native || name === 'storage'
}

function restore<T extends object, K extends keyof T>(draft: T, field: K, value: T[K] | undefined): void {
  if (value === undefined) delete draft[field]
  else draft[field] = value
}
