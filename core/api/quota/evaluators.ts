/** The evaluator of each kind, and which quotas cover an object. Upstream: pkg/quota/v1/evaluator/core/registry.go, generic/evaluator.go. */
import { type Amounts, one } from '../amounts.ts'
import { qualifiedResource } from '../kind.ts'
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../types/core.ts'
import { claimEvaluator } from './claim-evaluator.ts'
import { deviceClaimEvaluator } from './device-claim-evaluator.ts'
import type { Countable, Evaluator } from './evaluator.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { serviceEvaluator } from './service-evaluator.ts'

export interface QuotaKind {
  readonly kind: string
  readonly group: string
  readonly plural: string
}

export function evaluatorOf(kind: QuotaKind): Evaluator {
  switch (qualifiedResource(kind)) {
    case 'pods':
      return podEvaluator
    case 'services':
      return serviceEvaluator
    case 'persistentvolumeclaims':
      return claimEvaluator
    case 'resourceclaims.resource.k8s.io':
      return deviceClaimEvaluator
    default:
      return countEvaluator(kind)
  }
}

/** Names from before every kind could be counted. */
const aliased: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])

function countEvaluator(kind: QuotaKind): Evaluator {
  const resource = qualifiedResource(kind)
  const usage: Amounts = { [`count/${resource}`]: one, ...(aliased.has(resource) ? { [resource]: one } : {}) }
  return { kind: kind.kind, counts: (name) => Object.hasOwn(usage, name), usage: () => usage, inScope: () => false, charges: () => false }
}

/** Scopes and scope selector as one list of demands; all must hold. */
export const demandsOf = ({ scopes = [], scopeSelector }: ResourceQuotaSpec): readonly ScopedResourceSelectorRequirement[] => [
  ...scopes.map((scopeName): ScopedResourceSelectorRequirement => ({ scopeName, operator: 'Exists' })),
  ...(scopeSelector?.matchExpressions ?? []),
]

export const isCovered = ({ spec }: Pick<ResourceQuota, 'spec'>, evaluator: Evaluator, object: Countable): boolean => demandsOf(spec).every((demand) => evaluator.inScope(demand, object))
