/**
 * Lays a configuration over the live object, and takes out what nobody owns any longer, list by list as the schema says.
 * Upstream: structured-merge-diff/typed (merge.go, remove.go). Arguments are not changed.
 */
import { isObject } from '../../base/json.ts'
import { isMember } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { elementOf } from './shape.ts'
import type { Shape, Shapes } from './shape.ts'

export function merge(shapes: Shapes, shape: Shape, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  if (live === undefined || live === null || config === null) return config
  switch (shape.is) {
    case 'leaf':
      return config
    case 'set':
    case 'keyed':
      return Array.isArray(live) && Array.isArray(config) ? mergeLists(shapes, shape, live, config) : config
    case 'map':
    case 'struct': {
      if (!isObject(live) || !isObject(config)) return config
      const result = { ...live }
      for (const key in config) {
        const inner = innerShape(shapes, shape, key)
        result[key] = inner === undefined ? config[key] : merge(shapes, inner, live[key], config[key])
      }
      return result
    }
  }
}

function innerShape(shapes: Shapes, shape: Extract<Shape, { is: 'map' | 'struct' }>, key: string): Shape | undefined {
  if (shape.is === 'map') return shape.values
  const field = shape.model.fields.get(key)
  return field === undefined ? undefined : shapes.ofField(field)
}

type ListShape = Extract<Shape, { is: 'set' | 'keyed' }>
const identityOf = (shape: ListShape, item: unknown): string => (shape.is === 'set' ? `v:${JSON.stringify(item)}` : elementOf(shape, item))

/** Items in the configuration's order, with the live items that it does not name kept where they stood. */
function mergeLists(shapes: Shapes, shape: ListShape, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const liveItems = new Map(live.map((item) => [identityOf(shape, item), item]))
  const configItems = config.map((item) => [identityOf(shape, item), item] as const)
  const named = new Set(configItems.map(([identity]) => identity))
  const liveOrder = [...liveItems.keys()]
  const taken = new Set<string>()
  const result: unknown[] = []
  let at = 0
  let next = 0
  while (at < liveOrder.length || next < configItems.length) {
    const standing = liveOrder[at]
    if (standing !== undefined && taken.has(standing)) {
      at++
      continue
    }
    if (standing !== undefined && !named.has(standing)) {
      result.push(liveItems.get(standing))
      at++
      continue
    }
    const entry = configItems[next++]
    if (entry === undefined) break
    const [identity, item] = entry
    if (taken.has(identity)) continue
    taken.add(identity)
    result.push(shape.is === 'set' ? item : merge(shapes, shape.items, liveItems.get(identity), item))
  }
  return result
}

/** Removes what `last` claimed and no one claims now. What others own inside stays, with its parents. */
export function prune(shapes: Shapes, shape: Shape, value: unknown, last: FieldSet, owned: FieldSet | undefined): unknown {
  if (shape.is === 'leaf') return value
  if (shape.is === 'set' || shape.is === 'keyed') {
    if (!Array.isArray(value)) return value
    const kept: unknown[] = []
    for (const item of value) {
      const identity = identityOf(shape, item)
      const was = last[identity]
      const is = owned?.[identity]
      if (was === undefined) kept.push(item)
      else if (is !== undefined || !isMember(was)) kept.push(shape.is === 'keyed' ? prune(shapes, shape.items, item, was, is) : item)
    }
    return kept
  }
  if (!isObject(value)) return value
  const result = { ...value }
  for (const key in value) {
    const was = last[`f:${key}`]
    if (was === undefined) continue
    const is = owned?.[`f:${key}`]
    if (is === undefined && isMember(was)) {
      delete result[key]
      continue
    }
    const inner = innerShape(shapes, shape, key)
    if (inner !== undefined) result[key] = prune(shapes, inner, value[key], was, is)
  }
  return result
}
