/**
 * Who asks: the user that a verified client certificate names (CN is the user, O its groups; upstream:
 * apiserver/pkg/authentication/request/x509), and impersonation by those who may (apiserver/pkg/endpoints/filters/impersonation.go).
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { ApiError } from '../../api/status.ts'
import type { User } from '../registry/registry.ts'

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
export const isAnonymous = (user: User): boolean => user.groups.includes('system:unauthenticated')

/** What a connection proved: a user, nobody, or a certificate that this cluster did not sign. */
export type Proof = User | 'none' | 'refused'

export function proofOf(socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>): Proof {
  const certificate = socket.getPeerCertificate()
  const subject: { CN?: string | string[]; O?: string | string[] } | undefined = certificate.subject
  if (subject === undefined) return 'none'
  if (!socket.authorized) return 'refused'
  const name = Array.isArray(subject.CN) ? subject.CN.at(-1) : subject.CN
  if (name === undefined || name === '') return 'refused'
  const groups = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O]
  return { name, groups: [...groups, 'system:authenticated'] }
}

const extraPrefix = 'impersonate-extra-'

/** The user a request is to be judged as. Only system:masters may speak for others. */
export function impersonated(user: User, headers: IncomingHttpHeaders): User {
  const name = headers['impersonate-user']
  if (name === undefined) {
    if (headers['impersonate-group'] === undefined && headers['impersonate-uid'] === undefined) return user
    throw new ApiError('InternalError', 'Internal error occurred: requested groups or a uid without impersonating a user')
  }
  const groups = list(headers['impersonate-group'])
  const uid = headers['impersonate-uid']
  const extra: Record<string, string[]> = {}
  for (const key in headers) {
    if (key.startsWith(extraPrefix)) extra[decodeURIComponent(key.slice(extraPrefix.length))] = list(headers[key])
  }
  const wanted = String(name)
  if (!user.groups.includes('system:masters')) {
    throw new ApiError('Forbidden', `users ${JSON.stringify(wanted)} is forbidden: User ${JSON.stringify(user.name)} cannot impersonate resource "users" in API group "" at the cluster scope`, {
      name: wanted,
      kind: 'users',
    })
  }
  const all = wanted.startsWith('system:serviceaccount:') && groups.length === 0
    ? ['system:serviceaccounts', `system:serviceaccounts:${wanted.split(':')[2] ?? ''}`]
    : groups
  const closing = wanted === anonymous.name ? 'system:unauthenticated' : 'system:authenticated'
  return {
    name: wanted,
    ...(uid === undefined ? {} : { uid: String(uid) }),
    groups: all.includes(closing) ? all : [...all, closing],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

/** Node joins repeated headers of unknown names with a comma and a blank. */
const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : value.split(', '))
