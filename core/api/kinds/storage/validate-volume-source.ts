/** Validation of a PersistentVolume's spec: one source, its parts, and where it can be reached from. Upstream: pkg/apis/core/validation, ValidatePersistentVolumeSpec. */
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../field-error.ts'
import { dns1123Label, dns1123Subdomain } from '../../names.ts'
import { parseQuantity } from '../../quantity.ts'
import type { CSIPersistentVolumeSource, PersistentVolumeSpec } from '../../types/core.ts'
import { validateNodeSelector } from '../pod-spec/validate-scheduling.ts'
import { hostPathTypes, noBacksteps } from '../pod-spec/validate-volumes.ts'
import { validateAccessModes, validateVolumeMode } from './validate-access-modes.ts'
import { className } from './claim-spec.ts'
import { amountNotNegative } from './validate-claim.ts'

/** In the order in which upstream looks. */
export const volumeSources = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume',
  'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[]

/** What the network file systems and disks that this cluster does not mount itself must name. */
const needed: Readonly<Record<string, readonly string[]>> = {
  gcePersistentDisk: ['pdName'], awsElasticBlockStore: ['volumeID'], glusterfs: ['endpoints', 'path'], nfs: ['server', 'path'], rbd: ['monitors', 'image'], quobyte: ['registry', 'volume'],
  cephfs: ['monitors'], iscsi: ['targetPortal', 'iqn'], cinder: ['volumeID'], flexVolume: ['driver'], azureFile: ['secretName', 'shareName'], vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'], portworxVolume: ['volumeID'], azureDisk: ['diskName', 'diskURI'], scaleIO: ['gateway', 'system', 'volumeName'], storageos: ['volumeName'],
}
const paths: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' }
const reclaimPolicies = ['Delete', 'Recycle', 'Retain']
const inline = 'in the context of inline volumes'

/** `isInline`: part of a VolumeAttachment, where only the source counts. */
export function validateVolumeSpec(spec: PersistentVolumeSpec, isInline: boolean, path: string, errors: FieldError[]): void {
  const capacity = spec.capacity ?? {}
  if (isInline) {
    if (spec.claimRef) errors.push(forbidden(`${path}.claimRef`, `may not be specified ${inline}`))
    if (Object.keys(capacity).length > 0) errors.push(forbidden(`${path}.capacity`, `may not be specified ${inline}`))
    if (!spec.csi) errors.push(required(`${path}.csi`, `has to be specified ${inline}`))
  }
  validateAccessModes(spec.accessModes, `${path}.accessModes`, undefined, errors)
  if (!isInline) {
    if (Object.keys(capacity).length === 0) errors.push(required(`${path}.capacity`))
    if (capacity['storage'] === undefined || Object.keys(capacity).length > 1) errors.push(notSupported(`${path}.capacity`, spec.capacity, ['storage']))
    for (const [name, amount] of Object.entries(capacity)) {
      amountNotNegative(amount, `${path}.capacity[${name}]`, errors)
      if (parseQuantity(amount).nano <= 0n) errors.push(invalid(`${path}.capacity[${name}]`, amount, 'must be greater than zero'))
    }
  }
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && isInline) {
    if (policy !== 'Retain') errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, `may only be Retain ${inline}`))
  } else if (policy && !reclaimPolicies.includes(policy)) errors.push(notSupported(`${path}.persistentVolumeReclaimPolicy`, policy, reclaimPolicies))
  if (spec.nodeAffinity && isInline) errors.push(forbidden(`${path}.nodeAffinity`, `may not be specified ${inline}`))
  else if (spec.nodeAffinity?.required) validateNodeSelector(spec.nodeAffinity.required, `${path}.nodeAffinity.required`, errors)
  else if (spec.nodeAffinity) errors.push(required(`${path}.nodeAffinity.required`, 'must specify required node constraints'))
  validateSources(spec, path, errors)
  if (policy === 'Recycle' && spec.hostPath && /^\/+\.?$/.test(spec.hostPath.path)) errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"))
  if (spec.storageClassName && isInline) errors.push(forbidden(`${path}.storageClassName`, `may not be specified ${inline}`))
  else className(spec.storageClassName, `${path}.storageClassName`, errors)
  if (isInline) {
    if (spec.volumeMode !== undefined && spec.volumeMode !== 'Filesystem') errors.push(forbidden(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${inline}`))
  } else validateVolumeMode(spec.volumeMode, `${path}.volumeMode`, errors)
  if (spec.volumeAttributesClassName !== undefined) {
    if (spec.volumeAttributesClassName === '') errors.push(required(`${path}.volumeAttributesClassName`, 'an empty string is disallowed'))
    else className(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors)
    if (!spec.csi) errors.push(required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'))
  }
}

function validateSources(spec: PersistentVolumeSpec, path: string, errors: FieldError[]): void {
  let found = 0
  for (const source of volumeSources) {
    if (spec[source] === undefined) continue
    if (found++ > 0 && source !== 'flexVolume') errors.push(forbidden(`${path}.${source}`, 'may not specify more than 1 volume type'))
    else validateSource(spec, source, `${path}.${paths[source] ?? source}`, path, errors)
  }
  if (found === 0) errors.push(required(path, 'must specify a volume type'))
}

function validateSource(spec: PersistentVolumeSpec, source: (typeof volumeSources)[number], at: string, path: string, errors: FieldError[]): void {
  if (source === 'hostPath') {
    const { path: folder, type } = spec.hostPath!
    if (folder === '') return void errors.push(required(`${at}.path`))
    noBacksteps(folder, `${at}.path`, errors)
    if (!hostPathTypes.includes(type ?? '')) errors.push(notSupported(`${at}.type`, type, hostPathTypes))
  } else if (source === 'local') {
    if (spec.local!.path === '') errors.push(required(`${at}.path`))
    else noBacksteps(spec.local!.path, `${at}.path`, errors)
    if (!spec.nodeAffinity) errors.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'))
  } else if (source === 'csi') validateCsi(spec.csi!, at, errors)
  else {
    const parts = spec[source] as unknown as Readonly<Record<string, unknown>>
    for (const field of needed[source] ?? []) {
      const value = parts[field]
      if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) errors.push(required(`${at}.${field}`))
    }
    if (source === 'nfs' && !spec.nfs!.path.startsWith('/')) errors.push(invalid(`${at}.path`, spec.nfs!.path, 'must be an absolute path'))
  }
}

function validateCsi(csi: CSIPersistentVolumeSource, path: string, errors: FieldError[]): void {
  validateDriverName(csi.driver, `${path}.driver`, errors)
  if (csi.volumeHandle === '') errors.push(required(`${path}.volumeHandle`))
  for (const field of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const) {
    const secret = csi[field]
    if (!secret) continue
    if (!secret.name) errors.push(required(`${path}.${field}.name`))
    else for (const sentence of dns1123Subdomain(secret.name)) errors.push(invalid(`${path}.${field}.name`, secret.name, sentence))
    if (!secret.namespace) errors.push(required(`${path}.${field}.namespace`))
    else for (const sentence of dns1123Label(secret.namespace)) errors.push(invalid(`${path}.${field}.namespace`, secret.namespace, sentence))
  }
}

export function validateDriverName(driver: string, path: string, errors: FieldError[]): void {
  if (driver === '') return void errors.push(required(path))
  if (driver.length > 63) errors.push(tooLong(path, 63))
  for (const sentence of dns1123Subdomain(driver.toLowerCase())) errors.push(invalid(path, driver, sentence))
}
