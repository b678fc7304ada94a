/** A real API server for tests: the generic registry on a memory store, behind TLS on a free port. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kindList } from '../../../core/api/kinds.ts'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { systemClock, type Clock } from '../../../core/base/clock.ts'
import { silent } from '../../../core/base/log.ts'
import { Scope } from '../../../core/base/scope.ts'
import { openAuthority, type Authority } from '../../../core/server/auth/authority.ts'
import type { TokenKey } from '../../../core/server/auth/json-web-token.ts'
import { GenericRegistry } from '../../../core/server/registry/generic-registry.ts'
import { serveApi, type ApiServer, type ServeOptions } from '../../../core/server/http/serve-api.ts'
import type { PodAccess } from '../../../core/server/pod-access.ts'
import type { Caller, Registry } from '../../../core/server/registry/registry.ts'
import { memoryStore } from '../../../core/store/memory.ts'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** Parsed where it is JSON. */
  json: Record<string, unknown> & { metadata?: Record<string, unknown>; items?: Record<string, unknown>[] }
}

export interface Door {
  readonly registry: Registry
  readonly server: ApiServer
  readonly authority: Authority
  readonly session: ClientHttp2Session
  readonly scope: Scope
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Lines of a stream as they come; ends with the stream or when `done` says so. */
  lines(path: string, done: (lines: string[]) => boolean, headers?: Record<string, string>): Promise<string[]>
  close(): Promise<void>
}

export const system: Caller = { user: { name: 'system', groups: ['system:masters'] }, actor: 'system', warn: () => {} }

export const noPods: PodAccess = {
  logs: () => Promise.reject(new Error('no node')),
  exec: () => Promise.reject(new Error('no node')),
  attach: () => Promise.reject(new Error('no node')),
  dial: () => Promise.reject(new Error('no node')),
}

export async function openDoor(options: { podAccess?: PodAccess; clock?: Clock; health?: ServeOptions['health']; tokenKey?: TokenKey; externalMetrics?: NonNullable<ServeOptions['externalMetrics']> } = {}): Promise<Door> {
  const home = await mkdtemp(join(tmpdir(), 'orrery-door-'))
  const clock = options.clock ?? systemClock
  const scope = new Scope('test')
  const store = memoryStore(clock)
  const registry = new GenericRegistry({ store, clock, facts: kubernetesFacts, kinds: kindList, admission: [], ...(options.tokenKey ? { tokenKey: options.tokenKey } : {}) })
  for (const name of ['default', 'kube-system']) {
    await registry.create(registry.kind('Namespace'), undefined, { value: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, duplicates: [] }, {}, system)
  }
  const authority = await openAuthority({ directory: home, names: [], now: Date.now() })
  const server = await serveApi({
    registry,
    podAccess: options.podAccess ?? noPods,
    ...(options.externalMetrics ? { externalMetrics: options.externalMetrics } : {}),
    authority,
    openApi: { groupVersions: ['api/v1'], v3: (gv) => (gv === 'api/v1' ? { json: '{"openapi":"3.0.0"}', hash: 'ABC' } : undefined), v2: () => ({ json: '{"swagger":"2.0"}', hash: 'DEF' }), v2Protobuf: () => Buffer.from('v2') },
    clock,
    log: silent,
    scope,
    version: '0.0.0',
    hosts: ['127.0.0.1'],
    port: 0,
    portIsExplicit: true,
    health: options.health ?? [],
  })
  const session = connect(server.url, { ca: authority.caPem, cert: authority.admin.certificatePem, key: authority.admin.keyPem })
  const door: Door = {
    registry,
    server,
    authority,
    session,
    scope,
    request: (method, path, body, headers = {}) => send(session, method, path, body, headers),
    lines: (path, done, headers = {}) => lines(session, path, done, headers),
    close: async () => {
      session.destroy()
      await scope.close()
      await store.close()
      await rm(home, { recursive: true })
    },
  }
  return door
}

export function send(session: ClientHttp2Session, method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const bytes = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ':method': method, ':path': path, ...(bytes === undefined ? {} : { 'content-type': 'application/json' }), 'user-agent': 'test/1', ...headers },
      { endStream: bytes === undefined },
    )
    let received: IncomingHttpHeaders = {}
    const parts: Buffer[] = []
    stream.on('response', (h) => (received = h))
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('error', reject)
    stream.on('end', () => {
      const whole = Buffer.concat(parts)
      const text = whole.toString('utf8')
      let json = {}
      try {
        json = JSON.parse(text) as Record<string, unknown>
      } catch {
        // Not every answer is JSON.
      }
      resolve({ status: Number(received[':status']), headers: received, text, json })
    })
    if (bytes !== undefined) stream.end(bytes)
  })
}

function lines(session: ClientHttp2Session, path: string, done: (lines: string[]) => boolean, headers: Record<string, string>): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, 'user-agent': 'test/1', ...headers }, { endStream: true })
    const found: string[] = []
    let rest: string[] = []
    stream.setEncoding('utf8')
    stream.on('data', (part: string) => {
      rest.push(part)
      // Long lines come in many parts: they are put together once.
      if (!part.includes('\n')) return
      const pieces = rest.join('').split('\n')
      rest = [pieces.pop() ?? '']
      for (const piece of pieces) {
        found.push(piece)
        if (done(found)) {
          stream.destroy()
          resolve(found)
          return
        }
      }
    })
    stream.on('end', () => resolve(found))
    stream.on('error', reject)
  })
}
