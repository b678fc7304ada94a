/**
 * What differs between two states of an object, as sets of fields: what was added or changed, and what went.
 * Upstream: structured-merge-diff/typed/compare.go. Equal parts cost one walk and no memory.
 */
import { equal, isObject } from '../../base/json.ts'
import { leaf } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { elementOf } from './shape.ts'
import type { Shape, Shapes } from './shape.ts'

export interface Difference {
  /** Added or modified. */
  readonly touched?: FieldSet
  readonly removed?: FieldSet
}

const same: Difference = {}
const leafTouched: Difference = { touched: leaf }
const leafRemoved: Difference = { removed: leaf }

/** `undefined` is absent; `null` is a value. `skip` names top-level fields that take no part. */
export function compare(shapes: Shapes, shape: Shape, before: unknown, after: unknown, skip?: ReadonlySet<string>): Difference {
  if (before === after) return same
  if (shape.is === 'leaf') return wholeDifference(before, after)
  const list = shape.is === 'set' || shape.is === 'keyed'
  if (isEmpty(before) && isEmpty(after)) return wholeDifference(before, after)
  const parts = new Parts()
  if (list) {
    const old = itemsBy(shape, before)
    const now = itemsBy(shape, after)
    for (const [element, item] of old) parts.add(element, compareItem(shapes, shape, item, now.get(element)))
    for (const [element, item] of now) if (!old.has(element)) parts.add(element, compareItem(shapes, shape, undefined, item))
  } else {
    const old = isObject(before) ? before : undefined
    const now = isObject(after) ? after : undefined
    const child = (key: string): Shape | undefined => {
      if (shape.is === 'map') return shape.values
      const field = shape.model.fields.get(key)
      return field === undefined ? undefined : shapes.ofField(field)
    }
    for (const key in old) {
      const inner = skip?.has(key) ? undefined : child(key)
      if (inner !== undefined && old[key] !== undefined) parts.add(`f:${key}`, compare(shapes, inner, old[key], now?.[key]))
    }
    for (const key in now) {
      if (now[key] === undefined || (old !== undefined && old[key] !== undefined) || skip?.has(key)) continue
      const inner = child(key)
      if (inner !== undefined) parts.add(`f:${key}`, compare(shapes, inner, undefined, now[key]))
    }
  }
  return parts.finish(before === undefined, after === undefined)
}

const compareItem = (shapes: Shapes, shape: Extract<Shape, { is: 'set' | 'keyed' }>, before: unknown, after: unknown): Difference =>
  shape.is === 'set' ? wholeDifference(before, after) : compare(shapes, shape.items, before, after)

function wholeDifference(before: unknown, after: unknown): Difference {
  if (before === undefined) return after === undefined ? same : leafTouched
  if (after === undefined) return leafRemoved
  return equal(before, after) ? same : leafTouched
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object') return false
  for (const _ in value) return false
  return true
}

function itemsBy(shape: Extract<Shape, { is: 'set' | 'keyed' }>, value: unknown): Map<string, unknown> {
  const items = new Map<string, unknown>()
  if (Array.isArray(value)) for (const item of value) items.set(shape.is === 'set' ? `v:${JSON.stringify(item)}` : elementOf(shape, item), item)
  return items
}

class Parts {
  #touched: Record<string, FieldSet> | undefined
  #removed: Record<string, FieldSet> | undefined

  add(element: string, { touched, removed }: Difference): void {
    if (touched !== undefined) (this.#touched ??= {})[element] = touched
    if (removed !== undefined) (this.#removed ??= {})[element] = removed
  }

  finish(added: boolean, gone: boolean): Difference {
    if (added) this.#touched = { '.': leaf, ...this.#touched }
    if (gone) this.#removed = { '.': leaf, ...this.#removed }
    if (this.#touched === undefined && this.#removed === undefined) return same
    return {
      ...(this.#touched === undefined ? {} : { touched: this.#touched }),
      ...(this.#removed === undefined ? {} : { removed: this.#removed }),
    }
  }
}
