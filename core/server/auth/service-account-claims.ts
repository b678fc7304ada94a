/** What a service account's token says, and how it is read back. Upstream: pkg/serviceaccount/claims.go, legacy.go. */
import { isObject } from '../../base/json.ts'
import type { Claims } from './json-web-token.ts'

export interface Named {
  readonly name: string
  readonly uid: string
}

export interface AccountClaims {
  readonly namespace: string
  readonly account: Named
  readonly pod?: Named
  readonly secret?: Named
  readonly node?: Named
}

export interface TimedClaims extends AccountClaims {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly id: string
  /** Seconds since the epoch, as all times here. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly warnAfter?: number
}

/** Issuer of the tokens that live in Secrets. */
export const secretIssuer = 'kubernetes/serviceaccount'
const secretPrefix = 'kubernetes.io/serviceaccount/'

export const accountUser = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

export function boundClaims(token: TimedClaims): Claims {
  const { namespace, account, pod, secret, node, warnAfter } = token
  return {
    aud: token.audiences,
    exp: token.expiresAt,
    iat: token.issuedAt,
    iss: token.issuer,
    jti: token.id,
    'kubernetes.io': {
      namespace,
      ...(node === undefined ? {} : { node: plain(node) }),
      ...(pod === undefined ? {} : { pod: plain(pod) }),
      ...(secret === undefined ? {} : { secret: plain(secret) }),
      serviceaccount: plain(account),
      ...(warnAfter === undefined ? {} : { warnafter: warnAfter }),
    },
    nbf: token.issuedAt,
    sub: accountUser(namespace, account.name),
  }
}

/** The form without an end that a Secret of type kubernetes.io/service-account-token carries. */
export const secretClaims = (namespace: string, account: Named, secret: string): Claims => ({
  iss: secretIssuer,
  [`${secretPrefix}namespace`]: namespace,
  [`${secretPrefix}secret.name`]: secret,
  [`${secretPrefix}service-account.name`]: account.name,
  [`${secretPrefix}service-account.uid`]: account.uid,
  sub: accountUser(namespace, account.name),
})

/** A Node that is gone has no uid to name. */
const plain = ({ name, uid }: Named) => (uid === '' ? { name } : { name, uid })

export interface ReadClaims extends AccountClaims {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly id?: string
  readonly notBefore?: number
  readonly expiresAt?: number
}

/** Undefined where it is no service account's. */
export function readClaims(claims: Claims): ReadClaims | undefined {
  const issuer = claims['iss']
  if (typeof issuer !== 'string') return undefined
  return issuer === secretIssuer ? ofSecret(claims) : ofRequest(claims, issuer)
}

function ofSecret(claims: Claims): ReadClaims | undefined {
  const [namespace, name, uid, secret] = ['namespace', 'service-account.name', 'service-account.uid', 'secret.name'].map((key) => claims[`${secretPrefix}${key}`])
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string' || typeof secret !== 'string') return undefined
  return { issuer: secretIssuer, audiences: [], namespace, account: { name, uid }, secret: { name: secret, uid: '' } }
}

function ofRequest(claims: Claims, issuer: string): ReadClaims | undefined {
  const own = claims['kubernetes.io']
  if (!isObject(own)) return undefined
  const account = named(own['serviceaccount'])
  const { namespace } = own
  if (account === undefined || typeof namespace !== 'string') return undefined
  const { aud, jti, nbf, exp } = claims
  const [pod, secret, node] = [named(own['pod']), named(own['secret']), named(own['node'])]
  return {
    issuer,
    namespace,
    account,
    audiences: (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string'),
    ...(typeof jti === 'string' ? { id: jti } : {}),
    ...(typeof nbf === 'number' ? { notBefore: nbf } : {}),
    ...(typeof exp === 'number' ? { expiresAt: exp } : {}),
    ...(pod === undefined ? {} : { pod }),
    ...(secret === undefined ? {} : { secret }),
    ...(node === undefined ? {} : { node }),
  }
}

function named(value: unknown): Named | undefined {
  if (!isObject(value) || typeof value['name'] !== 'string') return undefined
  return { name: value['name'], uid: typeof value['uid'] === 'string' ? value['uid'] : '' }
}
