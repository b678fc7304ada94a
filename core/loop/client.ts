/**
 * The one way to read and write the cluster, whoever asks: controllers, scheduler, node agents and the window hold a
 * Client and nothing else, so nobody bypasses validation and admission. Implementations: in-process (core/local-client.ts),
 * over the window's contract (renderer/cluster). Errors are ApiError.
 */
import type { KubeObject, NewObject, Ref } from '../api/meta.ts'
import type { Because, Patch, Revision } from '../api/request.ts'

export interface WriteOptions {
  because?: Because
  dryRun?: boolean
  fieldManager?: string
}

export interface ListQuery {
  kind: string
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
}

export interface ListAnswer<T extends KubeObject = KubeObject> {
  items: readonly T[]
  revision: Revision
  continue?: string
}

export interface WatchQuery {
  /** Absent: every kind. */
  kinds?: readonly string[]
  namespace?: string
  /** Events after this revision. */
  from: Revision
  signal: AbortSignal
}

/** A change as watchers see it. `object` is the last state where deleted. Objects are frozen and shared. */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: T
  /** The state before; absent where ADDED. */
  previous?: T
  revision: Revision
}

export interface DeleteOptions extends WriteOptions {
  uid?: string
  resourceVersion?: string
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  gracePeriodSeconds?: number
}

export interface Client {
  get<T extends KubeObject = KubeObject>(ref: Ref): Promise<T>
  list<T extends KubeObject = KubeObject>(query: ListQuery): Promise<ListAnswer<T>>
  /** Batches in revision order. Throws ApiError('Expired') when `from` is too old or the reader too slow: list again. Ends when `signal` aborts. */
  watch(query: WatchQuery): AsyncIterable<readonly WatchEvent[]>
  create<T extends KubeObject = KubeObject>(object: NewObject, options?: WriteOptions): Promise<T>
  /** Replaces; a stale metadata.resourceVersion is a Conflict. */
  update<T extends KubeObject = KubeObject>(object: NewObject | KubeObject, options?: WriteOptions & { subresource?: string }): Promise<T>
  patch<T extends KubeObject = KubeObject>(ref: Ref, patch: Patch, options?: WriteOptions & { subresource?: string }): Promise<T>
  delete(ref: Ref, options?: DeleteOptions): Promise<void>
  /** pods/binding. */
  bind(pod: Ref, node: string, options?: WriteOptions): Promise<void>
  /** pods/eviction: TooManyRequests when a budget forbids it. */
  evict(pod: Ref, options?: DeleteOptions): Promise<void>
}
