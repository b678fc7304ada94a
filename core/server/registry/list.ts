/** GET of one object and of collections, with resourceVersion semantics (upstream: apiserver/pkg/storage/cacher). */
import { ApiError } from '../../api/status.ts'
import { Compacted } from '../../store/store.ts'
import type { Entry, Page } from '../../store/store.ts'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import { badRequest, objectNotFound, tooLargeRevision } from '../errors.ts'
import { served } from './faces.ts'
import { filterOf } from './filter.ts'
import { keyOf, prefixOf } from './keys.ts'
import type { Machinery } from './machinery.ts'
import type { Answer, Face, Key, ListAnswer, ListParams } from './registry.ts'

/** A resourceVersion of a request: undefined for "" and "0" (any will do, and we have the newest). */
export function requestedRevision(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === '0') return undefined
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

export async function getObject(machinery: Machinery, face: Face, key: Key, resourceVersion?: string): Promise<Answer> {
  assertReached(machinery, resourceVersion)
  const entry = await machinery.store.get(keyOf(face.definition, key.namespace, key.name))
  if (entry === undefined) throw objectNotFound(served(face), key.name)
  return machinery.entries.answer(face, entry)
}

export async function listObjects(machinery: Machinery, face: Face, params: ListParams): Promise<ListAnswer> {
  const filter = filterOf(face, params)
  const prefix = prefixOf(face.definition, params.namespace)
  const from = startOf(machinery, params)
  const after = from.after === undefined ? undefined : prefix + from.after
  if (filter?.name !== undefined && from.at === undefined && (params.namespace !== undefined || face.definition.scope === 'Cluster')) {
    const revision = machinery.store.revision
    const entry = await machinery.store.get(keyOf(face.definition, params.namespace, filter.name))
    const found = entry !== undefined && (after === undefined || entry.key > after) && filter.matches(machinery.entries.object(entry))
    return { items: found ? [machinery.entries.answer(face, entry)] : [], revision }
  }
  const read = (options: { after?: string; limit?: number }) =>
    page(machinery, prefix, { ...options, ...(from.at === undefined ? {} : { at: from.at }) }, from.after)
  if (filter === undefined) {
    const { entries, revision, more, remaining } = await read({ ...(after === undefined ? {} : { after }), ...(params.limit === undefined ? {} : { limit: params.limit }) })
    const items = entries.map((entry) => machinery.entries.answer(face, entry))
    return more === undefined ? { items, revision } : { items, revision, continue: encodeContinue({ revision, after: more.slice(prefix.length) }), remaining }
  }
  const whole = await read(after === undefined ? {} : { after })
  const found: Entry[] = []
  for (const entry of whole.entries) {
    if (!filter.matches(machinery.entries.object(entry))) continue
    if (params.limit !== undefined && found.length === params.limit) {
      const last = found[found.length - 1]!.key.slice(prefix.length)
      return { items: found.map((one) => machinery.entries.answer(face, one)), revision: whole.revision, continue: encodeContinue({ revision: whole.revision, after: last }) }
    }
    found.push(entry)
  }
  return { items: found.map((entry) => machinery.entries.answer(face, entry)), revision: whole.revision }
}

/** Which state is read, and after which key. */
function startOf(machinery: Machinery, params: ListParams): { at?: number; after?: string } {
  const wanted = requestedRevision(params.resourceVersion)
  if (params.continue !== undefined) {
    if (wanted !== undefined) throw badRequest('specifying resource version is not allowed when using continue')
    const { revision, after } = decodeContinue(params.continue)
    return revision < 0 ? { after } : { at: revision, after }
  }
  assertReached(machinery, params.resourceVersion)
  if (wanted === undefined) return {}
  const exact = params.resourceVersionMatch === 'Exact' || (params.resourceVersionMatch === undefined && params.limit !== undefined)
  return exact ? { at: wanted } : {}
}

function assertReached(machinery: Machinery, resourceVersion: string | undefined): void {
  const wanted = requestedRevision(resourceVersion)
  if (wanted !== undefined && wanted > machinery.store.revision) throw tooLargeRevision(String(resourceVersion), machinery.store.revision)
}

async function page(machinery: Machinery, prefix: string, options: { after?: string; limit?: number; at?: number }, continued: string | undefined): Promise<Page> {
  try {
    return await machinery.store.list(prefix, options)
  } catch (error) {
    if (!(error instanceof Compacted)) throw error
    if (continued === undefined) throw new ApiError('Expired', 'The resourceVersion for the provided list is too old.')
    throw new ApiError(
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      undefined,
      encodeContinue({ revision: -1, after: continued }),
    )
  }
}

