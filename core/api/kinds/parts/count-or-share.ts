/** A number of Pods or a share of them, as update strategies have it. Upstream: pkg/apis/apps/validation, ValidatePositiveIntOrPercent. */
import { type FieldError, invalid } from '../../field-error.ts'
import type { IntOrString } from '../../int-or-percent.ts'
import { percent } from '../../names.ts'

export function countOrShare(value: IntOrString, path: string, errors: FieldError[]): void {
  if (typeof value === 'string') for (const sentence of percent(value)) errors.push(invalid(path, value, sentence))
  else if (value < 0) errors.push(invalid(path, value, 'must be greater than or equal to 0'))
}

export function notAboveAll(value: IntOrString, path: string, errors: FieldError[]): void {
  if (typeof value === 'string' && amount(value) > 100) errors.push(invalid(path, value, 'must not be greater than 100%'))
}

/** The number, or the number before the percent sign; 0 where it is neither. */
export const amount = (value: IntOrString): number => (typeof value === 'number' ? value : percent(value).length > 0 ? 0 : Number(value.slice(0, -1)))
