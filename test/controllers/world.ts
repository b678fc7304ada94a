/**
 * A world for controllers: objects in memory behind the Client interface, with the parts of the server's behaviour that
 * controllers lean on (revisions, conflicts, generations, status apart, finalizers, propagation, graceful deletion).
 */
import { randomUUID } from 'node:crypto'
import { refKey, refOf, timestamp, type KubeObject, type NewObject, type Ref } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { Patch } from '../../core/api/request.ts'
import { clone, equal } from '../../core/base/json.ts'
import { deepFreeze } from '../../core/base/freeze.ts'
import { mergePatch } from '../../core/base/merge-patch.ts'
import type { Clock } from '../../core/base/clock.ts'
import type { Client, DeleteOptions, ListQuery, WatchEvent, WatchQuery, WriteOptions } from '../../core/loop/client.ts'

type Draft = NewObject & { spec?: Record<string, unknown>; status?: Record<string, unknown> }

/** Says who wrote what: `controller:deployment-controller patch ReplicaSet/default/web-1`. */
export interface Write {
  readonly actor: string
  readonly verb: string
  readonly ref: Ref
  readonly options: WriteOptions
}

export class World {
  readonly #objects = new Map<string, KubeObject>()
  readonly #log: WatchEvent[] = []
  readonly #watchers = new Set<() => void>()
  readonly #clock: Clock
  readonly writes: Write[] = []
  /** Throws to refuse a write. */
  refuse: ((verb: string, object: { kind: string; metadata: { name?: string } }) => void) | undefined
  revision = 1
  #names = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  list<T extends KubeObject = KubeObject>(kind: string): T[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind) as T[]
  }

  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(refKey({ kind, name, ...(namespace === undefined ? {} : { namespace }) })) as T | undefined
  }

  /** Puts an object as it is, whatever it is: a test's starting point. */
  put(object: NewObject): KubeObject {
    return this.#store(undefined, clone(object) as Draft)
  }

  client(actor: string): Client {
    const wrote = (verb: string, ref: Ref, options: WriteOptions = {}) => this.writes.push({ actor, verb, ref, options })
    return {
      get: async <T extends KubeObject>(ref: Ref) => this.#need(ref) as T,
      list: async <T extends KubeObject>({ kind, namespace }: ListQuery) => ({
        items: this.list<T>(kind).filter((object) => namespace === undefined || object.metadata.namespace === namespace),
        revision: this.revision,
      }),
      watch: (query) => this.#watch(query),
      create: async <T extends KubeObject>(object: NewObject, options?: WriteOptions) => {
        this.refuse?.('create', object)
        const made = this.#create(clone(object) as Draft)
        wrote('create', refOf(made), options)
        return made as T
      },
      update: async <T extends KubeObject>(object: NewObject | KubeObject, options?: WriteOptions & { subresource?: string }) => {
        if (options?.subresource !== 'finalize') throw new Error('controllers patch')
        const made = this.#patch(refOf(object), { spec: object['spec'] }, 'finalize')
        wrote('finalize', refOf(object), options)
        return made as T
      },
      patch: async <T extends KubeObject>(ref: Ref, patch: Patch, options?: WriteOptions & { subresource?: string }) => {
        if (patch.type !== 'merge') throw new Error('controllers send merge patches')
        this.refuse?.('patch', { kind: ref.kind, metadata: { name: ref.name } })
        const made = this.#patch(ref, patch.body, options?.subresource)
        wrote(`patch${options?.subresource ? ` ${options.subresource}` : ''}`, ref, options)
        return made as T
      },
      delete: async (ref, options) => {
        this.refuse?.('delete', { kind: ref.kind, metadata: { name: ref.name } })
        this.#delete(ref, options)
        wrote('delete', ref, options)
      },
      bind: async (pod, node) => {
        this.#patch(pod, { spec: { nodeName: node } }, 'binding')
      },
      evict: async () => {
        throw new Error('not here')
      },
    }
  }

  #need(ref: Ref): KubeObject {
    const object = this.#objects.get(refKey(ref))
    if (!object) throw new ApiError('NotFound', `${ref.kind} "${ref.name}" not found`)
    if (ref.uid !== undefined && ref.uid !== object.metadata.uid) throw new ApiError('Conflict', 'Precondition failed: UID')
    return object
  }

  #create(draft: Draft): KubeObject {
    const { namespace } = draft.metadata
    if (namespace !== undefined && draft.kind !== 'Event') {
      const home = this.get('Namespace', undefined, namespace)
      if (!home) throw new ApiError('NotFound', `namespaces "${namespace}" not found`)
      if (home.metadata.deletionTimestamp) throw new ApiError('Forbidden', 'being terminated', { causes: [{ reason: 'NamespaceTerminating' }] })
    }
    if (draft.metadata.name === undefined) draft.metadata.name = `${draft.metadata.generateName ?? ''}${(++this.#names).toString(36).padStart(5, '0')}`
    if (this.#objects.has(refKey(refOf(draft)))) throw new ApiError('AlreadyExists', `${draft.kind} "${draft.metadata.name}" already exists`)
    delete draft.metadata.resourceVersion
    if (draft.kind === 'Namespace') draft.spec = { finalizers: ['kubernetes'] }
    draft.status = draft.kind === 'Pod' ? { phase: 'Pending' } : draft.kind === 'Namespace' ? { phase: 'Active' } : (draft.status ?? {})
    return this.#store(undefined, draft)
  }

  #store(before: KubeObject | undefined, draft: Draft): KubeObject {
    this.revision++
    draft.metadata.resourceVersion = String(this.revision)
    draft.metadata.uid ??= randomUUID()
    draft.metadata.creationTimestamp ??= timestamp(this.#clock.now())
    draft.metadata.generation ??= 1
    const object = deepFreeze(draft as unknown as KubeObject)
    this.#objects.set(refKey(refOf(object)), object)
    this.#publish({ type: before ? 'MODIFIED' : 'ADDED', object, revision: this.revision, ...(before ? { previous: before } : {}) })
    return object
  }

  #remove(object: KubeObject): void {
    this.revision++
    this.#objects.delete(refKey(refOf(object)))
    const last = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.revision) } })
    this.#publish({ type: 'DELETED', object: last, previous: object, revision: this.revision })
  }

  #patch(ref: Ref, body: unknown, subresource: string | undefined): KubeObject {
    const before = this.#need(ref)
    const wanted = mergePatch(before, body) as unknown as Draft
    const { resourceVersion } = (body as { metadata?: { resourceVersion?: string } }).metadata ?? {}
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) throw new ApiError('Conflict', 'the object has been modified')
    const next = clone(before) as unknown as Draft
    if (subresource === 'status') {
      next.status = wanted.status ?? {}
      if (wanted.metadata.annotations) next.metadata.annotations = wanted.metadata.annotations
    } else {
      Object.assign(next, clone(wanted), { status: next.status })
      if (!equal(before['spec'], next.spec) && subresource === undefined) next.metadata.generation = (before.metadata.generation ?? 1) + 1
    }
    if (next.metadata.ownerReferences?.length === 0) delete next.metadata.ownerReferences
    if (next.metadata.finalizers?.length === 0) delete next.metadata.finalizers
    next.metadata.resourceVersion = before.metadata.resourceVersion
    if (equal(before, next)) return before
    const free = !next.metadata.finalizers && (next.kind !== 'Namespace' || (next.spec?.['finalizers'] as string[] | undefined)?.length === 0)
    if (next.metadata.deletionTimestamp !== undefined && free && next.kind !== 'Pod') {
      this.#remove(before)
      return before
    }
    return this.#store(before, next)
  }

  #delete(ref: Ref, { propagationPolicy, gracePeriodSeconds }: DeleteOptions = {}): void {
    const before = this.#need(ref)
    const next = clone(before) as unknown as Draft
    if (propagationPolicy === 'Foreground' || propagationPolicy === 'Orphan') {
      const finalizer = propagationPolicy === 'Orphan' ? 'orphan' : 'foregroundDeletion'
      next.metadata.finalizers = [...new Set([...(next.metadata.finalizers ?? []), finalizer])]
    }
    const graceful = next.kind === 'Pod' && gracePeriodSeconds !== 0 && next.spec?.['nodeName'] !== undefined
    const held = (next.metadata.finalizers?.length ?? 0) > 0 || next.kind === 'Namespace'
    if (!graceful && !held) return this.#remove(before)
    if (before.metadata.deletionTimestamp !== undefined && equal(before.metadata.finalizers, next.metadata.finalizers)) return
    next.metadata.deletionTimestamp ??= timestamp(this.#clock.now() + (graceful ? 30_000 : 0))
    this.#store(before, next)
  }

  #publish(event: WatchEvent): void {
    this.#log.push(event)
    for (const wake of this.#watchers) wake()
  }

  async *#watch({ from, signal, kinds }: WatchQuery): AsyncIterable<readonly WatchEvent[]> {
    let at = this.#log.findIndex((event) => event.revision > from)
    if (at < 0) at = this.#log.length
    while (!signal.aborted) {
      if (at < this.#log.length) {
        const batch = this.#log.slice(at).filter(({ object }) => !kinds || kinds.includes(object.kind))
        at = this.#log.length
        if (batch.length > 0) yield batch
        continue
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        this.#watchers.add(wake)
        signal.addEventListener('abort', wake)
      })
    }
  }
}
