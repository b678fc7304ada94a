/** Where a paged list goes on (upstream: apiserver/pkg/storage/continue.go). */
import { badRequest } from '../errors.ts'

export interface Continue {
  /** Revision of the first page; -1 to go on at the newest. */
  readonly revision: number
  /** Last key seen, without the list's prefix. */
  readonly after: string
}

export const encodeContinue = ({ revision, after }: Continue): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url')

export function decodeContinue(token: string): Continue {
  const invalid = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  let value: { v?: unknown; rv?: unknown; start?: unknown }
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as typeof value
  } catch (error) {
    throw invalid((error as Error).message)
  }
  if (value === null || value.v !== 'meta.k8s.io/v1') throw invalid('server does not recognize this encoded version')
  if (typeof value.rv !== 'number' || value.rv === 0) throw invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof value.start !== 'string' || value.start === '') throw invalid('encoded start key empty (version meta.k8s.io/v1)')
  return { revision: value.rv, after: value.start.endsWith('\0') ? value.start.slice(0, -1) : value.start }
}
