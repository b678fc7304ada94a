/** ControllerRevision. Upstream: pkg/apis/apps/validation. */
import { isObject } from '../../base/json.ts'
import { type FieldError, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { controllerOf } from '../meta.ts'
import type { ControllerRevision } from '../types/apps.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { nonNegative } from './parts/non-negative.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const controllerRevision = defineKind<ControllerRevision>({
  kind: 'ControllerRevision',
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  tracksGeneration: false,
  subresources: {},
  validate(object) {
    const errors: FieldError[] = []
    nonNegative(object, ['revision'], '', errors)
    if (object.data === undefined || object.data === null) errors.push(required('data', 'data is mandatory'))
    else if (!isObject(object.data)) errors.push(required('data', 'data must be a valid JSON object'))
    return errors
  },
  validateUpdate: (object, old) => immutable('data', object.data, old.data),
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', cell: ({ metadata }) => controllerName(metadata) },
    { name: 'Revision', type: 'string', cell: ({ revision }) => revision },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function controllerName(metadata: ControllerRevision['metadata']): string {
  const owner = controllerOf(metadata)
  if (!owner) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
  return `${owner.kind.toLowerCase()}${group.toLowerCase()}/${owner.name}`
}
