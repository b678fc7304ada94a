/** The API errors of the generic verbs, in upstream's words (apimachinery/pkg/api/errors/errors.go). */
import type { FieldError } from '../api/field-error.ts'
import { qualifiedResource } from '../api/kind.ts'
import { ApiError } from '../api/status.ts'
import type { StatusDetails } from '../api/status.ts'

export interface Resource {
  readonly group: string
  readonly plural: string
  readonly kind: string
}

const details = (resource: Resource, name: string, kind = resource.plural): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind,
})

export const objectNotFound = (resource: Resource, name: string): ApiError =>
  new ApiError('NotFound', `${qualifiedResource(resource)} "${name}" not found`, details(resource, name))

export const objectExists = (resource: Resource, name: string): ApiError =>
  new ApiError('AlreadyExists', `${qualifiedResource(resource)} "${name}" already exists`, details(resource, name))

export const objectConflict = (resource: Resource, name: string, why: string): ApiError =>
  new ApiError('Conflict', `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`, details(resource, name))

export const objectModified = (resource: Resource, name: string): ApiError =>
  objectConflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again')

export const objectForbidden = (resource: Resource, name: string, why: string, causes?: StatusDetails['causes']): ApiError =>
  new ApiError('Forbidden', `${qualifiedResource(resource)} ${name === '' ? '' : `"${name}" `}is forbidden: ${why}`, {
    ...details(resource, name),
    ...(causes === undefined ? {} : { causes }),
  })

export const badRequest = (message: string): ApiError => new ApiError('BadRequest', message)

export function objectInvalid(kind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError {
  const said = errors.map((error) => `${error.field}: ${error.message}`)
  const unique = [...new Set(said)]
  const head = `${kind.kind}${kind.group === '' ? '' : `.${kind.group}`} "${name}" is invalid`
  return new ApiError('Invalid', `${head}: ${unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((error) => ({ reason: error.type, message: error.message, field: error.field })),
  })
}

export const tooLargeRevision = (requested: string, current: number): ApiError =>
  new ApiError('Timeout', `Timeout: Too large resource version: ${requested}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
