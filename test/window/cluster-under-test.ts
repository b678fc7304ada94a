/** A cluster's memory without nodes: store, registry, snapshot and journal, as the window's handlers meet them. */
import { kindList } from '../../core/api/kinds.ts'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import { systemClock } from '../../core/base/clock.ts'
import { silent } from '../../core/base/log.ts'
import { Scope } from '../../core/base/scope.ts'
import { localClient } from '../../core/local-client.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { Client } from '../../core/loop/client.ts'
import { listWatch } from '../../core/loop/list-watch.ts'
import { reflect } from '../../core/loop/reflector.ts'
import { GenericRegistry } from '../../core/server/registry/generic-registry.ts'
import { memoryStore } from '../../core/store/memory.ts'
import { Journal } from '../../core/window/journal/journal.ts'

export interface ClusterUnderTest {
  registry: GenericRegistry
  cache: Cache
  journal: Journal
  as(actor: string): Client
  /** Resolves when the snapshot holds everything written so far. */
  seen(): Promise<void>
  close(): Promise<void>
}

export async function clusterUnderTest(): Promise<ClusterUnderTest> {
  const scope = new Scope('test')
  const store = memoryStore(systemClock)
  const registry = new GenericRegistry({ store, clock: systemClock, facts: kubernetesFacts, kinds: kindList })
  await registry.ready
  const user = { name: 'ann', groups: ['system:masters'] }
  const as = (actor: string) => localClient({ registry, actor, user })
  const cache = new Cache()
  const stored = kindList.filter((kind) => kind.verbs?.includes('list') ?? true).map(({ kind }) => kind)
  void reflect({ source: listWatch(as('system'), stored), sink: cache, clock: systemClock, log: silent, signal: scope.signal })
  await cache.waitFor(0)
  await as('system').create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
  const journal = await Journal.open(store, () => cache, scope)
  return { registry, cache, journal, as, seen: () => cache.waitFor(store.revision), close: () => scope.close() }
}

export const deployment = (image: string, replicas = 3) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image }] } } },
})
