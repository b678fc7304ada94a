/**
 * The Client of everything that lives in this process: straight to the registry's verbs, as one actor. Same decoding,
 * defaulting, validation and admission as over HTTP; answers are the shared frozen objects.
 */
import type { KubeObject, NewObject, Ref } from './api/meta.ts'
import { ApiError } from './api/status.ts'
import type { Client, DeleteOptions, ListAnswer, ListQuery, WatchEvent, WatchQuery, WriteOptions } from './loop/client.ts'
import type { Patch } from './api/request.ts'
import type { GenericRegistry } from './server/registry/generic-registry.ts'
import { keyOf, prefixOf } from './server/registry/keys.ts'
import type { Body, Caller, DeleteParams, Face, Key, User, WriteParams } from './server/registry/registry.ts'
import { Compacted, type Change } from './store/store.ts'

export interface LocalClientOptions {
  registry: GenericRegistry
  /** Journal actor: `user:ann`, `controller:…`, `node:n1`, `scheduler`, `system`. */
  actor: string
  user: User
}

/** Changes a reader may be behind before its watch ends and it lists again. */
const behindAtMost = 50_000

const optional = <K extends string, V>(key: K, value: V | undefined) => (value === undefined ? {} : ({ [key]: value } as Record<K, V>))
const bodyOf = (value: unknown): Body => ({ value, duplicates: [] })

export function localClient({ registry, actor, user }: LocalClientOptions): Client {
  const { store, entries } = registry.machinery
  const faceOf = (kind: string): Face => registry.kind(kind)
  const nameOf = (ref: Ref): Key => ({ name: ref.name, ...optional('namespace', ref.namespace) })
  const caller = (options: WriteOptions | undefined): Caller => ({ user, actor, ...optional('because', options?.because), warn: () => {} })
  const params = (options: (WriteOptions & { subresource?: string }) | undefined): WriteParams => ({
    // Planners are typed, and the window reviews with Strict through this same client.
    fieldValidation: 'Strict',
    fieldManager: options?.fieldManager ?? actor,
    ...optional('dryRun', options?.dryRun),
    ...optional('subresource', options?.subresource),
  })
  const deleting = (options: DeleteOptions | undefined): DeleteParams => ({
    ...params(options),
    ...optional('uid', options?.uid),
    ...optional('resourceVersion', options?.resourceVersion),
    ...optional('propagationPolicy', options?.propagationPolicy),
    ...optional('gracePeriodSeconds', options?.gracePeriodSeconds),
  })
  const uidGuard = (ref: Ref, options: DeleteOptions | undefined): DeleteOptions => ({ ...optional('uid', ref.uid), ...options })

  return {
    async get<T extends KubeObject>(ref: Ref) {
      return (await registry.get(faceOf(ref.kind), nameOf(ref))).object as T
    },
    async list<T extends KubeObject>(query: ListQuery): Promise<ListAnswer<T>> {
      const { kind, ...rest } = query
      const answer = await registry.list(faceOf(kind), rest)
      return { items: answer.items.map((item) => item.object as T), revision: answer.revision, ...optional('continue', answer.continue) }
    },
    watch: (query) => watchStore(query),
    async create<T extends KubeObject>(object: NewObject, options?: WriteOptions) {
      return (await registry.create(faceOf(object.kind), object.metadata.namespace, bodyOf(object), params(options), caller(options))).object as T
    },
    async update<T extends KubeObject>(object: NewObject | KubeObject, options?: WriteOptions & { subresource?: string }) {
      const { namespace, name = '' } = object.metadata
      return (await registry.update(faceOf(object.kind), { name, ...optional('namespace', namespace) }, bodyOf(object), params(options), caller(options))).object as T
    },
    async patch<T extends KubeObject>(ref: Ref, patch: Patch, options?: WriteOptions & { subresource?: string }) {
      const force = patch.type === 'apply' ? optional('force', patch.force) : {}
      return (await registry.patch(faceOf(ref.kind), nameOf(ref), patch, { ...params(options), ...force }, caller(options))).object as T
    },
    async delete(ref, options) {
      await registry.delete(faceOf(ref.kind), nameOf(ref), deleting(uidGuard(ref, options)), caller(options))
    },
    async bind(pod, node, options) {
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: pod.name, ...optional('namespace', pod.namespace), ...optional('uid', pod.uid) }, target: { apiVersion: 'v1', kind: 'Node', name: node } }
      await registry.createSubresource(faceOf('Pod'), nameOf(pod), 'binding', bodyOf(body), params(options), caller(options))
    },
    async evict(pod, options) {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod.name, ...optional('namespace', pod.namespace) } }
      const status = await registry.createSubresource(faceOf('Pod'), nameOf(pod), 'eviction', bodyOf(body), params(options), caller(options))
      if (status.status === 'Failure') throw ApiError.fromStatus(status)
    },
  }

  async function* watchStore(query: WatchQuery): AsyncGenerator<readonly WatchEvent[]> {
    const prefixes = query.kinds?.map((kind) => prefixOf(faceOf(kind).definition, query.namespace))
    const wanted = prefixes === undefined ? () => true : (change: Change) => prefixes.some((prefix) => change.entry.key.startsWith(prefix))
    let waiting: Change[] = []
    let wake = () => {}
    let overflowed = false
    const abort = () => wake()
    let stop: () => void
    try {
      stop = store.watch('', query.from, (changes) => {
        for (const change of changes) if (wanted(change)) waiting.push(change)
        if (waiting.length > behindAtMost) {
          overflowed = true
          waiting = []
        }
        wake()
      })
    } catch (error) {
      if (error instanceof Compacted) throw new ApiError('Expired', error.message)
      throw error
    }
    query.signal.addEventListener('abort', abort, { once: true })
    try {
      while (!query.signal.aborted) {
        if (overflowed) throw new ApiError('Expired', `the reader fell more than ${behindAtMost} changes behind`)
        if (waiting.length === 0) {
          await new Promise<void>((resolve) => (wake = resolve))
          continue
        }
        const changes = waiting
        waiting = []
        yield changes.map(eventOf)
      }
    } finally {
      stop()
      query.signal.removeEventListener('abort', abort)
    }
  }

  function eventOf(change: Change): WatchEvent {
    const object = entries.object(change.entry)
    const previous = change.previous && entries.object(change.previous)
    const type = change.type === 'delete' ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED'
    return { type, object, revision: change.entry.revision, ...optional('previous', previous) }
  }
}

/** Storage key of an object, for journal queries. */
export const storageKey = (registry: GenericRegistry, ref: Ref): string => keyOf(registry.kind(ref.kind).definition, ref.namespace, ref.name)
