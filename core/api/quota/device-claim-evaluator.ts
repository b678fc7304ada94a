/**
 * What ResourceClaims use of a quota: their number, and the devices they may get, by class. Of alternatives the worst counts,
 * and "all there are" counts as the most that one claim can be given. Upstream: pkg/quota/v1/evaluator/core/resource_claims.go.
 */
import { one, plus, whole, zero } from '../amounts.ts'
import type { Quantity } from '../quantity.ts'
import type { ResourceClaim } from '../types/resource.ts'
import type { Evaluator } from './evaluator.ts'

const countName = 'count/resourceclaims.resource.k8s.io'
const byClass = '.deviceclass.resource.k8s.io/devices'
/** Upstream: AllocationResultsMaxSize. */
const mostDevices = 32

export const deviceClaimEvaluator: Evaluator = {
  kind: 'ResourceClaim',
  counts: (name) => name === countName || name.endsWith(byClass),
  usage(object) {
    const used: Record<string, Quantity> = { [countName]: one }
    const { spec } = object as unknown as ResourceClaim
    for (const { exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
      const most = new Map<string, number>()
      for (const { deviceClassName, allocationMode, count } of firstAvailable.length > 0 ? firstAvailable : exactly ? [exactly] : []) {
        most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, devicesOf(allocationMode, count)))
      }
      for (const [name, devices] of most) if (devices > 0 || exactly) used[name + byClass] = plus(used[name + byClass] ?? zero, whole(devices))
    }
    return used
  },
  inScope: () => false,
  charges: (subresource) => subresource === undefined,
}

const devicesOf = (mode: string | undefined, count = 0): number => (mode === 'ExactCount' ? count : mode === 'All' ? mostDevices : 0)
