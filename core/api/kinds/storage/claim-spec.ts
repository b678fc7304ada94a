/**
 * The spec of a claim on storage, wherever it stands: PersistentVolumeClaim, a StatefulSet's claim templates, a Pod's
 * ephemeral volumes. Upstream: pkg/apis/core/validation, ValidatePersistentVolumeClaimSpec; pkg/api/persistentvolumeclaim/util.go.
 */
import { type FieldError, invalid, required } from '../../field-error.ts'
import { validateLabelSelector } from '../../label-selector.ts'
import { dns1123Label, dns1123Subdomain } from '../../names.ts'
import { parseQuantity } from '../../quantity.ts'
import type { PersistentVolumeClaimSpec, TypedLocalObjectReference, TypedObjectReference } from '../../types/core.ts'
import { validateAccessModes, validateVolumeMode } from './validate-access-modes.ts'

export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string, errors: FieldError[]): void {
  if (!spec.accessModes || spec.accessModes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  if (spec.accessModes && spec.accessModes.length > 0) validateAccessModes(spec.accessModes, `${path}.accessModes`, undefined, errors)
  const size = spec.resources?.requests?.['storage']
  if (size === undefined) errors.push(required(`${path}.resources[storage]`))
  else if (parseQuantity(size).nano <= 0n) errors.push(invalid(`${path}.resources[storage]`, size, 'must be greater than zero'))
  className(spec.storageClassName, `${path}.storageClassName`, errors)
  validateVolumeMode(spec.volumeMode, `${path}.volumeMode`, errors)
  const { dataSource, dataSourceRef } = spec
  if (dataSource) validateSource(dataSource, `${path}.dataSource`, errors)
  if (dataSourceRef) {
    validateSource(dataSourceRef, `${path}.dataSourceRef`, errors)
    if (dataSourceRef.namespace) for (const sentence of dns1123Label(dataSourceRef.namespace)) errors.push(invalid(`${path}.dataSourceRef.namespace`, dataSourceRef.namespace, sentence))
  }
  if (dataSourceRef?.namespace) {
    if (dataSource) errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  } else if (dataSource && dataSourceRef && !sameSource(dataSource, dataSourceRef)) errors.push(invalid(path, {}, 'must match dataSourceRef'))
  className(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors)
}

export function className(name: string | undefined, path: string, errors: FieldError[]): void {
  if (name) for (const sentence of dns1123Subdomain(name)) errors.push(invalid(path, name, sentence))
}

const sameSource = (a: TypedLocalObjectReference, b: TypedObjectReference): boolean => a.apiGroup === b.apiGroup && a.kind === b.kind && a.name === b.name

function validateSource({ name, kind, apiGroup }: TypedLocalObjectReference, path: string, errors: FieldError[]): void {
  if (!name) errors.push(required(`${path}.name`))
  if (!kind) errors.push(required(`${path}.kind`))
  if (!apiGroup && kind !== 'PersistentVolumeClaim') errors.push(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  if (apiGroup) for (const sentence of dns1123Subdomain(apiGroup)) errors.push(invalid(`${path}.apiGroup`, apiGroup, sentence))
}

export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((field) => {
    const amount = resources?.[field]?.['storage']
    return amount !== undefined && parseQuantity(amount).nano % 1_000_000_000n !== 0n ? [`${path}.resources.${field}[storage]: fractional byte value "${amount}" is invalid, must be an integer`] : []
  })
}
