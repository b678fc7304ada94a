/** LimitRange. Upstream: pkg/registry/core/limitrange/strategy.go, pkg/apis/core/validation (ValidateLimitRange), pkg/apis/core/v1/defaults.go. */
import { duplicate, type FieldError, forbidden, invalid, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelKey } from '../names.ts'
import { compareQuantities, parseQuantity, quantityMilli } from '../quantity.ts'
import { containerResourceNameErrors, mayOvercommit, resourceNameErrors } from '../resource-names.ts'
import type { LimitRange, LimitRangeItem } from '../types/core.ts'
import { createdColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const limitRange = defineKind<LimitRange>({
  kind: 'LimitRange',
  group: '',
  version: 'v1',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.LimitRange',
  tracksGeneration: false,
  subresources: {},
  default({ spec }) {
    for (const item of spec.limits ?? []) if (item.type === 'Container') defaultItem(item)
  },
  validate: ({ spec }) =>
    (spec.limits ?? []).flatMap((item, i, all) => [
      ...typeErrors(item.type, `spec.limits[${i}].type`),
      ...(all.findIndex(({ type }) => type === item.type) < i ? [duplicate(`spec.limits[${i}].type`, item.type)] : []),
      ...itemErrors(item, `spec.limits[${i}]`),
    ]),

  columns: [nameColumn, createdColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

/** Limits follow the maximum, requests the limits, and then the minimum. */
function defaultItem(item: LimitRangeItem): void {
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}

const types = ['Pod', 'Container', 'PersistentVolumeClaim']

function typeErrors(type: string, path: string): FieldError[] {
  const found = labelKey(type).map((sentence) => invalid(path, type, sentence))
  return found.length === 0 && !type.includes('/') && !types.includes(type) ? [invalid(path, type, 'must be a standard limit type or fully qualified')] : found
}

const fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function itemErrors(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = []
  const isPod = item.type === 'Pod'
  const names = new Set<string>()
  for (const field of fields) {
    const amounts = Object.keys(item[field] ?? {})
    if (isPod && (field === 'default' || field === 'defaultRequest')) {
      if (amounts.length > 0) errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"))
      continue
    }
    for (const name of amounts) {
      names.add(name)
      errors.push(...(isPod || item.type === 'Container' ? containerResourceNameErrors : resourceNameErrors)(name, `${path}.${field}[${name}]`))
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    errors.push(required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'))
  }
  for (const name of names) errors.push(...amountErrors(item, isPod, name, path))
  return errors
}

const isAbove = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && compareQuantities(a, b) > 0

function amountErrors(item: LimitRangeItem, isPod: boolean, name: string, path: string): FieldError[] {
  const [min, max, ratio] = [item.min?.[name], item.max?.[name], item.maxLimitRequestRatio?.[name]]
  const limit = isPod ? undefined : item.default?.[name]
  const request = isPod ? undefined : item.defaultRequest?.[name]
  const errors: FieldError[] = []
  const at = (field: string) => `${path}.${field}[${name}]`
  if (isAbove(min, max)) errors.push(invalid(at('min'), min, `min value ${min} is greater than max value ${max}`))
  if (isAbove(min, request)) errors.push(invalid(at('defaultRequest'), request, `min value ${min} is greater than default request value ${request}`))
  if (isAbove(request, max)) errors.push(invalid(at('defaultRequest'), request, `default request value ${request} is greater than max value ${max}`))
  if (isAbove(request, limit)) errors.push(invalid(at('defaultRequest'), request, `default request value ${request} is greater than default limit value ${limit}`))
  if (isAbove(min, limit)) errors.push(invalid(at('default'), min, `min value ${min} is greater than default value ${limit}`))
  if (isAbove(limit, max)) errors.push(invalid(at('default'), max, `default value ${limit} is greater than max value ${max}`))
  if (ratio !== undefined) {
    if (isAbove('1', ratio)) errors.push(invalid(at('maxLimitRequestRatio'), ratio, `ratio ${ratio} is less than 1`))
    if (min !== undefined && max !== undefined) {
      const most = quantityMilli(max) / quantityMilli(min)
      if (quantityMilli(ratio) / 1000 > most) errors.push(invalid(at('maxLimitRequestRatio'), ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`))
    }
  }
  if (!mayOvercommit(name) && limit !== undefined && request !== undefined && parseQuantity(limit).nano !== parseQuantity(request).nano) {
    errors.push(invalid(at('defaultRequest'), request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`))
  }
  return errors
}
