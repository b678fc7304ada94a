/**
 * Reads request bodies in Kubernetes' protobuf form (upstream: apimachinery/pkg/runtime/serializer/protobuf): four magic
 * bytes, an envelope that names apiVersion and kind, and the kind's own message. Field numbers are part of the facts file,
 * so no generated code is needed. Clients that prefer protobuf still take their answers as JSON.
 */
import type { Field, FieldType, Model, SchemaFacts } from '../../api/schema/facts.ts'

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00])
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const
const deepest = 100

const isProtobuf = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(magic)

/** Throws an Error for bytes that are no such envelope, or name a kind that the facts do not have. */
export function decodeProtobuf(bytes: Buffer, facts: SchemaFacts): Record<string, unknown> {
  if (!isProtobuf(bytes)) throw new Error('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  let apiVersion = ''
  let kind = ''
  let raw: Buffer = Buffer.alloc(0)
  for (const { number, value } of fieldsOf(bytes.subarray(4))) {
    if (number === 1 && value instanceof Buffer) {
      for (const inner of fieldsOf(value)) {
        if (inner.number === 1) apiVersion = text(inner.value)
        else if (inner.number === 2) kind = text(inner.value)
      }
    } else if (number === 2 && value instanceof Buffer) raw = value
  }
  const model = modelOf(facts, apiVersion, kind)
  if (model === undefined) throw new Error(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`)
  return { apiVersion, kind, ...message(raw, model, 0) }
}

function modelOf(facts: SchemaFacts, apiVersion: string, kind: string): Model | undefined {
  const slash = apiVersion.indexOf('/')
  const group = slash === -1 ? '' : apiVersion.slice(0, slash)
  const version = apiVersion.slice(slash + 1)
  for (const model of facts.models.values()) {
    if (model.goName === kind && model.gvk.some((g) => g.kind === kind && g.group === group && g.version === version)) return model
  }
  // Options travel under the group of the resource that they are about.
  return kind === 'DeleteOptions' ? facts.models.get('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions') : undefined
}

type Wire = Buffer | bigint

function* fieldsOf(bytes: Buffer): Generator<{ number: number; value: Wire }> {
  let at = 0
  const varint = (): bigint => {
    let result = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 63n) throw new Error('unexpected EOF')
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return result
    }
  }
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('unexpected EOF')
    const taken = bytes.subarray(at, at + length)
    at += length
    return taken
  }
  while (at < bytes.length) {
    const key = Number(varint())
    const number = key >>> 3
    switch (key & 7) {
      case wire.varint:
        yield { number, value: varint() }
        break
      case wire.fixed64:
        yield { number, value: take(8) }
        break
      case wire.bytes:
        yield { number, value: take(Number(varint())) }
        break
      case wire.fixed32:
        yield { number, value: take(4) }
        break
      default:
        throw new Error(`proto: illegal wireType ${key & 7}`)
    }
  }
}

/** Structs that JSON spreads among the fields of the one that embeds them, and protobuf keeps as a message under this number. */
const embedded: ReadonlyMap<string, number> = new Map([['VolumeSource', 2], ['PersistentVolumeSource', 2], ['ProbeHandler', 1], ['EphemeralContainerCommon', 1], ['LocalObjectReference', 1]])

/** `of`: only the fields of this embedded struct. */
function message(bytes: Buffer, model: Model, depth: number, of?: string): Record<string, unknown> {
  if (depth > deepest) throw new Error('the message is nested too deeply')
  const byNumber = fieldsByNumber(model, of)
  const result: Record<string, unknown> = {}
  for (const { number, value } of fieldsOf(bytes)) {
    const field = byNumber.get(number)
    if (field === undefined) continue
    if (typeof field === 'string') {
      Object.assign(result, message(asBytes(value), model, depth + 1, field))
      continue
    }
    const { type } = field
    if (type.is === 'list') {
      const list = (result[field.name] ??= []) as unknown[]
      list.push(one(value, type.items, depth))
    } else if (type.is === 'map') {
      const map = (result[field.name] ??= {}) as Record<string, unknown>
      let key = ''
      let entry: unknown = empty(type.values)
      for (const part of fieldsOf(asBytes(value))) {
        if (part.number === 1) key = text(part.value)
        else if (part.number === 2) entry = one(part.value, type.values, depth)
      }
      map[key] = entry
    } else {
      const decoded = one(value, type, depth)
      // Go's generated code writes fields that are not set, as zeros; its JSON leaves them out.
      if (decoded !== undefined && !(field.dropsZero && isZero(decoded))) result[field.name] = decoded
    }
  }
  return result
}

/** Fields, and names of embedded structs. */
function fieldsByNumber(model: Model, of: string | undefined): Map<number, Field | string> {
  const numbers = new Map<number, Field | string>()
  for (const field of model.fields.values()) {
    const struct = field.goPath.slice(0, Math.max(0, field.goPath.lastIndexOf('.')))
    const number = embedded.get(struct)
    if (number !== undefined && struct !== of) numbers.set(number, struct)
    else if ((of === undefined || struct === of) && field.tag !== undefined) numbers.set(field.tag, field)
  }
  return numbers
}

const isZero = (value: unknown) => value === '' || value === 0 || value === false

const empty = (type: FieldType): unknown => (type.is === 'model' ? {} : type.is === 'scalar' && type.scalar !== 'string' && type.scalar !== 'bytes' ? null : '')

function one(value: Wire, type: FieldType, depth: number): unknown {
  if (type.is === 'model') return message(asBytes(value), type.model, depth + 1)
  if (type.is !== 'scalar') throw new Error('a list of lists has no protobuf form')
  switch (type.scalar) {
    case 'string':
      return text(value)
    case 'bytes':
      return asBytes(value).toString('base64')
    case 'boolean':
      return integer(value) !== 0
    case 'int32':
    case 'int64':
      return integer(value)
    case 'double':
      return asBytes(value).readDoubleLE()
    case 'time':
      return instant(asBytes(value), 0)
    case 'micro-time':
      return instant(asBytes(value), 6)
    case 'quantity':
      return text(first(asBytes(value), 1) ?? Buffer.alloc(0))
    case 'int-or-string': {
      const bytes = asBytes(value)
      return integer(first(bytes, 1) ?? 0n) === 1 ? text(first(bytes, 3) ?? Buffer.alloc(0)) : integer(first(bytes, 2) ?? 0n)
    }
    case 'any': {
      const raw = asBytes(first(asBytes(value), 1) ?? Buffer.alloc(0))
      return raw.length === 0 ? undefined : (JSON.parse(raw.toString('utf8')) as unknown)
    }
  }
}

function first(bytes: Buffer, wanted: number): Wire | undefined {
  for (const { number, value } of fieldsOf(bytes)) if (number === wanted) return value
  return undefined
}

/** An empty message is Go's zero time: not set. */
function instant(bytes: Buffer, digits: 0 | 6): string | undefined {
  if (bytes.length === 0) return undefined
  const seconds = integer(first(bytes, 1) ?? 0n)
  const nanos = integer(first(bytes, 2) ?? 0n)
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return digits === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`
}

function asBytes(value: Wire): Buffer {
  if (typeof value === 'bigint') throw new Error('proto: wrong wireType')
  return value
}

const text = (value: Wire): string => asBytes(value).toString('utf8')

function integer(value: Wire): number {
  if (typeof value !== 'bigint') throw new Error('proto: wrong wireType')
  return Number(BigInt.asIntN(64, value))
}
