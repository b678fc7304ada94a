/** CSIStorageCapacity. Upstream: pkg/registry/storage/csistoragecapacity/strategy.go, pkg/apis/storage/validation. */
import { type FieldError, invalid } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { validateLabelSelector } from '../label-selector.ts'
import { dns1123Subdomain } from '../names.ts'
import { parseQuantity } from '../quantity.ts'
import type { CSIStorageCapacity } from '../types/storage.ts'
import { nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { classRef } from './persistent-volume.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  kind: 'CSIStorageCapacity',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.storage.v1.CSIStorageCapacity',
  tracksGeneration: false,
  requiresRevisionOnUpdate: true,
  subresources: {},

  validate({ nodeTopology, storageClassName, capacity }) {
    const errors: FieldError[] = [...validateLabelSelector(nodeTopology, 'nodeTopology')]
    for (const sentence of dns1123Subdomain(storageClassName)) errors.push(invalid('storageClassName', storageClassName, sentence))
    if (capacity !== undefined && parseQuantity(capacity).nano < 0n) errors.push(invalid('capacity', capacity, 'must be greater than or equal to 0'))
    return errors
  },
  validateUpdate: (object, old) => [
    ...immutable('nodeTopology', object.nodeTopology, old.nodeTopology),
    ...immutable('storageClassName', object.storageClassName, old.storageClassName),
  ],

  columns: [
    nameColumn,
    // The real server has a printer for these, and does not use it.
    { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
  selectableFields: {},
  refs: ({ metadata, storageClassName }) => [...ownerRefs(metadata), ...classRef(storageClassName)],
})
