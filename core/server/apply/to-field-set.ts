/** The fields that a configuration names (upstream: structured-merge-diff/typed/tofieldset.go). */
import { isObject } from '../../base/json.ts'
import { leaf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { elementOf } from './shape.ts'
import type { Shape, Shapes } from './shape.ts'

export function toFieldSet(shapes: Shapes, shape: Shape, value: unknown): FieldSet | undefined {
  switch (shape.is) {
    case 'leaf':
      return leaf
    case 'set':
      return gather(list(value).map((item) => [`v:${JSON.stringify(item)}`, leaf]))
    case 'keyed':
      return gather(list(value).map((item) => [elementOf(shape, item), member(toFieldSet(shapes, shape.items, item))]))
    case 'map':
      return gather(Object.entries(object(value)).map(([key, item]) => [`f:${key}`, member(toFieldSet(shapes, shape.values, item))]))
    case 'struct': {
      const entries: [string, FieldSet | undefined][] = []
      for (const [key, item] of Object.entries(object(value))) {
        const field = shape.model.fields.get(key)
        if (field === undefined) continue
        const blank = item === null || (isObject(item) && Object.keys(item).length === 0)
        entries.push([`f:${key}`, blank ? leaf : toFieldSet(shapes, shapes.ofField(field), item)])
      }
      return gather(entries)
    }
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const object = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {})
const member = (node: FieldSet | undefined): FieldSet => (node === undefined || node === leaf ? leaf : { '.': leaf, ...node })

function gather(entries: readonly (readonly [string, FieldSet | undefined])[]): FieldSet | undefined {
  const result: Record<string, FieldSet> = {}
  let some = false
  for (const [element, node] of entries) {
    if (node === undefined) continue
    result[element] = node
    some = true
  }
  return some ? result : undefined
}
