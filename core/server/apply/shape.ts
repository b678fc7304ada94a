/** How a place in an object is owned: as one value, as a struct, a map, a set, or a list whose items have keys. */
import type { Field, FieldType, Model } from '../../api/schema/facts.ts'

export type Shape =
  | { readonly is: 'leaf' }
  | { readonly is: 'struct'; readonly model: Model }
  | { readonly is: 'map'; readonly values: Shape }
  | { readonly is: 'set' }
  | { readonly is: 'keyed'; readonly keys: readonly string[]; readonly items: Shape }

const whole: Shape = { is: 'leaf' }
const set: Shape = { is: 'set' }

/** Shapes are made once for each field and model of the facts. */
export class Shapes {
  readonly #fields = new WeakMap<Field, Shape>()
  readonly #models = new WeakMap<Model, Shape>()

  ofField(field: Field): Shape {
    let shape = this.#fields.get(field)
    if (shape === undefined) this.#fields.set(field, (shape = this.#make(field)))
    return shape
  }

  ofModel(model: Model): Shape {
    let shape = this.#models.get(model)
    if (shape === undefined) this.#models.set(model, (shape = model.atomic || model.fields.size === 0 ? whole : { is: 'struct', model }))
    return shape
  }

  ofType(type: FieldType): Shape {
    if (type.is === 'model') return this.ofModel(type.model)
    if (type.is === 'map') return { is: 'map', values: this.ofType(type.values) }
    return whole
  }

  #make(field: Field): Shape {
    if (field.atomic) return whole
    const { type, topology } = field
    if (type.is !== 'list') return this.ofType(type)
    if (topology?.list === 'set') return set
    return topology?.list === 'map' ? { is: 'keyed', keys: topology.keys, items: this.ofType(type.items) } : whole
  }
}

/** `k:{"containerPort":80,"protocol":"TCP"}`; a missing key takes its default. */
export function elementOf(shape: Extract<Shape, { is: 'keyed' }>, item: unknown): string {
  const { keys, items } = shape
  const value = item as Record<string, unknown>
  if (keys.length === 1) {
    const key = keys[0]!
    return `k:{${JSON.stringify(key)}:${JSON.stringify(value[key] ?? defaultOf(items, key))}}`
  }
  const parts = [...keys].sort().map((key) => `${JSON.stringify(key)}:${JSON.stringify(value[key] ?? defaultOf(items, key))}`)
  return `k:{${parts.join(',')}}`
}

const defaultOf = (items: Shape, key: string): unknown => (items.is === 'struct' ? (items.model.fields.get(key)?.default ?? null) : null)
