/** How a changed value and its path are said in a diff. Pure. */
const known: readonly [RegExp, string][] = [
  [/^spec\.template\.spec\.containers(?:\[[^\]]*\]|\.\d+)\./, ''],
  [/^spec\.template\.spec\./, ''],
  [/^spec\.template\.metadata\./, 'Pod '],
  [/^spec\.containers(?:\[[^\]]*\]|\.\d+)\./, ''],
  [/^resources\./, ''],
  [/^(spec|data|stringData)\./, ''],
  [/^metadata\./, ''],
]

/** `spec.template.spec.containers[0].resources.limits.memory` → `limits.memory`. */
export function shortPath(path: string): string {
  let text = path
  for (const [pattern, by] of known) text = text.replace(pattern, by)
  return text === '' ? path : text
}

export function sayValue(value: unknown): string {
  if (value === undefined) return ''
  if (value === null) return 'nothing'
  if (typeof value === 'string') return value === '' ? '""' : value
  if (typeof value !== 'object') return String(value)
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : JSON.stringify(value, null, 1)
}

export interface Change { path: string; before?: unknown; after?: unknown }

/** Fields that differ between two values, leaf by leaf; lists of equal length are compared item by item. */
export function fieldChanges(before: unknown, after: unknown, path = '', skip: (path: string) => boolean = () => false): Change[] {
  if (skip(path) || same(before, after)) return []
  if (isPlain(before) && isPlain(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => fieldChanges(before[key], after[key], path === '' ? key : `${path}.${key}`, skip))
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) return before.flatMap((item, i) => fieldChanges(item, after[i], `${path}[${i}]`, skip))
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }]
}

const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]))
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]))
}
