/** Secret. `stringData` is for writing only: it is merged into `data` and never stored. Upstream: pkg/apis/core/validation, ValidateSecret. */
import { equal } from '../../base/json.ts'
import { decodeUtf8Base64, encodeUtf8Base64 } from '../base64.ts'
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { configMapKey } from '../names.ts'
import type { Secret } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { base64Bytes, maxDataBytes } from './parts/data-size.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const sealed = 'field is immutable when `immutable` is set'
const accountName = 'kubernetes.io/service-account.name'

export const secret = defineKind<Secret>({
  kind: 'Secret',
  group: '',
  version: 'v1',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.Secret',
  tracksGeneration: false,
  subresources: {},

  default(draft) {
    for (const [key, value] of Object.entries(draft.stringData ?? {})) (draft.data ??= {})[key] = encodeUtf8Base64(value)
    delete draft.stringData
    draft.type ??= 'Opaque'
  },
  validate: validateSecret,
  validateUpdate(object, old) {
    const errors = immutable('type', object.type, old.type)
    if (old.immutable) {
      if (!object.immutable) errors.push(forbidden('immutable', sealed))
      if (!equal(object.data, old.data)) errors.push(forbidden('data', sealed))
    }
    return errors
  },

  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: ({ type }) => type ?? '' },
    { name: 'Data', type: 'string', cell: ({ data }) => Object.keys(data ?? {}).length },
    ageColumn,
  ],
  selectableFields: { type: ({ type }) => type ?? '' },
  refs: ({ metadata }) => [
    ...ownerRefs(metadata),
    ...(metadata.annotations?.[accountName] === undefined ? [] : [{ how: 'about', to: { kind: 'ServiceAccount', namespace: metadata.namespace ?? '', name: metadata.annotations[accountName] } } as const]),
  ],
})

function validateSecret({ metadata, type, data = {} }: Secret): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const key in data) {
    for (const sentence of configMapKey(key)) errors.push(invalid(`data[${key}]`, key, sentence))
    size += base64Bytes(data[key]!)
  }
  if (size > maxDataBytes) errors.push(tooLong('data', maxDataBytes))
  const demand = (...keys: string[]) => {
    for (const key of keys) if (data[key] === undefined) errors.push(required(`data[${key}]`))
  }
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[accountName]) errors.push(required(`metadata.annotations[${accountName}]`))
      break
    case 'kubernetes.io/dockercfg':
      validateJson(data, '.dockercfg', errors)
      break
    case 'kubernetes.io/dockerconfigjson':
      validateJson(data, '.dockerconfigjson', errors)
      break
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) demand('username', 'password')
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]'))
      break
    case 'kubernetes.io/tls':
      demand('tls.crt', 'tls.key')
      break
  }
  return errors
}

function validateJson(data: Readonly<Record<string, string>>, key: string, errors: FieldError[]): void {
  const value = data[key]
  if (value === undefined) return void errors.push(required(`data[${key}]`))
  const refuse = (why: string) => errors.push(invalid(`data[${key}]`, '<secret contents redacted>', why))
  try {
    const parsed: unknown = JSON.parse(decodeUtf8Base64(value))
    if (typeof parsed !== 'object' || Array.isArray(parsed)) refuse(`json: cannot unmarshal ${Array.isArray(parsed) ? 'array' : typeof parsed} into Go value of type map[string]interface {}`)
  } catch {
    refuse(value === '' ? 'unexpected end of JSON input' : 'invalid JSON')
  }
}
