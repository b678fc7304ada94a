/**
 * Hands committed changes to watchers, in revision order. Watchers of one prefix share the filtered batch,
 * so a hundred watches of one kind cost one pass over the keys.
 */
import type { Change, Revision } from './store.ts'

interface Watcher {
  /** Changes up to here are not for this watcher. */
  after: Revision
  readonly onBatch: (changes: readonly Change[]) => void
}

export class WatchHub {
  readonly #watchers = new Map<string, Set<Watcher>>()

  add(prefix: string, after: Revision, onBatch: (changes: readonly Change[]) => void): () => void {
    const watcher: Watcher = { after, onBatch }
    const group = this.#watchers.get(prefix) ?? new Set()
    this.#watchers.set(prefix, group.add(watcher))
    return () => {
      group.delete(watcher)
      if (group.size === 0 && this.#watchers.get(prefix) === group) this.#watchers.delete(prefix)
    }
  }

  publish(changes: readonly Change[]): void {
    if (changes.length === 0) return
    const first = changes[0]!.entry.revision
    for (const [prefix, group] of [...this.#watchers]) {
      const wanted = prefix === '' ? changes : changes.filter((change) => change.entry.key.startsWith(prefix))
      if (wanted.length === 0) continue
      for (const watcher of [...group]) {
        if (!group.has(watcher)) continue
        if (watcher.after < first) watcher.onBatch(wanted)
        else {
          const later = wanted.filter((change) => change.entry.revision > watcher.after)
          if (later.length > 0) watcher.onBatch(later)
        }
      }
    }
  }

  clear(): void {
    this.#watchers.clear()
  }
}
