/** CSINode. Upstream: pkg/registry/storage/csinode/strategy.go, pkg/apis/storage/validation. */
import { equal } from '../../base/json.ts'
import { duplicate, type FieldError, invalid, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelKey } from '../names.ts'
import { immutableMessage } from '../object-meta.ts'
import type { CSINode, CSINodeDriver } from '../types/storage.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { nonNegative } from './parts/non-negative.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateDriverName } from './storage/validate-volume-source.ts'

const longestNodeId = 256

export const csiNode = defineKind<CSINode>({
  kind: 'CSINode',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csinodes',
  singular: 'csinode',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.CSINode',
  tracksGeneration: false,
  deleteReturnsObject: true,
  requiresRevisionOnUpdate: true,
  subresources: {},

  validate({ spec }) {
    const errors: FieldError[] = []
    const drivers = spec.drivers ?? []
    for (const [i, driver] of drivers.entries()) {
      validateDriver(driver, `spec.drivers[${i}]`, errors)
      if (drivers.findIndex(({ name }) => name === driver.name) < i) errors.push(duplicate(`spec.drivers[${i}].name`, driver.name))
      validateTopology(driver, `spec.drivers[${i}]`, errors)
    }
    return errors
  },
  validateUpdate({ spec }, { spec: old }) {
    const errors: FieldError[] = []
    const fixed = ({ allocatable: _, ...driver }: CSINodeDriver) => driver
    for (const before of old.drivers ?? []) {
      for (const driver of spec.drivers ?? []) if (driver.name === before.name && !equal(fixed(driver), fixed(before))) errors.push(invalid('spec.drivers', fixed(driver), immutableMessage))
    }
    return errors
  },

  columns: [nameColumn, { name: 'Drivers', type: 'integer', cell: ({ spec }) => spec.drivers?.length ?? 0 }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => [...ownerRefs(metadata), { how: 'about', to: { kind: 'Node', name: metadata.name } }],
})

function validateDriver({ name, nodeID, allocatable }: CSINodeDriver, path: string, errors: FieldError[]): void {
  validateDriverName(name, `${path}.name`, errors)
  if (nodeID === '') errors.push(required(`${path}.nodeID`))
  if (nodeID.length > longestNodeId) errors.push(invalid(`${path}.nodeID`, nodeID, `must be ${longestNodeId} characters or less`))
  nonNegative(allocatable ?? {}, ['count'], `${path}.allocatable`, errors)
}

function validateTopology({ topologyKeys = [] }: CSINodeDriver, path: string, errors: FieldError[]): void {
  for (const [i, key] of topologyKeys.entries()) {
    if (key === '') errors.push(required(path))
    if (topologyKeys.indexOf(key) < i) errors.push(duplicate(path, key))
    for (const sentence of labelKey(key)) errors.push(invalid(path, key, sentence))
  }
}
