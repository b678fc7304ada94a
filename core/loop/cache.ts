/**
 * The whole cluster in memory at one revision: the Snapshot that planners read, fed by one reflector in revision order.
 * It is live, not copied: planners are synchronous, so that they see one revision from start to end. Listeners are called
 * after each batch, with the snapshot already at the batch's last revision.
 */
import type { KubeObject } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'
import type { WatchEvent } from './client.ts'
import { LabelIndex } from './label-index.ts'
import type { Sink } from './reflector.ts'
import type { Snapshot } from './snapshot.ts'

export type Listener = (events: readonly WatchEvent[], snapshot: Snapshot) => void

/** Values with an array view that is made once per change. */
class Bucket {
  readonly #byKey = new Map<string, KubeObject>()
  #all: readonly KubeObject[] | undefined

  get size(): number {
    return this.#byKey.size
  }

  get(key: string): KubeObject | undefined {
    return this.#byKey.get(key)
  }

  set(key: string, object: KubeObject): void {
    this.#byKey.set(key, object)
    this.#all = undefined
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#all = undefined
  }

  all(): readonly KubeObject[] {
    return (this.#all ??= [...this.#byKey.values()])
  }
}

const put = (index: Map<string, Bucket>, group: string, key: string, object: KubeObject) => {
  let bucket = index.get(group)
  if (!bucket) index.set(group, (bucket = new Bucket()))
  bucket.set(key, object)
}
const drop = (index: Map<string, Bucket>, group: string, key: string) => {
  const bucket = index.get(group)
  bucket?.delete(key)
  if (bucket?.size === 0) index.delete(group)
}

const nodeOf = (pod: KubeObject): string => {
  const spec = pod['spec'] as { nodeName?: string } | undefined
  return spec?.nodeName ?? ''
}
const revisionOf = (object: KubeObject): Revision => Number(object.metadata.resourceVersion)
const inNamespace = (kind: string, namespace: string | undefined) => `${kind}/${namespace ?? ''}`

export class Cache implements Snapshot, Sink {
  #revision: Revision = 0
  /** A list may hold objects newer than its revision; until the watch has caught up with them the state is not whole. */
  #wholeAt: Revision | undefined
  readonly #byKind = new Map<string, Bucket>()
  readonly #byPlace = new Map<string, Bucket>()
  readonly #byUid = new Map<string, KubeObject>()
  readonly #byOwner = new Map<string, Bucket>()
  readonly #byNode = new Map<string, Bucket>()
  readonly #byLabel = new LabelIndex()
  readonly #listeners = new Set<Listener>()
  #waiting: { revision: Revision; done: () => void }[] = []
  #phase: 'loading' | 'live' | 'stale' = 'loading'

  get revision(): Revision {
    return this.#revision
  }

  /** True where the state is that of one revision. */
  get whole(): boolean {
    return this.#wholeAt !== undefined && this.#revision >= this.#wholeAt
  }

  get phaseNow(): 'loading' | 'live' | 'stale' {
    return this.#phase
  }

  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.#byPlace.get(inNamespace(kind, namespace))?.get(name) as T | undefined
  }

  byUid<T extends KubeObject = KubeObject>(uid: string): T | undefined {
    return this.#byUid.get(uid) as T | undefined
  }

  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[] {
    const bucket = namespace === undefined ? this.#byKind.get(kind) : this.#byPlace.get(inNamespace(kind, namespace))
    return (bucket?.all() ?? []) as readonly T[]
  }

  ownedBy<T extends KubeObject = KubeObject>(uid: string, kind?: string): readonly T[] {
    const all = this.#byOwner.get(uid)?.all() ?? []
    return (kind === undefined || all.every((object) => object.kind === kind) ? all : all.filter((object) => object.kind === kind)) as readonly T[]
  }

  podsOn<T extends KubeObject = KubeObject>(node: string): readonly T[] {
    return (this.#byNode.get(node)?.all() ?? []) as readonly T[]
  }

  labelled<T extends KubeObject = KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[] {
    return (this.#byLabel.find(kind, namespace, labels) ?? this.list(kind, namespace)) as readonly T[]
  }

  /** Calls back after each batch. The first call after a list carries every difference as events. Returns the way to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when the snapshot holds everything up to `revision`, or when `signal` aborts. */
  waitFor(revision: Revision, signal?: AbortSignal): Promise<void> {
    if ((this.whole && this.#revision >= revision) || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const entry = {
        revision,
        done: () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry)
        entry.done()
      }
      signal?.addEventListener('abort', abort)
      this.#waiting.push(entry)
    })
  }

  replace(items: readonly KubeObject[], revision: Revision): void {
    const events: WatchEvent[] = []
    const kept = new Set<string>()
    for (const object of items) {
      kept.add(object.metadata.uid)
      const previous = this.#byUid.get(object.metadata.uid)
      if (!previous) events.push({ type: 'ADDED', object, revision: revisionOf(object) })
      else if (previous.metadata.resourceVersion !== object.metadata.resourceVersion) events.push({ type: 'MODIFIED', object, previous, revision: revisionOf(object) })
    }
    const gone: WatchEvent[] = []
    for (const object of this.#byUid.values()) if (!kept.has(object.metadata.uid)) gone.push({ type: 'DELETED', object, previous: object, revision })
    events.sort((a, b) => a.revision - b.revision)
    this.#wholeAt = Math.max(revision, events.at(-1)?.revision ?? 0)
    this.#advance([...gone, ...events], revision)
  }

  apply(events: readonly WatchEvent[]): void {
    const last = events.at(-1)
    if (last) this.#advance(events, last.revision)
  }

  phase(phase: 'loading' | 'live' | 'stale'): void {
    this.#phase = phase
  }

  #advance(events: readonly WatchEvent[], revision: Revision): void {
    const news: WatchEvent[] = []
    for (const event of events) {
      // Asked one by one: an object may come and go within one batch.
      if (this.#isOld(event)) continue
      news.push(event)
      if (event.type === 'DELETED') this.#remove(event.object)
      else this.#put(event.object)
    }
    this.#revision = Math.max(this.#revision, revision)
    if (news.length > 0) for (const listener of this.#listeners) listener(news, this)
    if (this.#waiting.length === 0 || !this.whole) return
    const due = this.#waiting.filter((entry) => entry.revision <= this.#revision)
    if (due.length === 0) return
    this.#waiting = this.#waiting.filter((entry) => entry.revision > this.#revision)
    for (const entry of due) entry.done()
  }

  /** Already known, from a list that was newer than its revision said. */
  #isOld({ type, object, revision }: WatchEvent): boolean {
    const held = this.#byUid.get(object.metadata.uid)
    return held ? revisionOf(held) > revision || (type !== 'DELETED' && revisionOf(held) === revision) : type === 'DELETED'
  }

  #put(object: KubeObject): void {
    const { uid, namespace, name } = object.metadata
    // A successor of the same name replaces its forerunner even where the deletion was not seen.
    const before = this.#byUid.get(uid) ?? this.get(object.kind, namespace, name)
    if (before) this.#remove(before)
    this.#byUid.set(uid, object)
    put(this.#byKind, object.kind, uid, object)
    put(this.#byPlace, inNamespace(object.kind, namespace), name, object)
    for (const owner of object.metadata.ownerReferences ?? []) put(this.#byOwner, owner.uid, uid, object)
    if (object.kind === 'Pod') put(this.#byNode, nodeOf(object), uid, object)
    this.#byLabel.put(object)
  }

  #remove(last: KubeObject): void {
    // Indexed by what was put, which may differ from the last state that the event carries.
    const object = this.#byUid.get(last.metadata.uid)
    if (!object) return
    const { uid, namespace, name } = object.metadata
    this.#byUid.delete(uid)
    drop(this.#byKind, object.kind, uid)
    drop(this.#byPlace, inNamespace(object.kind, namespace), name)
    for (const owner of object.metadata.ownerReferences ?? []) drop(this.#byOwner, owner.uid, uid)
    if (object.kind === 'Pod') drop(this.#byNode, nodeOf(object), uid)
    this.#byLabel.remove(object)
  }
}
