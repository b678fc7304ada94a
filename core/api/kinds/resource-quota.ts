/** ResourceQuota. Upstream: pkg/registry/core/resourcequota/strategy.go, pkg/apis/core/validation (ValidateResourceQuota). */
import { equal } from '../../base/json.ts'
import { type FieldError, invalid, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { immutableMessage } from '../object-meta.ts'
import { isQuotaName, quotaAmountErrors, quotaNameErrors } from '../resource-names.ts'
import type { ResourceQuota, ResourceQuotaSpec } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const resourceQuota = defineKind<ResourceQuota>({
  kind: 'ResourceQuota',
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  tracksGeneration: false,
  deleteReturnsObject: true,
  subresources: { status: true },
  prepareForCreate(draft) {
    draft.status = {}
  },
  validate: ({ spec }) => [...amounts(spec.hard, 'spec.hard'), ...scopes(spec), ...scopeSelector(spec)],
  validateUpdate({ spec }, old) {
    const sorted = (list: readonly string[] = []) => [...new Set(list)].sort()
    return equal(sorted(spec.scopes), sorted(old.spec.scopes)) ? [] : [invalid('spec.scopes', spec.scopes ?? null, immutableMessage)]
  },
  validateStatusUpdate: ({ status }) => [...amounts(status.hard, 'status.hard'), ...amounts(status.used, 'status.used')],

  columns: [
    nameColumn,
    { name: 'Request', type: 'string', description: 'Request represents a minimum amount of cpu/memory that a container may consume.', cell: (quota) => usage(quota, false) },
    {
      name: 'Limit',
      type: 'string',
      description: 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
      cell: (quota) => usage(quota, true),
    },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

const usage = ({ status: { hard = {}, used = {} } }: ResourceQuota, limits: boolean): string =>
  Object.keys(hard)
    .sort()
    .filter((name) => name.startsWith('limits.') === limits)
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ')

const amounts = (list: Readonly<Record<string, string>> | undefined, path: string): FieldError[] =>
  Object.entries(list ?? {}).flatMap(([name, amount]) => [...quotaNameErrors(name, `${path}[${name}]`), ...quotaAmountErrors(name, amount, `${path}[${name}]`)])

const podCounts = ['pods']
const podScopes = [...podCounts, 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
/** What a scope can be asked of. */
const scopeResources: Readonly<Record<string, readonly string[]>> = {
  Terminating: podScopes,
  NotTerminating: podScopes,
  NotBestEffort: podScopes,
  PriorityClass: podScopes,
  CrossNamespacePodAffinity: podScopes,
  BestEffort: podCounts,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}
const existsOnly: ReadonlySet<string> = new Set(['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'])
const opposites = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const

const misapplied = (scope: string, { hard = {} }: ResourceQuotaSpec): number =>
  Object.keys(hard).filter((name) => isQuotaName(name) && scopeResources[scope] !== undefined && !scopeResources[scope].includes(name)).length

const conflicting = (found: readonly string[], spec: ResourceQuotaSpec): FieldError[] =>
  opposites.filter((pair) => pair.every((scope) => found.includes(scope))).map(() => invalid('spec.scopes', spec.scopes ?? null, 'conflicting scopes'))

function scopes(spec: ResourceQuotaSpec): FieldError[] {
  const found = spec.scopes ?? []
  const errors: FieldError[] = []
  for (const scope of found) {
    if (scopeResources[scope] === undefined) errors.push(invalid('spec.scopes', found, 'unsupported scope'))
    for (let n = misapplied(scope, spec); n > 0; n--) errors.push(invalid('spec.scopes', found, 'unsupported scope applied to resource'))
  }
  return [...errors, ...conflicting(found, spec)]
}

function scopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  if (!spec.scopeSelector) return []
  const path = 'spec.scopeSelector.matchExpressions'
  const requirements = spec.scopeSelector.matchExpressions ?? []
  const errors: FieldError[] = []
  for (const { scopeName, operator, values = [] } of requirements) {
    if (scopeResources[scopeName] === undefined) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'))
    for (let n = misapplied(scopeName, spec); n > 0; n--) errors.push(invalid(path, spec.scopeSelector, 'unsupported scope applied to resource'))
    if (existsOnly.has(scopeName) && operator !== 'Exists') {
      errors.push(invalid(`${path}.operator`, operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"))
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"))
    } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  return [...errors, ...conflicting(requirements.map(({ scopeName }) => scopeName), spec)]
}
