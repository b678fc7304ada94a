/**
 * Two people changed one object: what I changed, what changed meanwhile, where both touched the same field, and the
 * object that holds both. Pure. Lists are compared as wholes where their lengths differ, so nothing is mixed up silently.
 */
import type { KubeObject } from '../../../core/api/meta.ts'
import { fieldChanges, same, type Change } from '../../ui/diff-words.ts'

/** Not edited by hand: the server keeps these. */
const kept = new Set(['status', 'metadata.managedFields', 'metadata.resourceVersion', 'metadata.generation', 'metadata.uid', 'metadata.creationTimestamp'])
const skip = (path: string) => kept.has(path)

export interface ThreeWay {
  mine: Change[]
  theirs: Change[]
  /** Paths where both changed the same place to different values. */
  conflicts: { path: string; base: unknown; mine: unknown; theirs: unknown }[]
}

const overlaps = (a: string, b: string): boolean => a === b || (a.startsWith(b) && /[.[]/.test(a[b.length] ?? '')) || (b.startsWith(a) && /[.[]/.test(b[a.length] ?? ''))

export function threeWay(base: unknown, mine: unknown, theirs: unknown): ThreeWay {
  const my = fieldChanges(base, mine, '', skip)
  const their = fieldChanges(base, theirs, '', skip)
  const conflicts = my.flatMap((change) => {
    const other = their.find((one) => overlaps(one.path, change.path))
    if (!other) return []
    const path = change.path.length <= other.path.length ? change.path : other.path
    const [mineThere, theirsThere] = [valueAt(mine, path), valueAt(theirs, path)]
    return same(mineThere, theirsThere) ? [] : [{ path, base: valueAt(base, path), mine: mineThere, theirs: theirsThere }]
  })
  return { mine: my, theirs: their, conflicts: conflicts.filter((c, i) => conflicts.findIndex((other) => other.path === c.path) === i) }
}

const steps = (path: string): (string | number)[] => {
  const found: (string | number)[] = []
  for (const match of path.matchAll(/\[(\d+)\]|([^.[\]]+(?:\/[^.[\]]+)*)/g)) found.push(match[1] === undefined ? match[2]! : Number(match[1]))
  return found
}

/** Reads a path as fieldChanges writes it. A key with dots in it (labels, annotations) is found by trying longer names. */
export function valueAt(value: unknown, path: string): unknown {
  const walk = (at: unknown, rest: (string | number)[]): unknown => {
    if (rest.length === 0) return at
    if (typeof at !== 'object' || at === null) return undefined
    const holder = at as Record<string | number, unknown>
    for (let take = 1; take <= rest.length; take++) {
      const key = take === 1 ? rest[0]! : rest.slice(0, take).join('.')
      if (key in holder) { const found = walk(holder[key], rest.slice(take)); if (found !== undefined) return found }
      if (typeof rest[take] === 'number') break
    }
    return undefined
  }
  return walk(value, steps(path))
}

/** Their object with my changes; where both changed a field, `choose` says whose stands. */
export function mergeThreeWay(base: KubeObject, mine: unknown, theirs: KubeObject, choose: (path: string) => 'mine' | 'theirs'): KubeObject {
  const { conflicts } = threeWay(base, mine, theirs)
  const lost = new Set(conflicts.filter((c) => choose(c.path) === 'theirs').map((c) => c.path))
  const merge = (b: unknown, m: unknown, t: unknown, path: string): unknown => {
    if (skip(path) || lost.has(path) || same(b, m)) return t
    if (same(b, t)) return m
    if (isPlain(m) && isPlain(t)) {
      const from = isPlain(b) ? b : {}
      const result: Record<string, unknown> = {}
      for (const key of new Set([...Object.keys(t), ...Object.keys(m)])) {
        const value = merge(from[key], m[key], t[key], path === '' ? key : `${path}.${key}`)
        if (value !== undefined) result[key] = value
      }
      return result
    }
    if (Array.isArray(m) && Array.isArray(t) && Array.isArray(b) && m.length === t.length && m.length === b.length) return m.map((item, i) => merge(b[i], item, t[i], `${path}[${i}]`))
    return m
  }
  return merge(base, mine, theirs, '') as KubeObject
}
const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the editor shows: without what the server keeps for itself. */
export function editable(object: KubeObject): Record<string, unknown> {
  const { status: _status, metadata, ...rest } = object
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, uid: _uid, creationTimestamp: _created, ...meta } = metadata
  const annotations = Object.fromEntries(Object.entries(meta.annotations ?? {}).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration'))
  const { annotations: _all, ...others } = meta
  return { apiVersion: rest.apiVersion, kind: rest.kind, metadata: { ...others, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) }, ...without(rest) }
}
const without = (rest: Record<string, unknown>): Record<string, unknown> => Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'apiVersion' && key !== 'kind'))

/** The edited text's object with the kept fields of the object it began from, ready to be written. */
export function writable(edited: Record<string, unknown>, base: KubeObject): KubeObject {
  const meta = (edited['metadata'] ?? {}) as Record<string, unknown>
  const last = base.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']
  const annotations = { ...(meta['annotations'] as Record<string, string> | undefined), ...(last === undefined ? {} : { 'kubectl.kubernetes.io/last-applied-configuration': last }) }
  return {
    ...edited,
    metadata: {
      ...meta, uid: base.metadata.uid, resourceVersion: base.metadata.resourceVersion, creationTimestamp: base.metadata.creationTimestamp,
      ...(base.metadata.generation === undefined ? {} : { generation: base.metadata.generation }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    ...(base['status'] === undefined ? {} : { status: base['status'] }),
  } as KubeObject
}
