/** The real cache, changed by hand: the snapshot of tests that need no server. */
import type { KubeObject } from '../../core/api/meta.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { WatchEvent } from '../../core/loop/client.ts'

export class LiveCache extends Cache {
  /** As they are, in place of what had their names. */
  put(...objects: KubeObject[]): this {
    for (const object of objects) this.#tell('ADDED', object, this.#next(object))
    return this
  }

  /** With a revision of its own, as the server gives one to every change; the answer is that revision. */
  change(type: WatchEvent['type'], object: KubeObject): number {
    const revision = this.#next(object)
    this.#tell(type, { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }, revision)
    return revision
  }

  #tell(type: WatchEvent['type'], object: KubeObject, revision: number): void {
    const previous = this.byUid(object.metadata.uid)
    this.apply([{ type, object, ...(previous ? { previous } : {}), revision }])
  }

  #next({ metadata }: KubeObject): number {
    return Math.max(this.revision, Number(metadata.resourceVersion) || 0) + 1
  }
}
