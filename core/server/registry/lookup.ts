/**
 * The present state of a few kinds, at hand without waiting: admission asks it about namespaces, service accounts and such.
 * Kept by a watch of the store, so it is never behind a committed write.
 */
import type { KindDefinition } from '../../api/kind.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Entry, Store } from '../../store/store.ts'
import type { Entries } from './entries.ts'
import { keyOf, prefixOf } from './keys.ts'

export class Lookup {
  readonly #store: Store
  readonly #entries: Entries
  readonly #kinds: readonly KindDefinition[]
  /** By kind, then by key. */
  readonly #present = new Map<string, Map<string, Entry>>()

  constructor(store: Store, entries: Entries, kinds: readonly KindDefinition[]) {
    this.#store = store
    this.#entries = entries
    this.#kinds = kinds
  }

  async load(): Promise<void> {
    for (const kind of this.#kinds) {
      const prefix = prefixOf(kind)
      const page = await this.#store.list(prefix)
      const present = new Map(page.entries.map((entry) => [entry.key, entry]))
      this.#present.set(kind.kind, present)
      this.#store.watch(prefix, page.revision, (changes) => {
        for (const { type, entry } of changes) {
          if (type === 'delete') present.delete(entry.key)
          else present.set(entry.key, entry)
        }
      })
    }
  }

  get(kind: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const definition = this.#kinds.find((one) => one.kind === kind)
    const entry = definition && this.#present.get(kind)?.get(keyOf(definition, namespace, name))
    return entry === undefined ? undefined : this.#entries.object(entry)
  }

  /** All of a kind, or of one namespace of it: for kinds of which there are few. */
  list(kind: string, namespace?: string): readonly KubeObject[] {
    const present = this.#present.get(kind)
    const definition = this.#kinds.find((one) => one.kind === kind)
    if (!definition || !present || present.size === 0) return []
    const prefix = prefixOf(definition, namespace)
    return [...present.values()].filter(({ key }) => key.startsWith(prefix)).map((entry) => this.#entries.object(entry))
  }
}
