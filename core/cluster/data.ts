/** The API's data: what is acknowledged is on disk; who may come in; and the registry, through which alone objects are read and written. */
import { kindList } from '../api/kinds.ts'
import { kubernetesFacts } from '../api/schema/kubernetes-facts.ts'
import type { Home } from '../home.ts'
import { localClient } from '../local-client.ts'
import type { Client } from '../loop/client.ts'
import type { Ranges } from '../network/ranges.ts'
import { openAuthority, type Authority } from '../server/auth/authority.ts'
import { TokenKey } from '../server/auth/json-web-token.ts'
import { expireObjects } from '../server/registry/event-expiry.ts'
import { GenericRegistry, type RegistryOptions } from '../server/registry/generic-registry.ts'
import type { User } from '../server/registry/registry.ts'
import { keepHistory } from '../store/compactor.ts'
import { sqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import type { Part } from './part.ts'
import { serverNames } from './pod-network.ts'

export interface Data {
  readonly store: Store
  readonly authority: Authority
  readonly tokenKey: TokenKey
  readonly registry: GenericRegistry
  /** Writes as that part of the cluster, or as `user`. */
  readonly clientFor: (actor: string, user?: User) => Client
}

const nodePorts = { from: 30_000, to: 32_767 }

export async function openData({ clock, log, scope }: Part, home: Home, ranges: Ranges, derived: NonNullable<RegistryOptions['derived']>): Promise<Data> {
  const store = sqliteStore(home.database, clock)
  scope.add('store', () => store.close())
  keepHistory(store, clock, scope, log)
  const authority = await openAuthority({ directory: home.certificates, names: serverNames(ranges), now: clock.now() })
  const tokenKey = new TokenKey(authority.tokenKeyPem)
  const registry = new GenericRegistry({ store, clock, facts: kubernetesFacts, kinds: kindList, services: { addresses: ranges.services, nodePorts }, tokenKey, derived })
  await registry.ready
  for (const kind of kindList) if (kind.ttlSeconds !== undefined) await expireObjects(store, clock, kind, scope)
  return { store, authority, tokenKey, registry, clientFor: (actor, user = partOfCluster(actor)) => localClient({ registry, actor, user }) }
}

const partOfCluster = (actor: string): User => ({ name: actor.startsWith('node:') ? `system:node:${actor.slice('node:'.length)}` : `system:${actor.replace(/^controller:/, '')}`, groups: ['system:masters', 'system:authenticated'] })
