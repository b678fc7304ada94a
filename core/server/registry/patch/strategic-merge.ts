/**
 * Strategic merge patch: lists with a merge key are merged item by item, and directives inside the patch delete, replace,
 * order and retain. Upstream: apimachinery/pkg/util/strategicpatch/patch.go. Neither argument is changed.
 */
import { equal, isObject } from '../../../base/json.ts'
import type { Field, Model } from '../../../api/schema/facts.ts'
import { ApiError } from '../../../api/status.ts'

const directive = '$patch'
const deleteFrom = '$deleteFromPrimitiveList/'
const orderOf = '$setElementOrder/'
const retainKeys = '$retainKeys'

type Values = Record<string, unknown>

/** The patch has another form than the field; the message is upstream's. */
export class StrategicMismatch extends Error {}

/** `model` undefined: a plain map, whose members are replaced and whose maps are merged. */
export function strategicMerge(model: Model | undefined, original: Values, patch: Values): Values {
  if (directive in patch) {
    const how = patch[directive]
    if (how === 'replace') return withoutKey(patch, directive)
    if (how === 'delete') return {}
    if (how !== 'merge') throw unknownDirective(how, 'map', patch)
  }
  const result: Values = { ...original }
  const retained = patch[retainKeys]
  if (Array.isArray(retained)) for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key]
  const orders = new Map<string, unknown[]>()
  for (const key in patch) {
    if (key === directive || key === retainKeys) continue
    const value = patch[key]
    if (key.startsWith(orderOf)) {
      if (!Array.isArray(value)) throw new StrategicMismatch(`cannot restore slice from ${goKind(value)}`)
      orders.set(key.slice(orderOf.length), value)
      continue
    }
    if (key.startsWith(deleteFrom)) {
      const name = key.slice(deleteFrom.length)
      const present = result[name]
      if (Array.isArray(present) && Array.isArray(value)) result[name] = present.filter((item) => !value.some((one) => equal(one, item)))
      continue
    }
    if (value === null || value === undefined) {
      delete result[key]
      continue
    }
    result[key] = mergeField(model?.fields.get(key), result[key], value)
  }
  for (const [key, order] of orders) {
    const merged = result[key]
    const live = original[key]
    if (Array.isArray(merged)) result[key] = ordered(model?.fields.get(key)?.mergeKey, merged, order, Array.isArray(live) ? live : [])
  }
  return result
}

function mergeField(field: Field | undefined, present: unknown, value: unknown): unknown {
  const type = field?.type
  if (type?.is === 'list') {
    if (!Array.isArray(value)) throw new StrategicMismatch(`cannot restore slice from ${goKind(value)}`)
    return field!.merges ? mergeList(field!, Array.isArray(present) ? present : [], value) : withoutDirectives(value)
  }
  if (type?.is === 'map' || type?.is === 'model') {
    if (!isObject(value)) {
      // Some structs have a scalar form (times, quantities are scalars in the facts, so this is a real mismatch).
      throw new StrategicMismatch(`cannot restore map from ${goKind(value)}`)
    }
    return strategicMerge(type.is === 'model' ? type.model : undefined, isObject(present) ? present : {}, value)
  }
  if (field === undefined && isObject(value)) return strategicMerge(undefined, isObject(present) ? present : {}, value)
  return value
}

function mergeList(field: Field, present: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const key = field.mergeKey
  if (key === undefined) {
    const result = [...present]
    for (const item of patch) if (!result.some((one) => equal(one, item))) result.push(item)
    return ordered(undefined, result, patch, present)
  }
  const model = field.type.is === 'list' && field.type.items.is === 'model' ? field.type.items.model : undefined
  let result = [...present]
  const rest: Values[] = []
  let replaces = false
  for (const item of patch) {
    if (!isObject(item)) throw new StrategicMismatch(`cannot restore map from ${goKind(item)}`)
    if (!(directive in item)) {
      rest.push(item)
      continue
    }
    const how = item[directive]
    if (how === 'replace') replaces = true
    else if (how === 'delete') {
      if (item[key] === undefined) throw new ApiError('InternalError', `map: ${goPrint(item)} does not contain declared merge key: ${key}`)
      result = result.filter((one) => !isObject(one) || !equal(one[key], item[key]))
    } else if (how === 'merge') rest.push(withoutKey(item, directive))
    else throw unknownDirective(how, 'list', item)
  }
  if (replaces) return rest
  for (const item of rest) {
    if (item[key] === undefined) throw new ApiError('InternalError', `map: ${goPrint(item)} does not contain declared merge key: ${key}`)
    const at = result.findIndex((one) => isObject(one) && equal(one[key], item[key]))
    if (at < 0) result.push(strategicMerge(model, {}, item))
    else result[at] = strategicMerge(model, result[at] as Values, item)
  }
  return ordered(key, result, rest, present)
}

/**
 * Items that the patch orders, in its order, with the live object's other items let in before the first item that they
 * stood before in the live list.
 */
function ordered(key: string | undefined, merged: readonly unknown[], order: readonly unknown[], live: readonly unknown[]): unknown[] {
  const identity = (item: unknown) => (key !== undefined && isObject(item) ? item[key] : item)
  const placeIn = (list: readonly unknown[]) => {
    const identities = list.map(identity)
    return (item: unknown) => identities.findIndex((one) => equal(one, identity(item)))
  }
  const wanted = placeIn(order)
  const before = placeIn(live)
  const named = merged.filter((item) => wanted(item) >= 0).sort((a, b) => wanted(a) - wanted(b))
  const others = merged.filter((item) => wanted(item) < 0).sort((a, b) => before(a) - before(b))
  const result: unknown[] = []
  let next = 0
  for (const item of named) {
    const place = before(item)
    while (place >= 0 && next < others.length && before(others[next]) >= 0 && before(others[next]) < place) result.push(others[next++])
    result.push(item)
  }
  return [...result, ...others.slice(next)]
}

const withoutDirectives = (list: readonly unknown[]): unknown[] =>
  list.some((item) => isObject(item) && directive in item) ? list.filter((item) => !isObject(item) || !(directive in item)) : [...list]

function withoutKey(value: Values, key: string): Values {
  const { [key]: _gone, ...rest } = value
  return rest
}

const unknownDirective = (how: unknown, where: string, value: Values) =>
  new ApiError('InternalError', `unknown patch type: ${String(how)} in ${where}: ${goPrint(value)}`)

const goKind = (value: unknown): string =>
  typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : Array.isArray(value) ? 'slice' : 'map'

/** As Go's %v prints decoded JSON, which upstream's messages quote. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (isObject(value)) return `map[${Object.keys(value).sort().map((key) => `${key}:${goPrint(value[key])}`).join(' ')}]`
  return String(value)
}
