/** Validation of a Pod's volumes. Returns the names of sound ones, which mounts may use. Upstream: pkg/apis/core/validation, ValidateVolumes. */
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { parseQuantity } from '../../quantity.ts'
import type { DownwardAPIVolumeFile, KeyToPath, ObjectFieldSelector, ProjectedVolumeSource, ResourceFieldSelector, Volume } from '../../types/core.ts'
import { validateLabels } from '../../label-selector.ts'
import { dns1123Label, labelKey } from '../../names.ts'
import { validateAnnotations } from '../../object-meta.ts'
import { validateClaimSpec } from '../storage/claim-spec.ts'

const modeMessage = 'must be a number between 0 and 0777 (octal), both inclusive'
export const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
const sourceKeys = (volume: Volume) => Object.keys(volume).filter((key) => key !== 'name') as (keyof Volume)[]

export function validateVolumes(volumes: readonly Volume[], path: string, errors: FieldError[]): Set<string> {
  const names = new Set<string>()
  for (const [i, volume] of volumes.entries()) {
    const at = `${path}[${i}]`
    const found: FieldError[] = []
    validateSource(volume, at, found)
    if (volume.name === '') found.push(required(`${at}.name`))
    else for (const sentence of dns1123Label(volume.name)) found.push(invalid(`${at}.name`, volume.name, sentence))
    if (names.has(volume.name)) found.push(duplicate(`${at}.name`, volume.name))
    if (found.length === 0) names.add(volume.name)
    errors.push(...found)
  }
  return names
}

function validateSource(volume: Volume, path: string, errors: FieldError[]): void {
  const sources = sourceKeys(volume)
  if (sources.length === 0) errors.push(required(path, 'must specify a volume type'))
  for (const extra of sources.slice(1)) errors.push(forbidden(`${path}.${extra}`, 'may not specify more than 1 volume type'))
  const { emptyDir, hostPath, secret, configMap, downwardAPI, projected, nfs, persistentVolumeClaim, image, csi } = volume
  if (emptyDir?.sizeLimit !== undefined && parseQuantity(emptyDir.sizeLimit).nano < 0n) errors.push(forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'))
  if (hostPath) {
    if (hostPath.path === '') errors.push(required(`${path}.hostPath.path`))
    else {
      noBacksteps(hostPath.path, `${path}.hostPath.path`, errors)
      if (!hostPathTypes.includes(hostPath.type ?? '')) errors.push(notSupported(`${path}.hostPath.type`, hostPath.type, hostPathTypes))
    }
  }
  if (secret) {
    if (!secret.secretName) errors.push(required(`${path}.secret.secretName`))
    checkMode(secret.defaultMode, `${path}.secret.defaultMode`, errors)
    for (const [i, item] of (secret.items ?? []).entries()) validateItem(item, `${path}.secret.items[${i}]`, errors)
  }
  if (configMap) {
    if (!configMap.name) errors.push(required(`${path}.configMap.name`))
    checkMode(configMap.defaultMode, `${path}.configMap.defaultMode`, errors)
    for (const [i, item] of (configMap.items ?? []).entries()) validateItem(item, `${path}.configMap.items[${i}]`, errors)
  }
  if (downwardAPI) {
    checkMode(downwardAPI.defaultMode, `${path}.downwardAPI.defaultMode`, errors)
    for (const item of downwardAPI.items ?? []) validateDownwardFile(item, `${path}.downwardAPI`, errors)
  }
  if (projected) validateProjected(projected, `${path}.projected`, errors)
  if (nfs) {
    if (nfs.server === '') errors.push(required(`${path}.nfs.server`))
    if (nfs.path === '') errors.push(required(`${path}.nfs.path`))
    else if (!nfs.path.startsWith('/')) errors.push(invalid(`${path}.nfs.path`, nfs.path, 'must be an absolute path'))
  }
  if (persistentVolumeClaim?.claimName === '') errors.push(required(`${path}.persistentVolumeClaim.claimName`))
  if (image && !image.reference) errors.push(required(`${path}.image.reference`))
  if (csi?.driver === '') errors.push(required(`${path}.csi.driver`))
  if (volume.ephemeral) {
    const template = volume.ephemeral.volumeClaimTemplate
    if (!template) errors.push(required(`${path}.ephemeral.volumeClaimTemplate`))
    else {
      const at = `${path}.ephemeral.volumeClaimTemplate.metadata`
      errors.push(...validateAnnotations(template.metadata?.annotations, `${at}.annotations`), ...validateLabels(template.metadata?.labels, `${at}.labels`))
      for (const field in template.metadata) if (field !== 'annotations' && field !== 'labels') errors.push(forbidden(`${at}.${field}`, 'cannot be set'))
      validateClaimSpec(template.spec ?? {}, `${path}.ephemeral.volumeClaimTemplate.spec`, errors)
    }
  }
}

function validateProjected(projected: ProjectedVolumeSource, path: string, errors: FieldError[]): void {
  checkMode(projected.defaultMode, `${path}.defaultMode`, errors)
  const taken = new Set<string>()
  const take = (target: string, shown: string | undefined) => {
    if (target === '') return
    if (taken.has(target)) errors.push(invalid(path, shown, 'conflicting duplicate paths'))
    taken.add(target)
  }
  for (const [i, source] of (projected.sources ?? []).entries()) {
    const at = `${path}.sources[${i}]`
    const { secret, configMap, downwardAPI, serviceAccountToken } = source
    for (const [name, projection] of [['secret', secret], ['configMap', configMap]] as const) {
      if (!projection) continue
      if (!projection.name) errors.push(required(`${at}.${name}.name`))
      for (const [j, item] of (projection.items ?? []).entries()) {
        validateItem(item, `${at}.${name}.items[${j}]`, errors)
        take(item.path, projection.name)
      }
    }
    for (const item of downwardAPI?.items ?? []) {
      validateDownwardFile(item, `${at}.downwardAPI`, errors)
      take(item.path, item.path)
    }
    if (serviceAccountToken) {
      const seconds = serviceAccountToken.expirationSeconds ?? 3600
      if (seconds < 600) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
      if (seconds > 2 ** 32) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
      if (serviceAccountToken.path === '') errors.push(required(`${path}.path`))
      else localPath(serviceAccountToken.path, `${path}.path`, errors)
    }
    if (Object.keys(source).length > 1) errors.push(forbidden(at, 'may not specify more than 1 volume type per source'))
  }
}

function validateItem(item: KeyToPath, path: string, errors: FieldError[]): void {
  if (item.key === '') errors.push(required(`${path}.key`))
  if (item.path === '') errors.push(required(`${path}.path`))
  localPath(item.path, `${path}.path`, errors)
  checkMode(item.mode, `${path}.mode`, errors)
}

const volumeFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string, errors: FieldError[]): void {
  if (file.path === '') errors.push(required(`${path}.path`))
  localPath(file.path, `${path}.path`, errors)
  if (file.fieldRef) {
    validateFieldRef(file.fieldRef, volumeFields, `${path}.fieldRef`, errors)
    if (file.resourceFieldRef) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (file.resourceFieldRef) validateResourceFieldRef(file.resourceFieldRef, `${path}.resourceFieldRef`, true, errors)
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  checkMode(file.mode, `${path}.mode`, errors)
}

const knownFields = new Set([
  'metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.restartPolicy',
  'spec.serviceAccountName', 'spec.schedulerName', 'status.phase', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs', 'spec.host',
])

export function validateFieldRef(ref: ObjectFieldSelector, supported: readonly string[], path: string, errors: FieldError[]): void {
  if (ref.apiVersion === '') return void errors.push(required(`${path}.apiVersion`))
  if (ref.fieldPath === '') return void errors.push(required(`${path}.fieldPath`))
  const subscripted = /^([^[]+)\['([^']*)'\]$/.exec(ref.fieldPath)
  const field = subscripted ? subscripted[1]! : ref.fieldPath
  if (ref.apiVersion !== undefined && ref.apiVersion !== 'v1') return void errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: unsupported pod version: ${ref.apiVersion}`))
  if (subscripted) {
    if (field === 'metadata.annotations' || field === 'metadata.labels') {
      const key = field === 'metadata.annotations' ? subscripted[2]!.toLowerCase() : subscripted[2]!
      for (const sentence of labelKey(key)) errors.push(invalid(path, key, sentence))
    } else if (knownFields.has(field)) errors.push(invalid(path, field, 'does not support subscript'))
    else errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: field label does not support subscript: ${ref.fieldPath}`))
  } else if (!knownFields.has(field)) errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: field label not supported: ${field}`))
  else if (!supported.includes(field)) errors.push(notSupported(`${path}.fieldPath`, field, supported))
}

const resourceFields = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
const byteUnits = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const divisors = {
  cpu: { units: ['1m', '1'], what: 'cpu' },
  memory: { units: byteUnits, what: 'memory' },
  'ephemeral-storage': { units: byteUnits, what: 'local ephemeral storage' },
}

export function validateResourceFieldRef(ref: ResourceFieldSelector, path: string, inVolume: boolean, errors: FieldError[]): void {
  if (inVolume && !ref.containerName) errors.push(required(`${path}.containerName`))
  else if (ref.resource === '') errors.push(required(`${path}.resource`))
  else if (!resourceFields.includes(ref.resource) && !/^(requests|limits)\.hugepages-/.test(ref.resource)) errors.push(notSupported(`${path}.resource`, ref.resource, resourceFields))
  const divisor = divisors[ref.resource.slice(ref.resource.indexOf('.') + 1) as keyof typeof divisors]
  const nano = parseQuantity(ref.divisor ?? '0').nano
  if (divisor === undefined || nano === 0n || divisor.units.some((unit) => parseQuantity(unit).nano === nano)) return
  const names = divisor.what === 'cpu' ? '1m and 1' : divisor.units.join(', ')
  errors.push(invalid(`${path}.divisor`, ref.divisor, `only divisor's values ${names} are supported with the ${divisor.what} resource`))
}

function checkMode(mode: number | undefined, path: string, errors: FieldError[]): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0)) errors.push(invalid(path, mode, modeMessage))
}

export function descendingPath(target: string, path: string, errors: FieldError[]): void {
  if (target.startsWith('/')) errors.push(invalid(path, target, 'must be a relative path'))
  noBacksteps(target, path, errors)
}

function localPath(target: string, path: string, errors: FieldError[]): void {
  descendingPath(target, path, errors)
  if (target.startsWith('..') && !target.startsWith('../')) errors.push(invalid(path, target, "must not start with '..'"))
}

export function noBacksteps(target: string, path: string, errors: FieldError[]): void {
  if (target.split('/').includes('..')) errors.push(invalid(path, target, "must not contain '..'"))
}
