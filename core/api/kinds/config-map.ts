/** ConfigMap. Upstream: pkg/apis/core/validation, ValidateConfigMap. */
import { equal } from '../../base/json.ts'
import { type FieldError, forbidden, invalid, tooLong } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { configMapKey } from '../names.ts'
import type { ConfigMap } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { base64Bytes, maxDataBytes, utf8Bytes } from './parts/data-size.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const sealed = 'field is immutable when `immutable` is set'

export const configMap = defineKind<ConfigMap>({
  kind: 'ConfigMap',
  group: '',
  version: 'v1',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.ConfigMap',
  tracksGeneration: false,
  subresources: {},

  validate: validateConfigMap,
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    if (old.immutable) {
      if (!object.immutable) errors.push(forbidden('immutable', sealed))
      if (!equal(object.data, old.data)) errors.push(forbidden('data', sealed))
      if (!equal(object.binaryData, old.binaryData)) errors.push(forbidden('binaryData', sealed))
    }
    return errors
  },

  columns: [nameColumn, { name: 'Data', type: 'string', cell: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const key in data) {
    for (const sentence of configMapKey(key)) errors.push(invalid(`data[${key}]`, key, sentence))
    if (binaryData[key] !== undefined) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += utf8Bytes(data[key]!)
  }
  for (const key in binaryData) {
    for (const sentence of configMapKey(key)) errors.push(invalid(`binaryData[${key}]`, key, sentence))
    size += base64Bytes(binaryData[key]!)
  }
  if (size > maxDataBytes) errors.push(tooLong('[]', maxDataBytes))
  return errors
}
