/**
 * The structure of the Kubernetes API as data: decodes `facts.json` into models that are linked and compiled once, so
 * that structural checking, server-side apply and strategic merge only follow references on every write.
 */

/** The file's form; `type` is `string`, `int32`, … , `[]T` (list), `{}T` (map) or `#model`. Written by distil.ts. */
export interface FactsFile {
  version: string
  models: Record<string, ModelFacts>
  /** Query parameters: operation (`list`, `create`, `pods/log get`…) → name → JSON type. */
  parameters: Record<string, Record<string, string>>
}
export interface ModelFacts {
  gvk?: string[][]
  mapType?: string
  unions?: unknown
  fields: Record<string, FieldFacts>
}
export interface FieldFacts {
  type: string
  go?: string
  tag?: number
  /** Embedded Go struct that the field comes from. */
  via?: string
  required?: boolean
  keepsZero?: boolean
  omitZero?: boolean
  default?: unknown
  enum?: string[]
  listType?: string
  listKeys?: string[]
  mapType?: string
  mergeKey?: string
  strategy?: string
}

export type ScalarName = 'string' | 'bytes' | 'boolean' | 'int32' | 'int64' | 'double' | 'time' | 'micro-time' | 'quantity' | 'int-or-string' | 'any'
export type FieldType =
  | { readonly is: 'scalar'; readonly scalar: ScalarName }
  | { readonly is: 'list'; readonly items: FieldType }
  | { readonly is: 'map'; readonly values: FieldType }
  | { readonly is: 'model'; readonly model: Model }

/**
 * How the items of a list, or the members of a map or struct, are owned under server-side apply.
 * A list is `atomic`, a `set`, or a `map` by `keys`; maps and structs are `granular` or `atomic`.
 */
export type Topology = { readonly list: 'atomic' | 'set' } | { readonly list: 'map'; readonly keys: readonly string[] }

export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly required: boolean
  /** Go's name of the type without the pointer, as decoding errors quote it: `int32`, `[]v1.Container`. */
  readonly goType: string
  readonly pointer: boolean
  /** The way to the field as decoding errors tell it: its name, after that of the embedded struct it comes from. */
  readonly goPath: string
  /** A zero value ('' 0 false [] {}) means "not set" and is left out of the stored object. */
  readonly dropsZero: boolean
  /** A struct without pointer: always present in the stored object. */
  readonly filled: boolean
  readonly default: unknown
  readonly enum: readonly string[] | undefined
  /** Protobuf field number. */
  readonly tag: number | undefined
  /** Lists only. */
  readonly topology: Topology | undefined
  /** The whole struct or map is owned as one value. */
  readonly atomic: boolean
  /** Strategic merge: key of list items, and the directives of the field. */
  readonly mergeKey: string | undefined
  readonly merges: boolean
  readonly retainKeys: boolean
  /** As published in OpenAPI. */
  readonly facts: FieldFacts
}

export interface Model {
  /** `io.k8s.api.apps.v1.DeploymentSpec` */
  readonly name: string
  /** `DeploymentSpec` */
  readonly goName: string
  readonly fields: ReadonlyMap<string, Field>
  readonly gvk: readonly { readonly group: string; readonly version: string; readonly kind: string }[]
  readonly atomic: boolean
  readonly unions: unknown
  /** Fields that decoding adds where they are missing: `filled` structs and required scalars. */
  readonly completes: readonly Field[]
}

export interface SchemaFacts {
  readonly version: string
  readonly models: ReadonlyMap<string, Model>
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Throws for an unknown name: names are written in kind definitions, not by users. */
  model(name: string): Model
}

export function schemaFacts(file: FactsFile): SchemaFacts {
  const models = new Map<string, Model & { fields: Map<string, Field>; completes: Field[] }>()
  for (const [name, facts] of Object.entries(file.models)) {
    models.set(name, {
      name,
      goName: name.slice(name.lastIndexOf('.') + 1),
      fields: new Map(),
      gvk: (facts.gvk ?? []).map(([group = '', version = '', kind = '']) => ({ group, version, kind })),
      atomic: facts.mapType === 'atomic',
      unions: facts.unions,
      completes: [],
    })
  }
  const model = (name: string) => {
    const found = models.get(name)
    if (!found) throw new Error(`no such model: ${name}`)
    return found
  }
  const types = new Map<string, FieldType>()
  const typeOf = (text: string): FieldType => {
    let type = types.get(text)
    if (type === undefined) {
      if (text.startsWith('[]')) type = { is: 'list', items: typeOf(text.slice(2)) }
      else if (text.startsWith('{}')) type = { is: 'map', values: typeOf(text.slice(2)) }
      else if (text.startsWith('#')) type = { is: 'model', model: model(text.slice(1)) }
      else type = { is: 'scalar', scalar: text as ScalarName }
      types.set(text, type)
    }
    return type
  }
  for (const [name, facts] of Object.entries(file.models)) {
    const target = model(name)
    for (const [key, fieldFacts] of Object.entries(facts.fields)) {
      const field = compileField(key, fieldFacts, typeOf(fieldFacts.type))
      target.fields.set(key, field)
      if (field.filled || (fieldFacts.keepsZero && !field.pointer && completable(field.type))) target.completes.push(field)
    }
  }
  return { version: file.version, models, parameters: file.parameters, model }
}

/** Go writes these even when empty; maps and times it writes as null, which says nothing. */
const completable = (type: FieldType) => type.is === 'list' || (type.is === 'scalar' && ['string', 'boolean', 'int32', 'int64', 'double'].includes(type.scalar))

const goScalars: Record<string, string> = { string: 'string', boolean: 'bool', int32: 'int32', int64: 'int64', double: 'float64', bytes: '[]uint8', '[]string': '[]string', '{}string': 'map[string]string' }

function compileField(name: string, facts: FieldFacts, type: FieldType): Field {
  const go = facts.go ?? goScalars[facts.type] ?? facts.type
  const pointer = go.startsWith('*')
  const atomicModel = type.is === 'model' && type.model.atomic
  return {
    name,
    type,
    required: facts.required === true,
    goType: pointer ? go.slice(1) : go,
    pointer,
    goPath: facts.via === undefined ? name : `${facts.via}.${name}`,
    dropsZero: facts.keepsZero !== true && !pointer && type.is !== 'model',
    filled: type.is === 'model' && facts.go !== undefined && !pointer && facts.omitZero !== true,
    default: facts.default,
    enum: facts.enum,
    tag: facts.tag,
    topology: type.is === 'list' ? topologyOf(facts) : undefined,
    atomic: facts.mapType === 'atomic' || atomicModel,
    mergeKey: facts.mergeKey,
    merges: facts.strategy?.split(',').includes('merge') === true,
    retainKeys: facts.strategy?.split(',').includes('retainKeys') === true,
    facts,
  }
}

/** Upstream: kube-openapi/pkg/schemaconv; a list without a type takes its topology from the patch strategy. */
function topologyOf(facts: FieldFacts): Topology {
  if (facts.listType === 'map') return { list: 'map', keys: facts.listKeys ?? [] }
  if (facts.listType === 'set') return { list: 'set' }
  if (facts.listType === undefined && facts.strategy?.split(',').includes('merge')) return facts.mergeKey === undefined ? { list: 'set' } : { list: 'map', keys: [facts.mergeKey] }
  return { list: 'atomic' }
}
