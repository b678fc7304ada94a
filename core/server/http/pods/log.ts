/** pods/log: plain text, as it comes (upstream: pkg/registry/core/pod/rest/log.go, apis/core/validation ValidatePodLogOptions). */
import { once } from 'node:events'
import { forbidden, invalid, notSupported, type FieldError } from '../../../api/field-error.ts'
import { ApiError } from '../../../api/status.ts'
import type { PodLogOptions } from '../../pod-access.ts'
import type { Api, Target } from '../api.ts'
import type { Exchange } from '../exchange.ts'
import { flag, integer, queryOf, type Query } from '../options.ts'
import { notAllowed } from '../router.ts'
import { containerOf, placed, podOf } from './pod-target.ts'

export type LogChunks = AsyncIterable<Uint8Array>

export async function log(api: Api, exchange: Exchange, target: Target): Promise<void> {
  if (exchange.method !== 'GET') throw notAllowed()
  const stop = new AbortController()
  const chunks = await openLog(api, target, queryOf(exchange), stop.signal)
  const outlet = exchange.open(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' })
  const end = () => stop.abort()
  outlet.on('close', end)
  api.signal.addEventListener('abort', end, { once: true })
  try {
    for await (const chunk of chunks) {
      if (outlet.destroyed) break
      if (!outlet.write(chunk)) await Promise.race([once(outlet, 'drain'), once(outlet, 'close')])
    }
    outlet.end()
  } catch (error) {
    if (!stop.signal.aborted) throw error
    outlet.end()
  } finally {
    api.signal.removeEventListener('abort', end)
    stop.abort()
  }
}

/** Everything that can be refused is refused here, before an answer begins. */
export async function openLog(api: Api, target: Target, query: Query, signal: AbortSignal): Promise<LogChunks> {
  const options = logOptions(query, target.name ?? '', api.clock.now())
  const pod = await podOf(api, target)
  const container = containerOf(pod, query.get('container'))
  const place = placed(pod)
  // A Pod that no node has taken yet has nothing to say.
  if (place === undefined) return nothing()
  return api.podAccess.logs(place, { ...options, container: container.name, signal })
}

async function* nothing(): LogChunks {}

function logOptions(query: Query, pod: string, now: number): Omit<PodLogOptions, 'container' | 'signal'> {
  const errors: FieldError[] = []
  const tailLines = integer(query, 'tailLines')
  const limitBytes = integer(query, 'limitBytes')
  const sinceSeconds = integer(query, 'sinceSeconds')
  const sinceTime = query.get('sinceTime')
  const stream = query.get('stream') ?? ''
  if (tailLines !== undefined && tailLines < 0) errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1) errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime) errors.push(forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  if (stream !== '' && stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr') errors.push(notSupported('stream', stream, ['All', 'Stdout', 'Stderr']))
  else if (tailLines !== undefined && (stream === 'Stdout' || stream === 'Stderr')) errors.push(forbidden('[]', '`tailLines` and specific `stream` are mutually exclusive for now'))
  const sinceMs = sinceTime ? Date.parse(sinceTime) : sinceSeconds === undefined ? undefined : now - sinceSeconds * 1000
  if (sinceMs !== undefined && Number.isNaN(sinceMs)) throw new ApiError('BadRequest', `parsing time ${JSON.stringify(sinceTime)} as "2006-01-02T15:04:05Z07:00": cannot parse`)
  if (errors.length > 0) {
    const said = errors.map((e) => `${e.field}: ${e.message}`)
    throw new ApiError('Invalid', `PodLogOptions ${JSON.stringify(pod)} is invalid: ${said.length === 1 ? said[0]! : `[${said.join(', ')}]`}`, {
      name: pod,
      kind: 'PodLogOptions',
      causes: errors.map((e) => ({ reason: e.type, message: e.message, field: e.field })),
    })
  }
  return {
    follow: flag(query, 'follow') ?? false,
    previous: flag(query, 'previous') ?? false,
    timestamps: flag(query, 'timestamps') ?? false,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(stream === 'Stdout' ? { stream: 'stdout' } : stream === 'Stderr' ? { stream: 'stderr' } : {}),
  }
}
