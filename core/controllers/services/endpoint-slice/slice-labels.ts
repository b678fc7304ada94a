/** The labels that tie a slice to its Service, and tell whose work it is. */
import type { Service } from '../../../api/types/core.ts'
import { isHeadless } from '../service-backends.ts'

export const serviceLabel = 'kubernetes.io/service-name'
export const managerLabel = 'endpointslice.kubernetes.io/managed-by'
export const manager = 'endpointslice-controller.k8s.io'
const headlessLabel = 'service.kubernetes.io/headless'
const reserved: ReadonlySet<string> = new Set([serviceLabel, managerLabel, headlessLabel])

export function labelsOf(service: Service): Record<string, string> {
  const own = Object.fromEntries(Object.entries(service.metadata.labels ?? {}).filter(([label]) => !reserved.has(label)))
  return { ...own, ...(isHeadless(service) ? { [headlessLabel]: '' } : {}), [serviceLabel]: service.metadata.name, [managerLabel]: manager }
}
