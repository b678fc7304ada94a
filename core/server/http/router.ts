/**
 * What a path names. Resources are looked up in maps made once from the registry's faces; a path is split, never matched
 * against patterns.
 */
import { ApiError } from '../../api/status.ts'
import { subresourcesOf, verbsOf } from '../discovery/subresources.ts'
import type { Face } from '../registry/registry.ts'
import type { Target } from './api.ts'

export interface Resolved extends Target {
  /** By the legacy path prefix /watch/. */
  readonly watchPath: boolean
}

interface Served {
  readonly face: Face
  readonly subresources: ReadonlySet<string>
}

export const notServed = () => new ApiError('NotFound', 'the server could not find the requested resource', {})
export const notAllowed = () => new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export class Router {
  readonly #versions = new Map<string, Map<string, Served>>()
  readonly #groups = new Set<string>()
  readonly #verbs = new Map<Face, ReadonlySet<string>>()

  constructor(faces: readonly Face[]) {
    for (const face of faces) {
      const key = `${face.group}/${face.version}`
      const plurals = this.#versions.get(key) ?? new Map<string, Served>()
      this.#versions.set(key, plurals)
      plurals.set(face.definition.plural, { face, subresources: new Set(subresourcesOf(face).map((s) => s.name)) })
      this.#groups.add(face.group)
      this.#verbs.set(face, new Set(verbsOf(face)))
    }
  }

  allows(face: Face, verb: string): boolean {
    return this.#verbs.get(face)?.has(verb) === true
  }

  /** Undefined where no resource can be meant: such a path answers with a plain 404. */
  resolve(path: string): Resolved | undefined {
    const parts = path.split('/')
    let group = ''
    let at = 3
    if (parts[1] === 'apis') {
      group = parts[2] ?? ''
      at = 4
      if (group === '' || !this.#groups.has(group)) return undefined
    } else if (parts[1] !== 'api') return undefined
    const closed = parts.length > at && parts.at(-1) === ''
    if (closed) parts.pop()
    const plurals = this.#versions.get(`${group}/${parts[at - 1] ?? ''}`)
    if (plurals === undefined || parts.length <= at) throw notServed()
    const watchPath = parts[at] === 'watch'
    if (watchPath) at++
    return this.#resource(plurals, parts, at, watchPath, closed)
  }

  #resource(plurals: ReadonlyMap<string, Served>, parts: readonly string[], at: number, watchPath: boolean, closed: boolean): Resolved {
    let namespace: string | undefined
    if (parts[at] === 'namespaces' && parts.length > at + 2 && !isNamespaceSubresource(plurals, parts, at)) {
      namespace = decode(parts[at + 1]!)
      at += 2
    }
    const served = plurals.get(parts[at] ?? '')
    const proxied = parts[at + 2] === 'proxy'
    if (served === undefined || (parts.length > at + 3 && !proxied)) throw notServed()
    const { face } = served
    const namespaced = face.definition.scope === 'Namespaced'
    const name = parts[at + 1] === undefined ? undefined : decode(parts[at + 1]!)
    if (namespace !== undefined ? !namespaced : namespaced && name !== undefined) throw notServed()
    const subresource = parts[at + 2]
    if (subresource !== undefined && !served.subresources.has(subresource)) throw notServed()
    return {
      face,
      watchPath,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
      ...(proxied && (closed || parts.length > at + 3) ? { rest: `/${parts.slice(at + 3).join('/')}${closed && parts.length > at + 3 ? '/' : ''}` } : {}),
    }
  }
}

/** `/api/v1/namespaces/x/status` is about the Namespace x; `/api/v1/namespaces/x/pods` is not. */
const isNamespaceSubresource = (plurals: ReadonlyMap<string, Served>, parts: readonly string[], at: number) =>
  parts.length === at + 3 && plurals.get('namespaces')?.subresources.has(parts[at + 2]!) === true

/** One path segment as a name. What could leave its place in the store's keys is nobody's name. */
function decode(part: string): string {
  let name = part
  if (part.includes('%')) {
    try {
      name = decodeURIComponent(part)
    } catch {
      throw new ApiError('BadRequest', `invalid URL escape in ${JSON.stringify(part)}`)
    }
  }
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('%') || name.includes('\0')) throw notServed()
  return name
}
