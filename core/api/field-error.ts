/**
 * One finding of validation, in upstream's words (apimachinery/pkg/util/validation/field/errors.go).
 * `field` is a path such as `spec.containers[0].image`.
 */
export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

export interface FieldError {
  type: FieldErrorType
  field: string
  /** The sentence without the field, e.g. `Required value` or `Invalid value: "A": must be lower case`. */
  message: string
}

const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : value === undefined || value === null ? 'null' : JSON.stringify(value))
const withDetail = (head: string, detail: string | undefined) => (detail === undefined || detail === '' ? head : `${head}: ${detail}`)

export const required = (field: string, detail?: string): FieldError => ({ type: 'FieldValueRequired', field, message: withDetail('Required value', detail) })
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({ type: 'FieldValueInvalid', field, message: withDetail(`Invalid value: ${show(value)}`, detail) })
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: withDetail(`Unsupported value: ${show(value)}`, supported.length === 0 ? undefined : `supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`),
})
export const duplicate = (field: string, value: unknown): FieldError => ({ type: 'FieldValueDuplicate', field, message: `Duplicate value: ${show(value)}` })
export const forbidden = (field: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) })
export const notFound = (field: string, value: unknown): FieldError => ({ type: 'FieldValueNotFound', field, message: `Not found: ${show(value)}` })
export const tooLong = (field: string, maxBytes: number): FieldError => ({ type: 'FieldValueTooLong', field, message: `Too long: may not be more than ${maxBytes} bytes` })
export const tooMany = (field: string, actual: number, max: number): FieldError => ({ type: 'FieldValueTooMany', field, message: `Too many: ${actual}: must have at most ${max} items` })
