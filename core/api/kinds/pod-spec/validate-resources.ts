/** Validation of requests and limits. Upstream: pkg/apis/core/validation, validateResourceRequirements. */
import { type FieldError, forbidden, invalid, required } from '../../field-error.ts'
import { labelKey } from '../../names.ts'
import { compareQuantities, parseQuantity } from '../../quantity.ts'
import { containerResourceNameErrors, mayOvercommit } from '../../resource-names.ts'
import type { ResourceRequirements } from '../../types/core.ts'

const isHugePages = (name: string) => name.startsWith('hugepages-')

export function validateResources(resources: ResourceRequirements | undefined, path: string, errors: FieldError[]): void {
  const { limits = {}, requests = {} } = resources ?? {}
  for (const name in limits) validateAmount(name, limits[name]!, `${path}.limits[${name}]`, errors)
  for (const name in requests) {
    const request = requests[name]!
    const limit = limits[name]
    validateAmount(name, request, `${path}.requests[${name}]`, errors)
    if (limit !== undefined) {
      const order = compareQuantities(request, limit)
      if (order !== 0 && !mayOvercommit(name)) errors.push(invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`))
      else if (order > 0) errors.push(invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`))
    } else if (!mayOvercommit(name)) errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
  }
  const all = [...Object.keys(limits), ...Object.keys(requests)]
  if (all.some(isHugePages) && !all.includes('cpu') && !all.includes('memory')) errors.push(forbidden(path, 'HugePages require cpu or memory'))
}

function validateAmount(name: string, amount: string, path: string, errors: FieldError[]): void {
  validateContainerResourceName(name, path, errors)
  const { nano } = parseQuantity(amount)
  if (nano < 0n) errors.push(invalid(path, amount, 'must be greater than or equal to 0'))
  if (name === 'pods' || !mayOvercommit(name)) if (nano % 1_000_000_000n !== 0n) errors.push(invalid(path, amount, 'must be an integer'))
}

export const validateContainerResourceName = (name: string, path: string, errors: FieldError[]): void => void errors.push(...containerResourceNameErrors(name, path))

/** Amounts of a node: each a standard or extended resource, not negative. */
export function validateNodeResources(resources: Readonly<Record<string, string>> | undefined, path: string, errors: FieldError[]): void {
  for (const name in resources) {
    for (const sentence of labelKey(name)) errors.push(invalid(`${path}.${name}`, name, sentence))
    const { nano } = parseQuantity(resources[name]!)
    if (nano < 0n) errors.push(invalid(`${path}.${name}`, resources[name], 'must be greater than or equal to 0'))
  }
}

