/** A registry on a memory store with one namespace and its default service account, and short ways to ask it. */
import { systemClock } from '../../../core/base/clock.ts'
import type { Clock } from '../../../core/base/clock.ts'
import { kindList } from '../../../core/api/kinds.ts'
import type { Patch } from '../../../core/api/request.ts'
import { kubernetesFacts } from '../../../core/api/schema/kubernetes-facts.ts'
import { GenericRegistry } from '../../../core/server/registry/generic-registry.ts'
import type { RegistryOptions } from '../../../core/server/registry/generic-registry.ts'
import type { Answer, Body, Caller, WriteParams } from '../../../core/server/registry/registry.ts'
import { memoryStore } from '../../../core/store/memory.ts'

export const body = (value: unknown): Body => ({ value, duplicates: [] })

export const callerWith = (warnings: string[]): Caller => ({
  user: { name: 'admin', groups: ['system:masters', 'system:authenticated'] },
  actor: 'user:admin',
  warn: (text) => void warnings.push(text),
})
export const caller = callerWith([])

export interface Opened {
  registry: GenericRegistry
  create(object: { kind: string; metadata: { namespace?: string } } & Record<string, unknown>, params?: WriteParams): Promise<Answer>
  patch(kind: string, name: string, patch: Patch, params?: WriteParams & { force?: boolean }): Promise<Answer>
  get(kind: string, name: string): Promise<Answer>
}

export const namespace = 'golden'

export async function openRegistry(clock: Clock = systemClock, options: Partial<RegistryOptions> = {}): Promise<Opened> {
  const registry = new GenericRegistry({ store: memoryStore(clock), clock, facts: kubernetesFacts, kinds: kindList, ...options })
  const keyFor = (kind: string, name: string) => (registry.kind(kind).definition.scope === 'Namespaced' ? { namespace, name } : { name })
  const opened: Opened = {
    registry,
    create: (object, params = {}) => {
      const face = registry.kind(object.kind)
      return registry.create(face, face.definition.scope === 'Namespaced' ? (object.metadata.namespace ?? namespace) : undefined, body(object), params, caller)
    },
    patch: (kind, name, patch, params = {}) => registry.patch(registry.kind(kind), keyFor(kind, name), patch, params, caller),
    get: (kind, name) => registry.get(registry.kind(kind), keyFor(kind, name)),
  }
  await opened.create({ kind: 'Namespace', metadata: { name: namespace } as { namespace?: string } })
  await opened.create({ kind: 'ServiceAccount', metadata: { name: 'default' } as { namespace?: string } })
  return opened
}
