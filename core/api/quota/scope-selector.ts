/** One demand of a scope selector on a value (upstream: pkg/apis/core/v1/helper, ScopedResourceSelectorRequirementsAsSelector). */
import type { ScopedResourceSelectorRequirement } from '../types/core.ts'

/** `value` is undefined where the object has none. */
export function selects({ operator, values = [] }: ScopedResourceSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}
