/** Counts and seconds that may be 0 but not less. Upstream: apimachinery/pkg/api/validation, ValidateNonnegativeField. */
import { type FieldError, invalid } from '../../field-error.ts'

export function nonNegative(holder: object, names: readonly string[], path: string, errors: FieldError[]): void {
  for (const name of names) {
    const value: unknown = (holder as { [field: string]: unknown })[name]
    if (typeof value === 'number' && value < 0) errors.push(invalid(path === '' ? name : `${path}.${name}`, value, 'must be greater than or equal to 0'))
  }
}
