/**
 * The generic verbs, once for all kinds: what the HTTP door, the window and the in-process client call.
 * Every verb authorises nothing and parses nothing; it decodes, defaults, prepares, validates, admits and stores.
 * All failures are ApiError in upstream's words. The implementation is generic-registry.ts.
 */
import type { KindDefinition, AnyObject } from '../../api/kind.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Because, Patch, Revision } from '../../api/request.ts'
import type { Status } from '../../api/status.ts'
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import type { User } from '../auth/user.ts'

/** One served group/version of a kind; kinds with alternate faces (Event) have several over the same storage. */
export interface Face {
  readonly definition: KindDefinition
  readonly group: string
  readonly version: string
  /** Model name in the facts file. */
  readonly schema: string
  /** Absent on the storage face. */
  readonly toWire?: (object: AnyObject) => AnyObject
  readonly fromWire?: (object: AnyObject) => AnyObject
}

export type { User }

/** Who asks, and why; `warn` collects `Warning: 299` texts. */
export interface Caller {
  readonly user: User
  /** Journal actor: `user:admin`, `controller:…`. */
  readonly actor: string
  readonly because?: Because
  warn(text: string): void
}

/** A decoded request body: the value, and the paths of keys that stood twice (strict decoding needs them). */
export interface Body {
  readonly value: unknown
  readonly duplicates: readonly string[]
}

export interface WriteParams {
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** `status`, `scale` … ; absent: the main resource. */
  readonly subresource?: string
}

export interface Key {
  readonly namespace?: string
  readonly name: string
}

export interface Answer {
  /** Frozen. In the face's own form. */
  readonly object: KubeObject
  /** The same as JSON text; cached where it can be. */
  readonly json: string
  readonly created?: boolean
}

export interface ListParams {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
}

export interface ListAnswer {
  readonly items: readonly Answer[]
  readonly revision: Revision
  readonly continue?: string
  readonly remaining?: number
}

export interface WatchParams extends Omit<ListParams, 'limit' | 'continue'> {
  readonly sendInitialEvents?: boolean
  readonly allowBookmarks?: boolean
}

export interface WatchItem {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly answer: Answer
  readonly revision: Revision
}

export interface DeleteParams extends WriteParams {
  readonly uid?: string
  readonly resourceVersion?: string
  readonly propagationPolicy?: string
  readonly orphanDependents?: boolean
  readonly gracePeriodSeconds?: number
}

export interface Registry {
  readonly revision: Revision
  readonly faces: readonly Face[]
  /** Absent where the cluster issues no tokens: none is believed then. */
  readonly tokens?: ServiceAccountTokens
  /** By group, version and plural. */
  face(group: string, version: string, plural: string): Face | undefined
  /** The storage face of a kind. */
  kind(kind: string): Face
  get(face: Face, key: Key, params?: { resourceVersion?: string; subresource?: string }): Promise<Answer>
  list(face: Face, params: ListParams): Promise<ListAnswer>
  /**
   * `onItems` is called synchronously with whole batches in revision order, already filtered and turned by selectors;
   * initial events first where asked for, closed by a bookmark annotated `k8s.io/initial-events-end` where
   * sendInitialEvents. `onEnd` is called once when history was cut. Returns the way to stop.
   */
  watch(face: Face, params: WatchParams, onItems: (items: readonly WatchItem[]) => void, onEnd: (error: Error) => void): Promise<() => void>
  create(face: Face, namespace: string | undefined, body: Body, params: WriteParams, caller: Caller): Promise<Answer>
  update(face: Face, key: Key, body: Body, params: WriteParams, caller: Caller): Promise<Answer>
  patch(face: Face, key: Key, patch: Patch & { duplicates?: readonly string[] }, params: WriteParams & { force?: boolean }, caller: Caller): Promise<Answer>
  /** POST to a subresource of one object: pods/binding, pods/eviction. Answers a Status. Others (finalize, status, scale) are `update` with `params.subresource`. */
  createSubresource(face: Face, key: Key, subresource: string, body: Body, params: WriteParams, caller: Caller): Promise<Status>
  /** POST to serviceaccounts/token: the request, with its token. */
  requestToken(account: Key, body: Body): Promise<KubeObject>
  /** The object where it lives on (finalizers, grace) or the kind answers with it; otherwise its last state with `gone`. */
  delete(face: Face, key: Key, params: DeleteParams, caller: Caller): Promise<Answer & { readonly gone: boolean }>
  deleteCollection(face: Face, list: ListParams, params: DeleteParams, caller: Caller): Promise<ListAnswer>
}
