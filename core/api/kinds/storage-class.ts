/** StorageClass. Upstream: pkg/registry/storage/storageclass/strategy.go, pkg/apis/storage/{validation,v1/defaults.go}. */
import { equal } from '../../base/json.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelKey } from '../names.ts'
import { immutableMessage } from '../object-meta.ts'
import type { TopologySelectorTerm } from '../types/core.ts'
import type { StorageClass } from '../types/storage.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { isDefaultClass } from './storage/names.ts'
import { topologyWarnings } from './storage/node-label-warnings.ts'
import { validateParameters, validateProvisioner } from './storage/validate-class.ts'

export const storageClass = defineKind<StorageClass>({
  kind: 'StorageClass',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.StorageClass',
  tracksGeneration: false,
  deleteReturnsObject: true,
  subresources: {},

  default(draft) {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate,
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const) {
      if (!equal(object[field] ?? {}, old[field] ?? {})) errors.push(invalid(field, object[field] ?? null, immutableMessage))
    }
    return errors
  },
  warnings: ({ allowedTopologies = [] }) => allowedTopologies.flatMap((term, i) => topologyWarnings(term.matchLabelExpressions, `allowedTopologies[${i}].matchLabelExpressions`)),

  columns: [
    { ...nameColumn, cell: (object) => `${object.metadata.name}${isDefaultClass(object) ? ' (default)' : ''}` },
    { name: 'Provisioner', type: 'string', cell: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', cell: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete' },
    { name: 'VolumeBindingMode', type: 'string', cell: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate' },
    { name: 'AllowVolumeExpansion', type: 'string', cell: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function validate({ provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies = [] }: StorageClass): FieldError[] {
  const errors: FieldError[] = []
  validateProvisioner(provisioner, 'provisioner', errors)
  validateParameters(parameters, true, 'parameters', errors)
  if (reclaimPolicy && reclaimPolicy !== 'Delete' && reclaimPolicy !== 'Retain') errors.push(notSupported('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']))
  if (volumeBindingMode === undefined) errors.push(required('volumeBindingMode'))
  else if (volumeBindingMode !== 'Immediate' && volumeBindingMode !== 'WaitForFirstConsumer') errors.push(notSupported('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']))
  const earlier: Record<string, readonly string[]>[] = []
  for (const [i, term] of allowedTopologies.entries()) {
    const at = `allowedTopologies[${i}]`
    const values = validateTerm(term, at, errors)
    if (earlier.some((other) => equal(other, values))) errors.push(duplicate(`${at}.matchLabelExpressions`, ''))
    earlier.push(values)
  }
  return errors
}

function validateTerm({ matchLabelExpressions = [] }: TopologySelectorTerm, path: string, errors: FieldError[]): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {}
  for (const [i, { key, values = [] }] of matchLabelExpressions.entries()) {
    const at = `${path}.matchLabelExpressions[${i}]`
    if (values.length === 0) errors.push(required(`${at}.values`))
    for (const [j, value] of values.entries()) if (values.indexOf(value) < j) errors.push(duplicate(`${at}.values[${j}]`, value))
    for (const sentence of labelKey(key)) errors.push(invalid(`${at}.key`, key, sentence))
    if (key in found) errors.push(duplicate(`${at}.key`, key))
    found[key] = [...new Set(values)].sort()
  }
  return found
}
