/** Models as JSON schemas, in the shape of OpenAPI v3 and of Swagger v2. Upstream: kube-openapi/pkg/builder3, builder. */
import type { Docs } from '../../api/schema/docs.ts'
import type { Field, FieldType, Model, SchemaFacts } from '../../api/schema/facts.ts'

export type Json = Record<string, unknown>
export type Flavour = 'v2' | 'v3'

const places = { v2: '#/definitions/', v3: '#/components/schemas/' }
export const refTo = (flavour: Flavour, model: string): Json => ({ $ref: `${places[flavour]}${model}` })

/** Types that are models in OpenAPI and plain scalars in the facts. */
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const scalarModels: Record<string, { name: string; v2: Json; v3: Json }> = {
  quantity: { name: 'io.k8s.apimachinery.pkg.api.resource.Quantity', v2: { type: 'string' }, v3: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
  'int-or-string': {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    v2: { type: 'string', format: 'int-or-string' },
    v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  time: { name: `${meta}Time`, v2: { type: 'string', format: 'date-time' }, v3: { type: 'string', format: 'date-time' } },
  'micro-time': { name: `${meta}MicroTime`, v2: { type: 'string', format: 'date-time' }, v3: { type: 'string', format: 'date-time' } },
}
const anyObjects: Record<string, string> = { 'v1.FieldsV1': `${meta}FieldsV1`, 'runtime.RawExtension': 'io.k8s.apimachinery.pkg.runtime.RawExtension' }
export const patchModel = `${meta}Patch`

const plain: Record<string, Json> = {
  string: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  any: { type: 'object' },
}

/** Writes schemas, and remembers which others they refer to. */
export class SchemaWriter {
  readonly #flavour: Flavour
  readonly #facts: SchemaFacts
  readonly #docs: Docs

  constructor(flavour: Flavour, facts: SchemaFacts, docs: Docs) {
    this.#flavour = flavour
    this.#facts = facts
    this.#docs = docs
  }

  /** The named models and all that they need, by name. */
  closure(roots: Iterable<string>): Record<string, Json> {
    const schemas: Record<string, Json> = {}
    const queue = [...roots]
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (schemas[name] !== undefined) continue
      schemas[name] = this.#schema(name, (needed) => queue.push(needed))
    }
    return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #schema(name: string, needs: (model: string) => void): Json {
    const scalar = Object.values(scalarModels).find((candidate) => candidate.name === name)
    if (scalar) return scalar[this.#flavour]
    const model = this.#facts.models.get(name)
    if (!model) return { type: 'object' }
    const about = this.#docs[name]?.about
    const required = [...model.fields.values()].filter((field) => field.required).sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0)).map((field) => field.name)
    return {
      ...(about ? { description: about } : {}),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      properties: Object.fromEntries([...model.fields.values()].map((field) => [field.name, this.#property(model, field, needs)])),
      ...(model.gvk.length > 0 ? { 'x-kubernetes-group-version-kind': model.gvk } : {}),
      ...(model.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(model.unions === undefined ? {} : { 'x-kubernetes-unions': model.unions }),
    }
  }

  #property(model: Model, field: Field, needs: (model: string) => void): Json {
    const v3 = this.#flavour === 'v3'
    const { facts } = field
    // The package documents no field that holds another model; what the model is serves as well.
    const about = this.#docs[model.name]?.fields[field.name] ?? (field.type.is === 'model' ? this.#docs[field.type.model.name]?.about : undefined)
    const type = this.#type(field.type, field.goType, needs)
    const isRef = '$ref' in type
    const fallback = facts.default ?? (field.filled ? {} : facts.keepsZero && !field.pointer ? zeros[typeName(field.type)] : undefined)
    const choices = field.enum === undefined ? {} : field.type.is === 'list' ? { items: { ...(type['items'] as Json), enum: field.enum } } : { enum: field.enum }
    return {
      ...(about ? { description: about } : {}),
      ...(v3 && isRef ? { allOf: [type] } : type),
      ...choices,
      ...(v3 && fallback !== undefined ? { default: fallback } : {}),
      ...extension('list-type', facts.listType),
      ...extension('list-map-keys', facts.listKeys),
      ...extension('map-type', facts.mapType),
      ...extension('patch-merge-key', facts.mergeKey),
      ...extension('patch-strategy', facts.strategy),
    }
  }

  #type(type: FieldType, goType: string, needs: (model: string) => void): Json {
    const refer = (name: string) => {
      needs(name)
      return refTo(this.#flavour, name)
    }
    switch (type.is) {
      case 'model':
        return refer(type.model.name)
      case 'list':
        return { type: 'array', items: this.#member(type.items, goType.replace(/^\[\]\*?/, ''), needs) }
      case 'map':
        return { type: 'object', additionalProperties: this.#member(type.values, goType.replace(/^map\[\w+\]\*?/, ''), needs) }
      case 'scalar': {
        const model = scalarModels[type.scalar]?.name ?? (type.scalar === 'any' ? anyObjects[goType] : undefined)
        return model === undefined ? plain[type.scalar]! : refer(model)
      }
    }
  }

  /** Items and map values carry the default of their type, because nothing in them can be left out. */
  #member(type: FieldType, goType: string, needs: (model: string) => void): Json {
    const schema = this.#type(type, goType, needs)
    if (this.#flavour === 'v2') return schema
    const fallback = type.is === 'model' ? {} : zeros[typeName(type)]
    if (fallback === undefined) return schema
    return '$ref' in schema ? { default: fallback, allOf: [schema] } : { ...schema, default: fallback }
  }
}

const zeros: Record<string, unknown> = { string: '', boolean: false, int32: 0, int64: 0 }
const typeName = (type: FieldType): string => (type.is === 'scalar' ? type.scalar : type.is)
const extension = (name: string, value: unknown): Json => (value === undefined ? {} : { [`x-kubernetes-${name}`]: value })
