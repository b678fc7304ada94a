/**
 * Objects as they will be once what the scheduler promised is written (a volume bound to a claim, devices allocated), laid
 * over the snapshot (upstream: pkg/scheduler/util/assumecache). A promise ends when it is taken back, or when the snapshot
 * has reached what its writing answered.
 */
import type { KubeObject } from '../../api/meta.ts'
import type { Snapshot } from '../../loop/snapshot.ts'

interface Promised {
  readonly object: KubeObject
  readonly by: string
  /** Known once written. */
  revision?: number
}

const keyOf = (kind: string, namespace: string | undefined, name: string) => `${kind}/${namespace ?? ''}/${name}`
const placeOf = ({ kind, metadata }: KubeObject) => keyOf(kind, metadata.namespace, metadata.name)

export class Promises implements Snapshot {
  readonly #base: Snapshot
  readonly #promised = new Map<string, Promised>()

  constructor(base: Snapshot) {
    this.#base = base
  }

  get revision(): number {
    return this.#base.revision
  }

  /** Promised by the Pod with this uid. */
  assume(by: string, objects: readonly KubeObject[]): void {
    for (const object of objects) this.#promised.set(placeOf(object), { object, by })
  }

  /** All that this Pod promised is void. */
  takeBack(by: string): void {
    for (const [key, promised] of this.#promised) if (promised.by === by) this.#promised.delete(key)
  }

  /** What this Pod promised is written, at the latest at this revision. */
  written(by: string, revision: number): void {
    for (const promised of this.#promised.values()) if (promised.by === by) promised.revision = revision
    this.settle()
  }

  /** Drops what the snapshot shows by itself. */
  settle(): void {
    for (const [key, promised] of this.#promised) if (promised.revision !== undefined && promised.revision <= this.#base.revision) this.#promised.delete(key)
  }

  get<T extends KubeObject>(kind: string, namespace: string | undefined, name: string): T | undefined {
    const object = this.#base.get<T>(kind, namespace, name)
    return this.#over(object) ?? (this.#promised.get(keyOf(kind, namespace, name))?.object as T | undefined)
  }
  byUid<T extends KubeObject>(uid: string): T | undefined {
    return this.#over(this.#base.byUid<T>(uid))
  }
  list<T extends KubeObject>(kind: string, namespace?: string): readonly T[] {
    return this.#overAll(this.#base.list<T>(kind, namespace), ({ object }) => object.kind === kind && (namespace === undefined || object.metadata.namespace === namespace))
  }
  ownedBy<T extends KubeObject>(uid: string, kind?: string): readonly T[] {
    return this.#overAll(this.#base.ownedBy<T>(uid, kind))
  }
  podsOn<T extends KubeObject>(node: string): readonly T[] {
    return this.#base.podsOn<T>(node)
  }
  labelled<T extends KubeObject>(kind: string, namespace: string, labels: Readonly<Record<string, string>>): readonly T[] {
    return this.#overAll(this.#base.labelled<T>(kind, namespace, labels))
  }

  /** Of an object that is gone or was made anew nothing is promised any more; one that is yet to be made has no uid. */
  #over<T extends KubeObject>(object: T | undefined): T | undefined {
    if (!object || this.#promised.size === 0) return object
    const promised = this.#promised.get(placeOf(object))
    return promised && (promised.object.metadata.uid === object.metadata.uid || promised.object.metadata.uid === '') ? (promised.object as T) : object
  }

  #overAll<T extends KubeObject>(objects: readonly T[], andNew?: (promised: Promised) => boolean): readonly T[] {
    if (this.#promised.size === 0) return objects
    const all = objects.map((object) => this.#over(object)!)
    if (andNew) {
      const there = new Set(objects.map(placeOf))
      for (const [key, promised] of this.#promised) if (!there.has(key) && andNew(promised)) all.push(promised.object as T)
    }
    return all
  }
}
