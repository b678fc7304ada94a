/**
 * Lists of many objects with a write before each, so that no server can answer from what it packed for the last one. One
 * client over HTTP/2, gzip accepted as client-go does; only the lists are timed.
 */
import { readFileSync } from 'node:fs'
import { connect, type ClientHttp2Session } from 'node:http2'
import { parse } from 'yaml'
import type { Phase } from './load.ts'
import { percentile } from './measure.ts'

const objects = 2_000
const lists = 40
export const listingMethod = `lists of ${objects} objects of 1 kB by one client, a write before each; the lists alone are timed`
const namespace = 'bench-listing'

interface Kubeconfig {
  clusters: { cluster: Record<string, string> }[]
  users: { user: Record<string, string> }[]
}

export const listingPhase = 'listAfterWrite'

export async function listsBetweenWrites(kubeconfig: string): Promise<Phase> {
  const session = open(kubeconfig)
  try {
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    await send(session, 'POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const make = (i: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `object-${i}` }, data: { text: 'x'.repeat(1024) } })
    for (let from = 0; from < objects; from += 32) await Promise.all(Array.from({ length: Math.min(32, objects - from) }, (_, i) => send(session, 'POST', path, make(from + i))))
    const took: number[] = []
    for (let i = 0; i < lists; i++) {
      await send(session, 'PATCH', `${path}/object-${i}`, { data: { turn: String(i) } }, 'application/merge-patch+json')
      const before = performance.now()
      const bytes = await send(session, 'GET', path)
      if (bytes < 10_000) throw new Error(`a list of ${objects} objects has ${bytes} bytes`)
      took.push(performance.now() - before)
    }
    const sum = took.reduce((a, b) => a + b, 0)
    return { name: listingPhase, perSecond: (lists / sum) * 1000, p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), cpuMs: 0 }
  } finally {
    await send(session, 'DELETE', `/api/v1/namespaces/${namespace}`).catch(() => {})
    session.close()
  }
}

function open(kubeconfig: string): ClientHttp2Session {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const cluster = clusters[0]!.cluster
  const user = users[0]!.user
  const pem = (from: Record<string, string>, name: string): Buffer => {
    const data = from[`${name}-data`]
    return data === undefined ? readFileSync(from[name]!) : Buffer.from(data, 'base64')
  }
  return connect(cluster['server']!, { ca: pem(cluster, 'certificate-authority'), cert: pem(user, 'client-certificate'), key: pem(user, 'client-key') })
}

/** Answers with the number of bytes received. */
function send(session: ClientHttp2Session, method: string, path: string, body?: unknown, type = 'application/json'): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, accept: 'application/json', 'accept-encoding': 'gzip', ...(body === undefined ? {} : { 'content-type': type }) })
    let status = 0
    let bytes = 0
    stream.on('response', (headers) => (status = Number(headers[':status'])))
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    stream.on('end', () => (status < 300 || status === 409 ? resolve(bytes) : reject(new Error(`${method} ${path}: ${status}`))))
    stream.on('error', reject)
    stream.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
