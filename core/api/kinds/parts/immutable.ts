/** Fields that stay as they were made. Upstream: apimachinery/pkg/api/validation, ValidateImmutableField. */
import { equal } from '../../../base/json.ts'
import { type FieldError, invalid } from '../../field-error.ts'
import { immutableMessage } from '../../object-meta.ts'

export const immutable = (path: string, value: unknown, old: unknown): FieldError[] => (equal(value, old) ? [] : [invalid(path, value, immutableMessage)])
