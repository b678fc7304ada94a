/**
 * Just enough of an API for the node agent's own tests: objects in memory, the patches that agents send, changes straight
 * into a real Cache. Whole-cluster tests use the real registry instead.
 */
import { Cache } from '../../core/loop/cache.ts'
import type { Client, DeleteOptions, WatchEvent, WriteOptions } from '../../core/loop/client.ts'
import { refKey, timestamp, type KubeObject, type NewObject, type Ref } from '../../core/api/meta.ts'
import type { Because, Patch } from '../../core/api/request.ts'
import { ApiError } from '../../core/api/status.ts'
import { clone, isObject } from '../../core/base/json.ts'
import { mergePatch } from '../../core/base/merge-patch.ts'

export interface Write {
  verb: 'create' | 'patch' | 'delete'
  ref: Ref
  because?: Because
  object: KubeObject
}

export class MemoryClient implements Client {
  readonly cache = new Cache()
  readonly writes: Write[] = []
  readonly #objects = new Map<string, KubeObject>()
  readonly #now: () => number
  #revision = 1

  constructor(now: () => number) {
    this.#now = now
    this.cache.replace([], 1)
  }

  get<T extends KubeObject>(ref: Ref): Promise<T> {
    const object = this.#objects.get(refKey(ref))
    return object ? Promise.resolve(object as T) : Promise.reject(missing(ref))
  }

  find<T extends KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.cache.get<T>(kind, namespace, name)
  }

  create<T extends KubeObject>(object: NewObject, options?: WriteOptions): Promise<T> {
    const key = refKey({ kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' })
    if (this.#objects.has(key)) return Promise.reject(new ApiError('AlreadyExists', `${key} already exists`))
    const stored = clone(object) as unknown as KubeObject
    stored.metadata.uid ??= crypto.randomUUID()
    stored.metadata.creationTimestamp ??= timestamp(this.#now())
    stored.metadata.generation ??= 1
    return Promise.resolve(this.#put('create', key, stored, undefined, options?.because) as T)
  }

  patch<T extends KubeObject>(ref: Ref, patch: Patch, options?: WriteOptions & { subresource?: string }): Promise<T> {
    const key = refKey(ref)
    const before = this.#objects.get(key)
    if (!before) return Promise.reject(missing(ref))
    const body = patch.body as Record<string, unknown>
    const uid = (body['metadata'] as { uid?: string } | undefined)?.uid
    if (uid !== undefined && uid !== before.metadata.uid) return Promise.reject(new ApiError('Conflict', 'another object of that name'))
    const merged = (patch.type === 'strategic' ? strategic(before, body) : mergePatch(before, body)) as KubeObject
    return Promise.resolve(this.#put('patch', key, clone(merged), before, options?.because) as T)
  }

  update<T extends KubeObject>(object: NewObject | KubeObject, options?: WriteOptions): Promise<T> {
    const key = refKey({ kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' })
    const before = this.#objects.get(key)
    if (!before) return Promise.reject(new ApiError('NotFound', key))
    return Promise.resolve(this.#put('patch', key, clone(object) as unknown as KubeObject, before, options?.because) as T)
  }

  async delete(ref: Ref, options?: DeleteOptions): Promise<void> {
    const key = refKey(ref)
    const before = this.#objects.get(key)
    if (!before || (options?.uid && options.uid !== before.metadata.uid)) throw missing(ref)
    if (before.kind === 'Pod' && options?.gracePeriodSeconds !== 0) {
      const grace = options?.gracePeriodSeconds ?? (before['spec'] as { terminationGracePeriodSeconds?: number }).terminationGracePeriodSeconds ?? 30
      const leaving = clone(before)
      Object.assign(leaving.metadata, { deletionTimestamp: timestamp(this.#now() + grace * 1000), deletionGracePeriodSeconds: grace, generation: (before.metadata.generation ?? 1) + 1 })
      this.#put('patch', key, leaving, before, options?.because)
      return
    }
    this.#objects.delete(key)
    this.#revision++
    const event: WatchEvent = { type: 'DELETED', object: before, previous: before, revision: this.#revision }
    this.writes.push({ verb: 'delete', ref, object: before, ...(options?.because ? { because: options.because } : {}) })
    this.cache.apply([event])
  }

  list(): never {
    throw new Error('not needed here')
  }
  watch(): never {
    throw new Error('not needed here')
  }
  bind(): never {
    throw new Error('not needed here')
  }
  evict(): never {
    throw new Error('not needed here')
  }

  #put(verb: 'create' | 'patch', key: string, object: KubeObject, before: KubeObject | undefined, because: Because | undefined): KubeObject {
    object.metadata.resourceVersion = String(++this.#revision)
    this.#objects.set(key, object)
    const { kind, metadata } = object
    this.writes.push({ verb, ref: { kind, name: metadata.name, ...(metadata.namespace ? { namespace: metadata.namespace } : {}) }, object, ...(because ? { because } : {}) })
    this.cache.apply([{ type: before ? 'MODIFIED' : 'ADDED', object, ...(before ? { previous: before } : {}), revision: this.#revision }])
    return object
  }
}

const missing = (ref: Ref) => new ApiError('NotFound', `${refKey(ref)} not found`)

/** Conditions merge by type, addresses are replaced where the patch says so; the rest is a merge patch. */
function strategic(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (key === 'conditions' && Array.isArray(value)) {
      const all = new Map(((result[key] as { type: string }[] | undefined) ?? []).map((condition) => [condition.type, condition]))
      for (const condition of value as { type: string; $patch?: string }[]) {
        if (condition.$patch === 'delete') all.delete(condition.type)
        else all.set(condition.type, condition)
      }
      result[key] = [...all.values()]
    } else if (Array.isArray(value)) result[key] = value.filter((item) => !isObject(item) || !('$patch' in item))
    else result[key] = strategic(result[key], value)
  }
  return result
}
