/** Which names a resource may have where. Upstream: pkg/apis/core/helper/helpers.go, pkg/apis/core/validation (validateResourceName). */
import { type FieldError, invalid } from './field-error.ts'
import { labelKey } from './names.ts'
import { parseQuantity } from './quantity.ts'

const compute = ['cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage']
const counts = ['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers']
const quotaNames: ReadonlySet<string> = new Set([...compute, ...counts, 'requests.storage'])
const integerNames: ReadonlySet<string> = new Set(counts)
const containerNames: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

const isHugePages = (name: string) => name.startsWith('hugepages-')
const isQuotaHugePages = (name: string) => isHugePages(name) || name.startsWith('requests.hugepages-')

/** Of Kubernetes itself, in contrast to what a device vendor names. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
/** Extended resources and huge pages can't be promised twice. */
export const mayOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name)
export const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.') && labelKey(`requests.${name}`).length === 0
export const isQuotaName = (name: string): boolean => quotaNames.has(name) || isQuotaHugePages(name)

export function resourceNameErrors(name: string, path: string): FieldError[] {
  const found = labelKey(name).map((sentence) => invalid(path, name, sentence))
  if (found.length === 0 && !name.includes('/') && !isQuotaName(name) && name !== 'storage') found.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
  return found
}

export function containerResourceNameErrors(name: string, path: string): FieldError[] {
  const found = resourceNameErrors(name, path)
  if (!name.includes('/')) {
    if (!containerNames.has(name) && !isHugePages(name)) found.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtended(name)) found.push(invalid(path, name, "doesn't follow extended resource name standard"))
  return found
}

export function quotaNameErrors(name: string, path: string): FieldError[] {
  const found = resourceNameErrors(name, path)
  if (!name.includes('/') && !isQuotaName(name)) found.push(invalid(path, name, 'must be a standard resource for quota'))
  return found
}

/** Not negative, and whole where the resource is counted. */
export function quotaAmountErrors(name: string, amount: string, path: string): FieldError[] {
  const { nano } = parseQuantity(amount)
  const found: FieldError[] = []
  if (nano < 0n) found.push(invalid(path, amount, 'must be greater than or equal to 0'))
  if ((integerNames.has(name) || isExtended(name)) && nano % 1_000_000_000n !== 0n) found.push(invalid(path, amount, 'must be an integer'))
  return found
}
