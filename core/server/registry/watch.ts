/**
 * Watches of one kind: what a commit means to a reader depends on whether the object matched before and matches now.
 * Items of watchers without selectors are made once and shared.
 */
import { apiVersionOf } from '../../api/kind.ts'
import type { KubeObject } from '../../api/meta.ts'
import { ApiError } from '../../api/status.ts'
import { Compacted } from '../../store/store.ts'
import type { Change, Entry } from '../../store/store.ts'
import { answerOf } from './entries.ts'
import { filterOf } from './filter.ts'
import type { Filter } from './filter.ts'
import { keyOf, prefixOf } from './keys.ts'
import { requestedRevision } from './list.ts'
import type { Machinery } from './machinery.ts'
import type { Face, WatchItem, WatchParams } from './registry.ts'

export class Watches {
  readonly #machinery: Machinery
  readonly #changed = new Map<Face, WeakMap<Change, WatchItem>>()
  readonly #initial = new Map<Face, WeakMap<Entry, WatchItem>>()

  constructor(machinery: Machinery) {
    this.#machinery = machinery
  }

  async watch(face: Face, params: WatchParams, onItems: (items: readonly WatchItem[]) => void, onEnd: (error: Error) => void): Promise<() => void> {
    const { store, entries } = this.#machinery
    const filter = filterOf(face, params)
    const wanted = requestedRevision(params.resourceVersion)
    const exact = filter?.name !== undefined && (params.namespace !== undefined || face.definition.scope === 'Cluster')
    const prefix = exact ? keyOf(face.definition, params.namespace, filter.name!) : prefixOf(face.definition, params.namespace)
    const relevant = exact ? (entry: Entry) => entry.key === prefix : () => true
    const initial = params.sendInitialEvents ?? wanted === undefined
    let from = wanted ?? store.revision
    const first: WatchItem[] = []
    if (initial) {
      const page = await store.list(prefix)
      from = page.revision
      for (const entry of page.entries) {
        if (relevant(entry) && (filter === undefined || filter.matches(entries.object(entry)))) first.push(this.#added(face, entry))
      }
      if (params.sendInitialEvents === true && params.allowBookmarks === true) first.push(initialEventsEnd(face, from))
    }
    if (first.length > 0) onItems(first)
    const deliver = (changes: readonly Change[]) => {
      const items: WatchItem[] = []
      for (const change of changes) {
        if (!relevant(change.entry)) continue
        const item = filter === undefined ? this.#item(face, change) : this.#filtered(face, filter, change)
        if (item !== undefined) items.push(item)
      }
      if (items.length > 0) onItems(items)
    }
    try {
      return store.watch(prefix, from, deliver)
    } catch (error) {
      if (!(error instanceof Compacted)) throw error
      const expired = new ApiError('Expired', `too old resource version: ${from} (${error.oldest})`)
      if (first.length === 0) throw expired
      onEnd(expired)
      return () => {}
    }
  }

  #added(face: Face, entry: Entry): WatchItem {
    return remembered(this.#initial, face, entry, () => ({ type: 'ADDED', answer: this.#machinery.entries.answer(face, entry), revision: entry.revision }))
  }

  #item(face: Face, change: Change): WatchItem {
    return remembered(this.#changed, face, change, () => ({
      type: change.type === 'delete' ? 'DELETED' : change.previous === undefined ? 'ADDED' : 'MODIFIED',
      answer: this.#machinery.entries.answer(face, change.entry),
      revision: change.entry.revision,
    }))
  }

  #filtered(face: Face, filter: Filter, change: Change): WatchItem | undefined {
    const { entries } = this.#machinery
    const before = change.previous !== undefined && filter.matches(entries.object(change.previous))
    const now = change.type === 'put' && filter.matches(entries.object(change.entry))
    if (now) return before === (change.previous !== undefined) ? this.#item(face, change) : { ...this.#item(face, change), type: 'ADDED' }
    if (!before) return undefined
    if (change.type === 'delete') return this.#item(face, change)
    // It left the selection: readers get the last state that matched, at the revision of the change.
    const last = entries.object(change.previous!)
    const at = { ...last, metadata: { ...last.metadata, resourceVersion: String(change.entry.revision) } }
    return { type: 'DELETED', answer: answerOf(face.toWire === undefined ? at : face.toWire(at)), revision: change.entry.revision }
  }
}

function initialEventsEnd(face: Face, revision: number): WatchItem {
  const object = {
    kind: face.definition.kind,
    apiVersion: apiVersionOf(face),
    metadata: { resourceVersion: String(revision), creationTimestamp: null, annotations: { 'k8s.io/initial-events-end': 'true' } },
  }
  return { type: 'BOOKMARK', answer: answerOf(object) as WatchItem['answer'] & { object: KubeObject }, revision }
}

function remembered<K extends object>(memory: Map<Face, WeakMap<K, WatchItem>>, face: Face, key: K, make: () => WatchItem): WatchItem {
  let known = memory.get(face)
  if (known === undefined) memory.set(face, (known = new WeakMap()))
  let item = known.get(key)
  if (item === undefined) known.set(key, (item = make()))
  return item
}
