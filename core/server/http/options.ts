/**
 * Query parameters of the verbs, decoded and checked as upstream does (apimachinery/pkg/apis/meta/v1/validation and
 * internalversion/validation). Wrong options are 422 about a kind of meta.k8s.io; unreadable numbers are 400.
 */
import { isObject } from '../../base/json.ts'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../api/field-error.ts'
import { ApiError } from '../../api/status.ts'
import type { DeleteParams, ListParams, WatchParams, WriteParams } from '../registry/registry.ts'
import { bodyLimitBytes, mediaType, parseAs } from './decode-body.ts'
import type { Exchange } from './exchange.ts'

export type Query = URLSearchParams
const noQuery = new URLSearchParams()

export const queryOf = (exchange: Exchange): Query => (exchange.query === '' ? noQuery : new URLSearchParams(exchange.query))

/** Upstream reads everything but "false" and "0" as true. */
export function flag(query: Query, name: string): boolean | undefined {
  const value = query.get(name)
  return value === null ? undefined : value.toLowerCase() !== 'false' && value !== '0'
}

export function integer(query: Query, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^[+-]?\d+$/.test(value)) throw new ApiError('BadRequest', `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new ApiError('BadRequest', `strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`)
  return number
}

function text(query: Query, name: string): string | undefined {
  const value = query.get(name)
  return value === null || value === '' ? undefined : value
}

function invalidOptions(kind: string, errors: readonly FieldError[]): ApiError {
  const said = errors.map((e) => `${e.field}: ${e.message}`)
  return new ApiError('Invalid', `${kind}.meta.k8s.io "" is invalid: ${said.length === 1 ? said[0]! : `[${said.join(', ')}]`}`, {
    group: 'meta.k8s.io',
    kind,
    causes: errors.map((e) => ({ reason: e.type, message: e.message, field: e.field })),
  })
}

const defined = <T extends object>(values: { [K in keyof T]: T[K] | undefined }): T => {
  const kept: Record<string, unknown> = {}
  for (const key in values) if (values[key] !== undefined) kept[key] = values[key]
  return kept as T
}

export function listParams(query: Query, namespace: string | undefined): ListParams {
  const params = common(query, namespace)
  const limit = integer(query, 'limit')
  const continued = text(query, 'continue')
  const errors: FieldError[] = []
  const match = params.resourceVersionMatch
  if (match !== undefined) {
    const field = 'resourceVersionMatch'
    if (params.resourceVersion === undefined) errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (continued !== undefined) errors.push(forbidden(field, 'resourceVersionMatch is forbidden for continue requests'))
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push({ ...notSupported(field, match, []), message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""` })
    if (match === 'Exact' && params.resourceVersion === '0') errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  if (query.has('sendInitialEvents')) errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  if (errors.length > 0) throw invalidOptions('ListOptions', errors)
  return { ...params, ...defined<ListParams>({ limit: limit === undefined || limit <= 0 ? undefined : limit, continue: continued }) }
}

export function watchParams(query: Query, namespace: string | undefined): WatchParams & { timeoutSeconds?: number } {
  const params = common(query, namespace)
  const sendInitialEvents = flag(query, 'sendInitialEvents')
  const match = params.resourceVersionMatch
  const field = 'resourceVersionMatch'
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') errors.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  if (match !== undefined) {
    if (sendInitialEvents === undefined) errors.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']))
    if (query.get('continue')) errors.push(forbidden(field, 'resourceVersionMatch is forbidden for continue requests'))
  }
  if (errors.length > 0) throw invalidOptions('ListOptions', errors)
  return { ...params, ...defined<Pick<WatchParams, 'sendInitialEvents' | 'allowBookmarks'> & { timeoutSeconds: number }>({ sendInitialEvents, allowBookmarks: flag(query, 'allowWatchBookmarks'), timeoutSeconds: integer(query, 'timeoutSeconds') }) }
}

function common(query: Query, namespace: string | undefined): Omit<ListParams, 'limit' | 'continue'> {
  return defined<Omit<ListParams, 'limit' | 'continue'>>({
    namespace,
    labelSelector: text(query, 'labelSelector'),
    fieldSelector: text(query, 'fieldSelector'),
    resourceVersion: text(query, 'resourceVersion'),
    resourceVersionMatch: text(query, 'resourceVersionMatch'),
  })
}

export function writeParams(exchange: Exchange, query: Query, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions', subresource: string | undefined): WriteParams {
  const managerDefault = managerOf(exchange.headers['user-agent'])
  if (query.size === 0) return defined<WriteParams>({ fieldManager: managerDefault, subresource })
  const errors: FieldError[] = []
  const dryRun = dryRunOf(query.getAll('dryRun'), errors)
  const fieldValidation = text(query, 'fieldValidation')
  if (fieldValidation !== undefined && fieldValidation !== 'Ignore' && fieldValidation !== 'Warn' && fieldValidation !== 'Strict') {
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']))
  }
  const fieldManager = text(query, 'fieldManager')
  if (fieldManager !== undefined) checkManager(fieldManager, errors)
  if (errors.length > 0) throw invalidOptions(kind, errors)
  return defined<WriteParams>({
    dryRun: dryRun || undefined,
    fieldManager: fieldManager ?? managerDefault,
    fieldValidation: fieldValidation as WriteParams['fieldValidation'],
    subresource,
  })
}

function dryRunOf(values: readonly string[], errors: FieldError[]): boolean {
  if (values.length === 0) return false
  if (values.some((v) => v !== 'All')) errors.push({ ...notSupported('dryRun', [...values], ['All']), message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"` })
  return true
}

function checkManager(manager: string, errors: FieldError[]): void {
  const bytes = Buffer.byteLength(manager)
  if (bytes > 128) errors.push({ type: 'FieldValueTooLong', field: 'fieldManager', message: 'Too long: may not be more than 128 bytes' })
  const at = [...manager].findIndex((c) => /[\p{C}]/u.test(c))
  if (at !== -1) {
    const point = [...manager][at]!.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    errors.push({ ...invalid('fieldManager', manager, ''), message: `Invalid value: ${goQuote(manager)}: invalid character U+${point} (at position ${at})` })
  }
}

const goQuote = (value: string) => JSON.stringify(value).replace(/\\u00([0-9a-f]{2})/g, '\\x$1')

/** Upstream: the user agent up to the first slash. */
function managerOf(agent: string | undefined): string | undefined {
  if (agent === undefined) return undefined
  const slash = agent.indexOf('/')
  const name = (slash === -1 ? agent : agent.slice(0, slash)).replace(/[^\x20-\x7e]/g, '').slice(0, 128)
  return name === '' ? undefined : name
}

export function patchForce(query: Query, isApply: boolean, explicitManager: boolean): boolean | undefined {
  const force = flag(query, 'force')
  const errors: FieldError[] = []
  if (!isApply && force !== undefined) errors.push(forbidden('force', 'may not be specified for non-apply patch'))
  if (isApply && !explicitManager) errors.push(required('fieldManager', 'is required for apply patch'))
  if (errors.length > 0) throw invalidOptions('PatchOptions', errors)
  return force
}

/** DELETE's options: from the body where there is one, else from the query. */
export async function deleteParams(exchange: Exchange, query: Query): Promise<DeleteParams> {
  const bytes = await exchange.readBody(bodyLimitBytes)
  const given = bytes.length === 0 ? fromQuery(query) : await fromBody(exchange, bytes)
  const errors: FieldError[] = []
  const dryRun = dryRunOf(given.dryRun, errors)
  const { propagationPolicy, orphanDependents } = given
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    errors.push(invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  } else if (propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)) {
    errors.push({ type: 'FieldValueNotSupported', field: 'propagationPolicy', message: `Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Foreground", "Background", "Orphan", "nil"` })
  }
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors)
  return defined<DeleteParams>({
    dryRun: dryRun || undefined,
    propagationPolicy,
    orphanDependents,
    gracePeriodSeconds: given.gracePeriodSeconds,
    uid: given.uid,
    resourceVersion: given.resourceVersion,
    fieldManager: managerOf(exchange.headers['user-agent']),
  })
}

interface GivenDelete {
  dryRun: readonly string[]
  propagationPolicy?: string | undefined
  orphanDependents?: boolean | undefined
  gracePeriodSeconds?: number | undefined
  uid?: string | undefined
  resourceVersion?: string | undefined
}

const fromQuery = (query: Query): GivenDelete => ({
  dryRun: query.getAll('dryRun'),
  propagationPolicy: text(query, 'propagationPolicy'),
  orphanDependents: flag(query, 'orphanDependents'),
  gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
})

async function fromBody(exchange: Exchange, bytes: Buffer): Promise<GivenDelete> {
  let value: unknown
  try {
    value = (await parseAs(mediaType(exchange.headers['content-type']), bytes)).value
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw new ApiError('BadRequest', `couldn't get version/kind; json parse error: ${(error as Error).message}`)
  }
  return deleteOptionsOf(value)
}

function deleteOptionsOf(value: unknown): GivenDelete {
  if (!isObject(value)) throw new ApiError('BadRequest', "couldn't get version/kind; json parse error: the options must be an object")
  if (value['kind'] !== undefined && value['kind'] !== '' && value['kind'] !== 'DeleteOptions') {
    throw new ApiError('BadRequest', `no kind ${JSON.stringify(value['kind'])} is registered for version "meta.k8s.io/v1"`)
  }
  const wrong = (field: string, type: string) => new ApiError('BadRequest', `json: cannot unmarshal into Go struct field DeleteOptions.${field} of type ${type}`)
  const string = (holder: Record<string, unknown>, field: string) => {
    const found = holder[field]
    if (found === undefined || found === null) return undefined
    if (typeof found !== 'string') throw wrong(field, 'string')
    return found
  }
  const grace = value['gracePeriodSeconds'] ?? undefined
  if (grace !== undefined && !Number.isInteger(grace)) throw wrong('gracePeriodSeconds', 'int64')
  const orphan = value['orphanDependents'] ?? undefined
  if (orphan !== undefined && typeof orphan !== 'boolean') throw wrong('orphanDependents', 'bool')
  const dryRun = value['dryRun'] ?? []
  if (!Array.isArray(dryRun)) throw wrong('dryRun', '[]string')
  const preconditions = value['preconditions'] ?? {}
  if (!isObject(preconditions)) throw wrong('preconditions', 'v1.Preconditions')
  return {
    dryRun: dryRun.map(String),
    propagationPolicy: string(value, 'propagationPolicy'),
    orphanDependents: orphan,
    gracePeriodSeconds: grace as number | undefined,
    uid: string(preconditions, 'uid'),
    resourceVersion: string(preconditions, 'resourceVersion'),
  }
}
