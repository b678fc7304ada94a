/**
 * Decodes an untyped value by a model, in one pass: refuses wrong types with upstream's decoding messages, drops and
 * reports unknown fields, writes quantities, times and bytes in canonical form, drops zero values that Kubernetes never
 * stores and adds the structs that it always does. The input is left alone; the result is a fresh, mutable copy.
 * Upstream: sigs.k8s.io/json, apimachinery/pkg/runtime/serializer/json.
 */
import { clone } from '../../base/json.ts'
import { canonicalQuantity } from '../quantity.ts'
import { ApiError } from '../status.ts'
import type { Field, FieldType, Model, ScalarName } from './facts.ts'
import { canonicalBytes, canonicalMicroTime, canonicalTime } from './scalars.ts'

/** The value is no such object; the message is upstream's, without the sentence around it. */
export class DecodeError extends Error {}

/** A decoding failure as the server answers it. */
export const cannotHandle = (kind: string, version: string, detail: string): ApiError =>
  new ApiError('BadRequest', `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${detail}`)

export interface Decoded {
  value: Record<string, unknown>
  /** Paths such as `spec.containers[0].foo`, in document order. */
  unknown: string[]
}

/** Joins paths of unknown and duplicate fields the way strict decoding and its warnings do. */
export const strictDetail = (unknown: readonly string[], duplicates: readonly string[]): string =>
  [...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`), ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`)].join(', ')

export function decode(model: Model, input: unknown): Decoded {
  const pass = new Pass()
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new DecodeError(`json: cannot unmarshal ${goKind(input)} into Go value of type v1.${model.goName}`)
  }
  const value = pass.struct(model, input as Record<string, unknown>)
  return { value, unknown: pass.unknown }
}

const goKind = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value

/** The path is kept as a stack of fields, keys and indexes and only becomes text when something is wrong. */
class Pass {
  readonly unknown: string[] = []
  readonly #path: (Field | string | number)[] = []

  struct(model: Model, input: Record<string, unknown>): Record<string, unknown> {
    const output: Record<string, unknown> = {}
    const path = this.#path
    for (const key in input) {
      const given = input[key]
      const field = model.fields.get(key)
      if (field === undefined) {
        if (given !== undefined) {
          path.push(key)
          this.unknown.push(this.#fieldPath())
          path.pop()
        }
        continue
      }
      if (given === null || given === undefined) continue
      path.push(field)
      const value = this.value(field.type, given, model, field, field.goType)
      path.pop()
      if (value === undefined || (field.dropsZero && isZero(value))) continue
      output[key] = value
    }
    for (const field of model.completes) if (output[field.name] === undefined) output[field.name] = zeroOf(field.type)
    return output
  }

  value(type: FieldType, given: unknown, model: Model, field: Field, goType: string): unknown {
    switch (type.is) {
      case 'scalar':
        return this.scalar(type.scalar, given, model, goType)
      case 'model':
        if (typeof given !== 'object' || given === null || Array.isArray(given)) throw this.mismatch(given, model, goType)
        return this.struct(type.model, given as Record<string, unknown>)
      case 'list': {
        if (!Array.isArray(given)) throw this.mismatch(given, model, goType)
        const itemType = goType.startsWith('[]') ? goType.slice(2).replace(/^\*/, '') : goType
        const items = new Array<unknown>(given.length)
        for (let i = 0; i < given.length; i++) {
          this.#path.push(i)
          items[i] = given[i] === null || given[i] === undefined ? zeroOf(type.items) : this.value(type.items, given[i], model, field, itemType)
          this.#path.pop()
        }
        return items
      }
      case 'map': {
        if (typeof given !== 'object' || given === null || Array.isArray(given)) throw this.mismatch(given, model, goType)
        const valueType = valueTypeOf(goType)
        const members: Record<string, unknown> = {}
        for (const key in given as Record<string, unknown>) {
          const member = (given as Record<string, unknown>)[key]
          members[key] = member === null || member === undefined ? zeroOf(type.values) : this.value(type.values, member, model, field, valueType)
        }
        return members
      }
    }
  }

  scalar(scalar: ScalarName, given: unknown, model: Model, goType: string): unknown {
    switch (scalar) {
      case 'string':
        if (typeof given !== 'string') throw this.mismatch(given, model, goType)
        return given
      case 'boolean':
        if (typeof given !== 'boolean') throw this.mismatch(given, model, goType)
        return given
      case 'int32':
        return this.integer(given, model, goType, 2_147_483_647)
      case 'int64':
        return this.integer(given, model, goType, 2 ** 63)
      case 'double':
        if (typeof given !== 'number') throw this.mismatch(given, model, goType)
        return given
      case 'int-or-string':
        return typeof given === 'string' ? given : this.integer(given, model, 'int32', 2_147_483_647)
      case 'quantity':
        return refused(() => canonicalQuantity(typeof given === 'string' || typeof given === 'number' ? given : String(given)))
      case 'time':
        if (typeof given !== 'string') throw this.mismatch(given, model, 'string')
        return refused(() => canonicalTime(given))
      case 'micro-time':
        if (typeof given !== 'string') throw this.mismatch(given, model, 'string')
        return refused(() => canonicalMicroTime(given))
      case 'bytes':
        if (typeof given !== 'string') throw this.mismatch(given, model, '[]uint8')
        return refused(() => canonicalBytes(given))
      case 'any':
        return clone(given)
    }
  }

  integer(given: unknown, model: Model, goType: string, limit: number): number {
    if (typeof given !== 'number') throw this.mismatch(given, model, goType)
    if (!Number.isInteger(given) || given > limit || given < -limit - 1) throw this.mismatch(given, model, goType, `number ${given}`)
    return given
  }

  /** Go names the innermost struct, and the way to the field without list indexes and map keys. */
  mismatch(given: unknown, model: Model, goType: string, what = goKind(given)): DecodeError {
    const path = this.#path.flatMap((part) => (typeof part === 'object' ? part.goPath : [])).join('.')
    return new DecodeError(`json: cannot unmarshal ${what} into Go struct field ${model.goName}.${path} of type ${goType}`)
  }

  #fieldPath(): string {
    let text = ''
    for (const part of this.#path) {
      if (typeof part === 'number') text += `[${part}]`
      else {
        const name = typeof part === 'string' ? part : part.name
        text += text === '' ? name : `.${name}`
      }
    }
    return text
  }
}

const valueTypeOf = (goType: string): string => {
  if (goType.startsWith('map[')) return goType.slice(goType.indexOf(']') + 1)
  return goType === 'v1.ResourceList' ? 'resource.Quantity' : goType
}

function refused<T>(convert: () => T): T {
  try {
    return convert()
  } catch (error) {
    if (error instanceof RangeError) throw new DecodeError(error.message)
    throw error
  }
}

function isZero(value: unknown): boolean {
  if (typeof value === 'object') {
    if (Array.isArray(value)) return value.length === 0
    for (const _ in value) return false
    return true
  }
  return value === '' || value === 0 || value === false
}

/** What Go writes for a value that was never set. */
function zeroOf(type: FieldType): unknown {
  if (type.is === 'list') return []
  if (type.is === 'map') return {}
  if (type.is === 'model') {
    const value: Record<string, unknown> = {}
    for (const field of type.model.completes) value[field.name] = zeroOf(field.type)
    return value
  }
  switch (type.scalar) {
    case 'string':
    case 'bytes':
      return ''
    case 'boolean':
      return false
    case 'quantity':
      return '0'
    case 'any':
    case 'time':
    case 'micro-time':
      return null
    default:
      return 0
  }
}
