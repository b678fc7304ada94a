/**
 * What one Kubernetes kind is. A kind is one file in `kinds/` that exports one `defineKind({...})`; `kinds.ts` lists them.
 * The generic server supplies every verb; a definition only says what is particular.
 *
 * Hooks say whether they may change what they get: `default` and the `prepare…` hooks receive a draft and edit it,
 * `validate…`, `refs`, `columns` and `select` receive a frozen object and only look.
 */
import type { FieldError } from './field-error.ts'
import type { ObjectMeta, Ref } from './meta.ts'

export interface AnyObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** One column of the server-side table (upstream: pkg/printers/internalversion/printers.go). */
export interface Column<T> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: 'name'
  description?: string
  /** 0 is always shown; more only with `-o wide`. */
  priority?: number
  cell(object: T, now: number): string | number | boolean | null
}

/** How one object points at another: declared once; read by the graph, the wake-ups and the inspector. */
export type Reference = { how: ReferenceKind; optional?: boolean } & (
  | { to: Ref }
  | { kind: string; namespace: string; matchLabels: Readonly<Record<string, string>> }
)
export type ReferenceKind = 'owner' | 'selects' | 'runs-on' | 'reads' | 'mounts' | 'uses-account' | 'about' | 'routes-to'

export interface ScaleAccess<T> {
  specReplicas(object: T): number
  setReplicas(draft: T, replicas: number): void
  statusReplicas(object: T): number
  /** In string form, e.g. `app=web`. */
  selector(object: T): string
}

/** A subresource that reads and writes the whole object but changes only a part of it (pods/resize). */
export interface PartAccess<T> {
  /** Sets back in the draft whatever this door does not open. */
  prepare(draft: T, old: T): void
  /** Instead of `validateUpdate`; `validate` is asked as well. */
  validate(object: T, old: T): FieldError[]
}

/** What happens to the objects that this one's strategy hooks may know about the request. */
export interface Prepare {
  now: number
  user: string
}

export interface KindDefinition<T extends AnyObject = AnyObject> {
  kind: string
  /** '' for the core group. */
  group: string
  version: string
  plural: string
  singular: string
  shortNames: readonly string[]
  categories: readonly string[]
  scope: 'Namespaced' | 'Cluster'
  /** Model name in the facts file, e.g. `io.k8s.api.core.v1.Pod`. */
  schema: string
  /** Verbs the resource offers. Absent: all. Virtual kinds (reviews) offer only `create` and store nothing. */
  verbs?: readonly Verb[]
  /** metadata.generation starts at 1 and rises when `spec` changes. */
  tracksGeneration: boolean
  /** What counts as a change for the generation; default: anything outside metadata and status. */
  generationOf?(object: T): unknown
  /** A new object may bring its status along (Node: a kubelet registers so). */
  keepsStatusOnCreate?: boolean
  /** PUT to a missing object creates it (Lease, Event, Endpoints…). */
  createOnUpdate?: boolean
  /** PUT without a resourceVersion is refused (Lease…). Default: allowed. */
  requiresRevisionOnUpdate?: boolean
  /** DELETE answers with the object instead of a Status. */
  deleteReturnsObject?: boolean
  /** Default deletion grace in seconds; undefined: the kind is deleted at once. Only Pods. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number
  /** A deletion that says nothing of dependents leaves them alone (ReplicationController and Job, as ever since their first version). */
  orphansByDefault?: boolean
  /** Garbage collection ignores the kind (Event). */
  outsideGarbageCollection?: boolean
  /** Life span in seconds after the last write (Event: 3,600). */
  ttlSeconds?: number
  subresources: {
    /** Writes to the main resource ignore status; writes to /status ignore the rest. */
    status?: boolean
    scale?: ScaleAccess<T>
    /** Parts of the object that have a door of their own: which fields a write there may touch, and what holds for them. */
    parts?: Readonly<Record<string, PartAccess<T>>>
    /** Names of further ones, served by files in server/http/ (log, exec, binding, eviction, finalize…). */
    others?: readonly string[]
  }
  /** Same storage, another group's face (Event in core/v1 and events.k8s.io/v1). */
  alsoServedAs?: readonly AlternateFace<T>[]

  default?(draft: T): void
  prepareForCreate?(draft: T, request: Prepare): void
  prepareForUpdate?(draft: T, old: T, request: Prepare): void
  prepareForStatusUpdate?(draft: T, old: T, request: Prepare): void
  /** What holds for a new object only; asked before `validate`. */
  validateCreate?(object: T): FieldError[]
  /** What holds for every object; asked on create and on update. */
  validate?(object: T): FieldError[]
  /** What may change; asked in addition to `validate`. */
  validateUpdate?(object: T, old: T): FieldError[]
  validateStatusUpdate?(object: T, old: T): FieldError[]
  /** A warning that goes with every answer about the kind. */
  deprecation?: string
  /** Sent as `Warning: 299` headers. */
  warnings?(object: T): string[]
  /** How metadata.name is checked; default: DNS-1123 subdomain. */
  nameRule?: NameRule

  columns: readonly Column<T>[]
  /** Field selectors beyond metadata.name and metadata.namespace. */
  selectableFields: Readonly<Record<string, (object: T) => string>>
  refs(object: T): Reference[]
}

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection'
export type NameRule = 'subdomain' | 'label' | 'label1035' | 'path-segment'

export interface AlternateFace<T> {
  group: string
  version: string
  schema: string
  toWire(object: T): AnyObject
  fromWire(object: AnyObject): T
  columns?: readonly Column<T>[]
  selectableFields?: Readonly<Record<string, (object: T) => string>>
}

/** Gives the definition its type; adds nothing, so that a kind file is plain data and functions. */
export function defineKind<T extends AnyObject>(definition: KindDefinition<T>): KindDefinition<T> {
  return definition
}

export const apiVersionOf = (kind: { group: string; version: string }): string => (kind.group === '' ? kind.version : `${kind.group}/${kind.version}`)
/** `deployments.apps`, or `pods` in the core group: how messages name a resource. */
export const qualifiedResource = (kind: { group: string; plural: string }): string => (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`)
