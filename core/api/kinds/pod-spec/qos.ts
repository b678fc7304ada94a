/** Quality-of-service class of a Pod. Upstream: pkg/apis/core/v1/helper/qos. */
import { compareQuantities, parseQuantity } from '../../quantity.ts'
import type { PodSpec } from '../../types/core.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'
const counted = ['cpu', 'memory'] as const

export function qosClass(spec: PodSpec): QosClass {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const resources = spec.resources ? [spec.resources] : containers.map((container) => container.resources ?? {})
  let any = false
  let guaranteed = true
  for (const { requests = {}, limits = {} } of resources) {
    for (const name of counted) {
      const [request, limit] = [requests[name], limits[name]]
      if (isSet(request) || isSet(limit)) any = true
      if (!isSet(limit) || (isSet(request) && compareQuantities(request, limit) !== 0)) guaranteed = false
    }
  }
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable'
}

const isSet = (quantity: string | undefined): quantity is string => quantity !== undefined && parseQuantity(quantity).nano > 0n
