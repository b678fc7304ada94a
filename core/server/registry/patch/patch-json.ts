/** RFC 6902. Works on its own copy; throws JsonPatchFailure where an operation cannot be applied. */
import { clone, equal, isObject } from '../../../base/json.ts'

export interface JsonPatchStep {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

export class JsonPatchFailure extends Error {}

export function applyJsonPatch(target: unknown, steps: readonly JsonPatchStep[]): unknown {
  const root = { document: clone(target) }
  for (const step of steps) apply(root, step)
  return root.document
}

interface Root {
  document: unknown
}

function apply(root: Root, { op, path, from, value }: JsonPatchStep): void {
  switch (op) {
    case 'add':
      return put(root, path, clone(value ?? null), 'insert')
    case 'replace':
      return put(root, path, clone(value ?? null), 'replace')
    case 'remove':
      return remove(root, path)
    case 'test':
      if (!equal(find(root, path, true) ?? null, value ?? null)) throw new JsonPatchFailure(`testing value ${path} failed`)
      return
    case 'copy':
      return put(root, path, clone(find(root, from ?? '', false)), 'insert')
    case 'move': {
      const moved = find(root, from ?? '', false)
      remove(root, from ?? '')
      return put(root, path, moved, 'insert')
    }
    default:
      throw new JsonPatchFailure(`unexpected kind: ${op}`)
  }
}

function parse(path: string): string[] {
  if (path === '') return []
  if (!path.startsWith('/')) throw new JsonPatchFailure(`not a path: ${path}`)
  return path.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const missing = (path: string) => new JsonPatchFailure(`missing path: ${path}`)

function find(root: Root, path: string, lenient: boolean): unknown {
  let at = root.document
  for (const part of parse(path)) {
    const next: unknown = Array.isArray(at) ? at[index(at, part, at.length - 1)] : isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined
    if (next === undefined) {
      if (lenient) return undefined
      throw missing(path)
    }
    at = next
  }
  return at
}

function put(root: Root, path: string, value: unknown, how: 'insert' | 'replace'): void {
  const parts = parse(path)
  const last = parts.pop()
  if (last === undefined) {
    root.document = value
    return
  }
  const parent = find(root, pointer(parts), false)
  if (Array.isArray(parent)) {
    if (how === 'replace') parent[index(parent, last, parent.length - 1)] = value
    else if (last === '-') parent.push(value)
    else parent.splice(index(parent, last, parent.length), 0, value)
  } else if (isObject(parent)) parent[last] = value
  else throw missing(path)
}

function remove(root: Root, path: string): void {
  const parts = parse(path)
  const last = parts.pop()
  if (last === undefined) throw missing(path)
  const parent = find(root, pointer(parts), false)
  if (Array.isArray(parent)) parent.splice(index(parent, last, parent.length - 1), 1)
  else if (isObject(parent) && Object.hasOwn(parent, last)) delete parent[last]
  else throw missing(path)
}

const pointer = (parts: readonly string[]) => parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Negative indexes count from the end, as upstream's library allows. */
function index(list: readonly unknown[], part: string, highest: number): number {
  if (!/^-?\d+$/.test(part)) throw new JsonPatchFailure(`not an index: ${part}`)
  const number = Number(part)
  const at = number < 0 ? list.length + number : number
  if (at < 0 || at > highest) throw new JsonPatchFailure(`index out of bounds: ${part}`)
  return at
}
