/**
 * Lists of many objects with a write before each, so that no server can answer from what it packed for the last one. One
 * client over HTTP/2, gzip accepted as client-go does; only the lists are timed.
 */
import { ApiSession } from './api-session.ts'
import type { Phase } from './load.ts'
import { percentile } from './measure.ts'

const objects = 2_000
const lists = 40
export const listingMethod = `lists of ${objects} objects of 1 kB by one client, a write before each; the lists alone are timed`
const namespace = 'bench-listing'

export const listingPhase = 'listAfterWrite'

export async function listsBetweenWrites(kubeconfig: string): Promise<Phase> {
  const session = new ApiSession(kubeconfig)
  try {
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    await session.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const make = (i: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `object-${i}` }, data: { text: 'x'.repeat(1024) } })
    for (let from = 0; from < objects; from += 32) await Promise.all(Array.from({ length: Math.min(32, objects - from) }, (_, i) => session.send('POST', path, make(from + i))))
    const took: number[] = []
    for (let i = 0; i < lists; i++) {
      await session.send('PATCH', `${path}/object-${i}`, { data: { turn: String(i) } }, 'application/merge-patch+json')
      const before = performance.now()
      const bytes = await session.send('GET', path)
      if (bytes < 10_000) throw new Error(`a list of ${objects} objects has ${bytes} bytes`)
      took.push(performance.now() - before)
    }
    const sum = took.reduce((a, b) => a + b, 0)
    return { name: listingPhase, perSecond: (lists / sum) * 1000, p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99), cpuMs: 0 }
  } finally {
    await session.send('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => {})
    session.close()
  }
}
