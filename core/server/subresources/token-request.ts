/** serviceaccounts/token: a token for this account, for some time, for some audience, bound to an object where asked. Upstream: pkg/registry/core/serviceaccount/storage/token.go. */
import { randomUUID } from 'node:crypto'
import { invalid } from '../../api/field-error.ts'
import type { FieldError } from '../../api/field-error.ts'
import { timestamp, type KubeObject } from '../../api/meta.ts'
import { cannotHandle, decode, DecodeError } from '../../api/schema/structural.ts'
import { isNotFound } from '../../api/status.ts'
import type { TokenRequest } from '../../api/types/authentication.ts'
import type { Pod } from '../../api/types/core.ts'
import { isObject } from '../../base/json.ts'
import type { Named } from '../auth/service-account-claims.ts'
import { apiAudiences, type ReadObject, type ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import { badRequest, objectConflict, objectInvalid } from '../errors.ts'
import type { Machinery } from '../registry/machinery.ts'
import type { Body, Key } from '../registry/registry.ts'

const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest', plural: 'TokenRequest' }
const apiVersion = 'authentication.k8s.io/v1'
const model = 'io.k8s.api.authentication.v1.TokenRequest'
const leastSeconds = 600
const mostSeconds = 2 ** 32
const defaultSeconds = 3600
/** What the admission of Pods asks for; such a token lasts a year, so that clients that never read it again go on working. */
export const watchedSeconds = 3607
const extendedSeconds = 365 * 24 * 3600

type Bound = Partial<Record<'pod' | 'secret' | 'node', Named>>

export async function requestToken(machinery: Machinery, tokens: ServiceAccountTokens, read: ReadObject, key: Key, body: Body): Promise<KubeObject> {
  const request = decoded(machinery, body)
  const { metadata } = request
  const namespace = key.namespace ?? ''
  const mismatch = (field: string, value: string, what: string) => objectInvalid(kind, key.name, [invalid(`metadata.${field}`, value, `must match the service account ${what} if specified`)])
  if (metadata.name && metadata.name !== key.name) throw mismatch('name', metadata.name, 'name')
  if (metadata.namespace && metadata.namespace !== namespace) throw mismatch('namespace', metadata.namespace, 'namespace')
  const account = await read('ServiceAccount', namespace, key.name)
  const { uid } = account.metadata
  if (metadata.uid && metadata.uid !== uid) {
    throw objectConflict(kind, key.name, `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`)
  }
  const { spec } = request
  const audiences = spec.audiences?.length ? spec.audiences : [...apiAudiences]
  const seconds = spec.expirationSeconds ?? defaultSeconds
  const errors: FieldError[] = []
  if (seconds < leastSeconds) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds > mostSeconds) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'))
  if (errors.length > 0) throw objectInvalid(kind, '', errors)
  const bound = await boundObject(request, key, read)

  const nowMs = machinery.clock.now()
  const issuedAt = Math.floor(nowMs / 1000)
  const extended = bound.pod !== undefined && seconds === watchedSeconds && audiences.every((audience) => apiAudiences.includes(audience))
  const token = tokens.issue({
    namespace,
    account: { name: key.name, uid },
    ...bound,
    audiences,
    id: randomUUID(),
    issuedAt,
    expiresAt: issuedAt + (extended ? extendedSeconds : seconds),
    ...(extended ? { warnAfter: issuedAt + seconds } : {}),
  })
  return {
    kind: 'TokenRequest',
    apiVersion,
    metadata: { name: key.name, namespace, uid, creationTimestamp: timestamp(nowMs) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: timestamp((issuedAt + seconds) * 1000) },
  } as unknown as KubeObject
}

function decoded(machinery: Machinery, body: Body): TokenRequest {
  const given = isObject(body.value) ? body.value : {}
  if (typeof given['kind'] === 'string' && given['kind'] !== '' && given['kind'] !== kind.kind) {
    throw badRequest(`${given['kind']} in version "v1" cannot be handled as a TokenRequest: converting to (authentication.TokenRequest): unknown conversion`)
  }
  try {
    const value = decode(machinery.facts.model(model), given).value as unknown as Partial<TokenRequest>
    return { ...value, metadata: value.metadata ?? {}, spec: value.spec ?? {} } as TokenRequest
  } catch (error) {
    if (error instanceof DecodeError) throw cannotHandle(kind.kind, 'v1', error.message)
    throw error
  }
}

async function boundObject({ spec }: TokenRequest, { name, namespace }: Key, read: ReadObject): Promise<Bound> {
  const ref = spec.boundObjectRef
  if (!ref) return {}
  const { apiVersion: version = '', kind: bindTo = '', name: to = '' } = ref
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : ''
  if (group !== '' || (bindTo !== 'Pod' && bindTo !== 'Secret' && bindTo !== 'Node')) {
    throw badRequest(`cannot bind token to object of type ${version.includes('/') ? version : `/${version}`}, Kind=${bindTo}`)
  }
  const object = await read(bindTo, bindTo === 'Node' ? undefined : namespace, to)
  const { uid } = object.metadata
  if (bindTo === 'Pod' && (object as unknown as Pod).spec.serviceAccountName !== name) {
    throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(name)} to pod running with different serviceaccount name.`)
  }
  if (ref.uid && ref.uid !== uid) {
    throw objectConflict({ group: '', plural: bindTo, kind: bindTo }, to, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
  }
  if (bindTo === 'Secret') return { secret: { name: to, uid } }
  if (bindTo === 'Node') return { node: { name: to, uid } }
  return { pod: { name: to, uid }, ...(await nodeOf(object as unknown as Pod, read)) }
}

/** The Pod's node goes along for those who inspect the token; one that is gone only by name. */
async function nodeOf({ spec }: Pod, read: ReadObject): Promise<Bound> {
  const name = spec.nodeName
  if (!name) return {}
  try {
    return { node: { name, uid: (await read('Node', undefined, name)).metadata.uid } }
  } catch (error) {
    if (isNotFound(error)) return { node: { name, uid: '' } }
    throw error
  }
}
