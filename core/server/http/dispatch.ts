/** From a request to its verb: who asks, what the path names, which method is meant; and every failure to a Status. */
import { ApiError } from '../../api/status.ts'
import { anonymous, impersonated, isAnonymous } from '../auth/identity.ts'
import type { User } from '../registry/registry.ts'
import type { Api, Target } from './api.ts'
import { sendError } from './answers.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { withDeprecation } from './deprecation.ts'
import { removeCollection } from './delete-collection.ts'
import type { Exchange } from './exchange.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { flag, queryOf } from './options.ts'
import { patch } from './patch.ts'
import { podVerbs } from './pod-verbs.ts'
import { notAllowed, type Resolved, type Router } from './router.ts'
import type { StaticPaths } from './static-paths.ts'
import { update } from './update.ts'
import { watch } from './watch.ts'

export interface Doors {
  readonly api: Api
  readonly router: Router
  readonly paths: StaticPaths
}

export async function dispatch(doors: Doors, exchange: Exchange): Promise<void> {
  try {
    await route(doors, exchange)
  } catch (error) {
    fail(doors.api, exchange, error)
  }
}

function fail(api: Api, exchange: Exchange, error: unknown): void {
  const known = asApiError(error)
  if (known.reason === 'InternalError') api.log.error('request failed', { method: exchange.method, path: exchange.path, error })
  if (exchange.answered) exchange.abort()
  else sendError(exchange, known)
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError('InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`)
}

/** Throws, or rejects, where the connection or the headers prove nobody or the wrong one. Only a token has to be waited for. */
export function userOf(api: Api, exchange: Pick<Exchange, 'proof' | 'headers'>): User | Promise<User> {
  const { proof, headers } = exchange
  if (proof === 'refused') throw new ApiError('Unauthorized', 'Unauthorized')
  if (proof !== 'none') return impersonated(proof, headers)
  const { authorization } = headers
  if (authorization === undefined) return impersonated(anonymous, headers)
  return bearer(api, authorization).then((user) => impersonated(user, headers))
}

async function bearer({ registry, log }: Api, authorization: string): Promise<User> {
  const [scheme = '', token = ''] = authorization.trim().split(/ +/)
  if (scheme.toLowerCase() === 'bearer' && token !== '' && registry.tokens !== undefined) {
    try {
      return (await registry.tokens.authenticate(token)).user
    } catch (error) {
      log.debug('token refused', { error: String(error) })
    }
  }
  throw new ApiError('Unauthorized', 'Unauthorized')
}

async function route(doors: Doors, exchange: Exchange): Promise<void> {
  const { api, router, paths } = doors
  const asking = userOf(api, exchange)
  const user = asking instanceof Promise ? await asking : asking
  const path = exchange.path
  const fixed = paths.find(path)
  if (fixed !== undefined) {
    if (isAnonymous(user) && !fixed.open) throw new ApiError('Unauthorized', 'Unauthorized')
    await fixed.serve(exchange)
    return
  }
  if (isAnonymous(user)) throw new ApiError('Unauthorized', 'Unauthorized')
  const target = router.resolve(path)
  if (target === undefined) {
    exchange.send(404, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }, '404 page not found\n')
    return
  }
  const answered = withDeprecation(exchange, target.face.definition)
  if (target.subresource !== undefined) await subresource(api, answered, target, user)
  else if (target.name === undefined) await collection(api, router, answered, target, user)
  else await item(api, router, answered, target, user)
}

async function collection(api: Api, router: Router, exchange: Exchange, target: Resolved, user: User): Promise<void> {
  const { face } = target
  const placed = target.namespace !== undefined || face.definition.scope === 'Cluster'
  if (exchange.method === 'GET') {
    const query = queryOf(exchange)
    const watches = target.watchPath || flag(query, 'watch') === true
    if (!router.allows(face, watches ? 'watch' : 'list')) throw notAllowed()
    await (watches ? watch(api, exchange, target, query) : list(api, exchange, target, query))
  } else if (exchange.method === 'POST' && placed && router.allows(face, 'create')) await create(api, exchange, target, user)
  else if (exchange.method === 'DELETE' && placed && router.allows(face, 'deletecollection')) await removeCollection(api, exchange, target, user)
  else throw notAllowed()
}

async function item(api: Api, router: Router, exchange: Exchange, target: Resolved, user: User): Promise<void> {
  const { face } = target
  const { method } = exchange
  if (target.watchPath) {
    if (method !== 'GET') throw notAllowed()
    const query = new URLSearchParams(exchange.query)
    query.set('fieldSelector', `metadata.name=${target.name ?? ''}`)
    await watch(api, exchange, target, query)
  } else if (method === 'GET' && router.allows(face, 'get')) await get(api, exchange, target)
  else if (method === 'PATCH' && router.allows(face, 'patch')) await patch(api, exchange, target, user)
  else if (method === 'PUT' && router.allows(face, 'update')) await update(api, exchange, target, user)
  else if (method === 'DELETE' && router.allows(face, 'delete')) await remove(api, exchange, target, user)
  else throw notAllowed()
}

async function subresource(api: Api, exchange: Exchange, target: Target, user: User): Promise<void> {
  const own = podVerbs.get(target.subresource ?? '')
  if (own !== undefined) await own(api, exchange, target, user)
  else if (exchange.method === 'GET' && target.subresource !== 'finalize') await get(api, exchange, target)
  else if (exchange.method === 'PUT') await update(api, exchange, target, user)
  else if (exchange.method === 'PATCH' && target.subresource !== 'finalize') await patch(api, exchange, target, user)
  else throw notAllowed()
}
