/** The error that names who owns what an apply wants (upstream: managedfields/internal/conflict.go). */
import { ApiError } from '../../api/status.ts'
import { pathsOf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import type { Manager } from './managers.ts'

export interface Conflict {
  readonly manager: Manager
  readonly fields: FieldSet
}

export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const named = conflicts
    .map(({ manager, fields }) => ({ name: nameOf(manager), paths: pathsOf(fields) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const all = named.flatMap(({ name, paths }) => paths.map((path) => ({ name, path })))
  const message =
    all.length === 1
      ? `Apply failed with 1 conflict: conflict with ${all[0]!.name}: ${all[0]!.path}`
      : `Apply failed with ${all.length} conflicts: ${named.map(({ name, paths }) => `conflicts with ${name}:\n${paths.map((path) => `- ${path}`).join('\n')}`).join('\n')}`
  return new ApiError('Conflict', message, {
    causes: all.map(({ name, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field: path })),
  })
}

function nameOf({ manager, operation, apiVersion, subresource }: Manager): string {
  const quoted = `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`
  return operation === 'Update' ? `${quoted} using ${apiVersion}` : quoted
}
