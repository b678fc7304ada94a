/**
 * What differs between two JSON values, as a person reads it: a list of paths with both values. Items of lists that have
 * names are compared by name, so that an inserted container is one addition and not a shift of all that follow.
 */
import { equal, isObject } from './json.ts'

export interface FieldChange {
  /** `spec.template.spec.containers[nginx].image` */
  path: string
  before?: unknown
  after?: unknown
}

const identities = ['name', 'type', 'containerPort', 'port', 'mountPath', 'key', 'ip', 'uid', 'topologyKey', 'manager']

/** The field that tells the items of both lists apart, if one does. */
function identityOf(...lists: readonly unknown[][]): string | undefined {
  return identities.find((id) =>
    lists.every((list) => {
      const seen = new Set<unknown>()
      return list.every((item) => isObject(item) && item[id] !== undefined && !seen.has(item[id]) && seen.add(item[id]))
    }),
  )
}

const step = (path: string, key: string) => (/^[A-Za-z_$][\w$-]*$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`)

function compare(path: string, before: unknown, after: unknown, out: FieldChange[]): void {
  if (equal(before, after)) return
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) compare(step(path, key), before[key], after[key], out)
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const id = identityOf(before, after)
    if (id !== undefined) {
      const keyed = (list: unknown[]) => new Map(list.map((item) => [String((item as Record<string, unknown>)[id]), item]))
      const left = keyed(before)
      const right = keyed(after)
      for (const key of new Set([...left.keys(), ...right.keys()])) compare(`${path}[${key}]`, left.get(key), right.get(key), out)
      return
    }
  }
  out.push({ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) })
}

export function fieldDiff(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = []
  compare('', before, after, changes)
  return changes
}
