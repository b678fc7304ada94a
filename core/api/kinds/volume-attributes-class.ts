/** VolumeAttributesClass. Upstream: pkg/registry/storage/volumeattributesclass/strategy.go, pkg/apis/storage/validation. */
import { equal } from '../../base/json.ts'
import { type FieldError, forbidden } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { VolumeAttributesClass } from '../types/storage.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateParameters, validateProvisioner } from './storage/validate-class.ts'

export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  kind: 'VolumeAttributesClass',
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  tracksGeneration: false,
  deleteReturnsObject: true,
  subresources: {},

  validate({ driverName, parameters }) {
    const errors: FieldError[] = []
    validateProvisioner(driverName, 'driverName', errors)
    validateParameters(parameters, false, 'parameters', errors)
    return errors
  },
  validateUpdate: (object, old) => [
    ...(object.driverName === old.driverName ? [] : [forbidden('driverName', 'updates to driverName are forbidden.')]),
    ...(equal(object.parameters, old.parameters) ? [] : [forbidden('parameters', 'updates to parameters are forbidden.')]),
  ],

  columns: [nameColumn, { name: 'DriverName', type: 'string', cell: ({ driverName }) => driverName }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
