/**
 * The spec of a claim on storage, wherever it stands: PersistentVolumeClaim, StatefulSet's claim templates, ephemeral
 * volumes. Upstream: pkg/apis/core/validation, ValidatePersistentVolumeClaimSpec; pkg/api/persistentvolumeclaim/util.go.
 */
import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import { validateLabelSelector } from '../label-selector.ts'
import { dns1123Label, dns1123Subdomain } from '../names.ts'
import { parseQuantity } from '../quantity.ts'
import type { PersistentVolumeClaimSpec, TypedObjectReference } from '../types/core.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']
const unit = 1_000_000_000n

export function defaultClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string, errors: FieldError[]): void {
  const modes: readonly string[] = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  for (const mode of modes) if (!accessModes.includes(mode)) errors.push(notSupported(`${path}.accessModes`, mode, accessModes))
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))) {
    errors.push(forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  }
  const storage = spec.resources?.requests?.['storage']
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`))
  else if (parseQuantity(storage).nano <= 0n) errors.push(invalid(`${path}.resources[storage]`, storage, 'must be greater than zero'))
  className(spec.storageClassName, `${path}.storageClassName`, errors)
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode)) errors.push(notSupported(`${path}.volumeMode`, spec.volumeMode, volumeModes))
  const { dataSource, dataSourceRef } = spec
  if (dataSource) validateSource(dataSource, `${path}.dataSource`, errors)
  if (dataSourceRef) validateSource(dataSourceRef, `${path}.dataSourceRef`, errors)
  // Upstream shows a path where the value belongs; as JSON it is empty.
  if (dataSource && dataSourceRef?.namespace) errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (dataSource && dataSourceRef && (dataSource.apiGroup !== dataSourceRef.apiGroup || dataSource.kind !== dataSourceRef.kind || dataSource.name !== dataSourceRef.name)) {
    errors.push(invalid(path, {}, 'must match dataSourceRef'))
  }
  className(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors)
}

function className(name: string | undefined, path: string, errors: FieldError[]): void {
  if (name) for (const sentence of dns1123Subdomain(name)) errors.push(invalid(path, name, sentence))
}

function validateSource(source: TypedObjectReference, path: string, errors: FieldError[]): void {
  if (!source.name) errors.push(required(`${path}.name`))
  if (!source.kind) errors.push(required(`${path}.kind`))
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') errors.push(invalid(path, source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  if (source.apiGroup) for (const sentence of dns1123Subdomain(source.apiGroup)) errors.push(invalid(`${path}.apiGroup`, source.apiGroup, sentence))
  if (source.namespace) for (const sentence of dns1123Label(source.namespace)) errors.push(invalid(`${path}.namespace`, source.namespace, sentence))
}

export function claimSpecWarnings(spec: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((which) => {
    const storage = spec.resources?.[which]?.['storage']
    return storage !== undefined && parseQuantity(storage).nano % unit !== 0n
      ? [`${path}.resources.${which}[storage]: fractional byte value "${storage}" is invalid, must be an integer`]
      : []
  })
}
