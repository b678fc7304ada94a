/**
 * The window's read view of the cluster: all objects of the watch stream, with the indexes of loop's Snapshot, so that
 * pure code written for one side runs on the other. Arrays handed out are cached until their kind changes.
 */
import type { KubeObject } from '../../core/api/meta.ts'
import { deepFreeze } from '../../core/base/freeze.ts'
import type { WatchEvent } from '../../core/loop/client.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'

const keyOf = (kind: string, namespace: string | undefined, name: string): string => `${kind}/${namespace ?? ''}/${name}`

export class Objects implements Snapshot {
  readonly #byUid = new Map<string, KubeObject>()
  readonly #byKey = new Map<string, KubeObject>()
  readonly #byKind = new Map<string, Map<string, KubeObject>>()
  readonly #byOwner = new Map<string, Map<string, KubeObject>>()
  readonly #byNode = new Map<string, Map<string, KubeObject>>()
  readonly #arrays = new Map<string, readonly KubeObject[]>()
  readonly #labels = new Map<string, Map<string, KubeObject[]>>()
  revision = 0

  /** Applies events in order; answers with the kinds that changed. */
  apply(events: readonly WatchEvent[], revision: number): Set<string> {
    const kinds = new Set<string>()
    for (const event of events) {
      const object = deepFreeze(event.object)
      this.#remove(object.metadata.uid)
      if (event.type !== 'DELETED') this.#add(object)
      kinds.add(object.kind)
    }
    for (const kind of kinds) {
      for (const key of this.#arrays.keys()) if (key.startsWith(`${kind}/`)) this.#arrays.delete(key)
      for (const key of this.#labels.keys()) if (key.startsWith(`${kind}/`)) this.#labels.delete(key)
    }
    this.revision = Math.max(this.revision, revision)
    return kinds
  }

  get size(): number {
    return this.#byUid.size
  }

  kinds(): string[] {
    return [...this.#byKind.keys()]
  }

  get<T extends KubeObject = KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    return this.#byKey.get(keyOf(kind, namespace, name)) as T | undefined
  }

  byUid<T extends KubeObject = KubeObject>(uid: string): T | undefined {
    return this.#byUid.get(uid) as T | undefined
  }

  list<T extends KubeObject = KubeObject>(kind: string, namespace?: string): readonly T[] {
    const cache = `${kind}/${namespace ?? ''}`
    let array = this.#arrays.get(cache)
    if (!array) {
      const all = [...(this.#byKind.get(kind)?.values() ?? [])]
      array = namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace)
      this.#arrays.set(cache, array)
    }
    return array as readonly T[]
  }

  ownedBy<T extends KubeObject = KubeObject>(uid: string, kind?: string): readonly T[] {
    const owned = [...(this.#byOwner.get(uid)?.values() ?? [])]
    return (kind === undefined ? owned : owned.filter((object) => object.kind === kind)) as T[]
  }

  podsOn<T extends KubeObject = KubeObject>(node: string): readonly T[] {
    return [...(this.#byNode.get(node)?.values() ?? [])] as T[]
  }

  labelled<T extends KubeObject = KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[] {
    const wanted = Object.entries(labels)
    const [first] = wanted
    if (!first) return this.list<T>(kind, namespace)
    const found = (this.#labelsOf(kind, namespace).get(`${first[0]}=${first[1]}`) ?? []) as unknown as readonly T[]
    return wanted.length === 1 ? found : found.filter((object) => wanted.every(([key, value]) => object.metadata.labels?.[key] === value))
  }

  /** Made when first asked after the kind changed: most frames change one kind and ask for few labels. */
  #labelsOf(kind: string, namespace: string): Map<string, KubeObject[]> {
    const cache = `${kind}/${namespace}`
    let index = this.#labels.get(cache)
    if (!index) {
      index = new Map()
      for (const object of this.list(kind, namespace)) {
        for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
          const bucket = index.get(`${key}=${value}`)
          if (bucket) bucket.push(object)
          else index.set(`${key}=${value}`, [object])
        }
      }
      this.#labels.set(cache, index)
    }
    return index
  }

  #add(object: KubeObject): void {
    const { uid, name, namespace } = object.metadata
    this.#byUid.set(uid, object)
    this.#byKey.set(keyOf(object.kind, namespace, name), object)
    put(this.#byKind, object.kind, object)
    for (const owner of object.metadata.ownerReferences ?? []) put(this.#byOwner, owner.uid, object)
    if (object.kind === 'Pod') put(this.#byNode, nodeNameOf(object), object)
  }

  #remove(uid: string): void {
    const old = this.#byUid.get(uid)
    if (!old) return
    this.#byUid.delete(uid)
    const key = keyOf(old.kind, old.metadata.namespace, old.metadata.name)
    if (this.#byKey.get(key) === old) this.#byKey.delete(key)
    take(this.#byKind, old.kind, uid)
    for (const owner of old.metadata.ownerReferences ?? []) take(this.#byOwner, owner.uid, uid)
    if (old.kind === 'Pod') take(this.#byNode, nodeNameOf(old), uid)
  }
}

const nodeNameOf = (pod: KubeObject): string => (pod['spec'] as { nodeName?: string } | undefined)?.nodeName ?? ''

function put(index: Map<string, Map<string, KubeObject>>, key: string, object: KubeObject): void {
  let bucket = index.get(key)
  if (!bucket) index.set(key, (bucket = new Map()))
  bucket.set(object.metadata.uid, object)
}

function take(index: Map<string, Map<string, KubeObject>>, key: string, uid: string): void {
  const bucket = index.get(key)
  if (bucket?.delete(uid) && bucket.size === 0) index.delete(key)
}
