/** Quality-of-service class of a Pod. Upstream: pkg/apis/core/v1/helper/qos. */
import { compareQuantities, parseQuantity } from '../../quantity.ts'

type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'
const counted = ['cpu', 'memory'] as const

interface Resources {
  readonly requests?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
}

/** What of a Pod's spec it goes by; the node agent's own, narrower Pod has it too. */
interface Demands {
  readonly containers: readonly { readonly resources?: Resources }[]
  readonly initContainers?: readonly { readonly resources?: Resources }[]
  readonly resources?: Resources
}

export function qosClass(spec: Demands): QosClass {
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
