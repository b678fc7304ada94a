/**
 * Which story a write belongs to: the revision of its first cause. A write led by several others joins the newest of
 * their stories, because that is the change whose consequences a person is watching.
 */
import type { Revision } from '../../store/store.ts'

const remembered = 50_000

export class Stories {
  readonly #roots = new Map<Revision, Revision>()

  /** Files a write; returns its root. Writes must be filed in revision order. */
  file(revision: Revision, led: readonly Revision[]): Revision {
    let root = 0
    for (const cause of led) root = Math.max(root, this.rootOf(cause))
    if (root === 0) root = revision
    if (root !== revision) {
      this.#roots.set(revision, root)
      if (this.#roots.size > remembered) this.#roots.delete(this.#roots.keys().next().value!)
    }
    return root
  }

  rootOf(revision: Revision): Revision {
    return this.#roots.get(revision) ?? revision
  }
}
