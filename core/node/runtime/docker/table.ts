/**
 * What is known of this cluster's containers without asking again: filled by a listing, moved on by own actions and by
 * the engine's events. Own actions and events may arrive in either order; a state never goes back.
 */
import type { RuntimeContainer } from '../../runtime.ts'

const rank = { created: 0, running: 1, exited: 2 } as const

export class ContainerTable {
  readonly #byId = new Map<string, RuntimeContainer>()
  readonly #byPod = new Map<string, Set<string>>()

  get(id: string): RuntimeContainer | undefined {
    return this.#byId.get(id)
  }

  pod(uid: string): RuntimeContainer[] {
    const found: RuntimeContainer[] = []
    for (const id of this.#byPod.get(uid) ?? []) found.push(this.#byId.get(id)!)
    return found
  }

  all(node?: string): RuntimeContainer[] {
    const all = [...this.#byId.values()]
    return node === undefined ? all : all.filter((container) => container.node === node)
  }

  /** Returns whether something changed. */
  put(container: RuntimeContainer): boolean {
    const before = this.#byId.get(container.id)
    if (before && rank[before.state] > rank[container.state]) return false
    this.#byId.set(container.id, container)
    let ids = this.#byPod.get(container.pod.uid)
    if (!ids) this.#byPod.set(container.pod.uid, (ids = new Set()))
    ids.add(container.id)
    return !before || before.state !== container.state || before.ip !== container.ip || before.exitCode !== container.exitCode || before.error !== container.error
  }

  /** Like put with the fields that changed; false where the container is not known. */
  move(id: string, change: Partial<RuntimeContainer>): boolean {
    const before = this.#byId.get(id)
    return before ? this.put({ ...before, ...change }) : false
  }

  drop(id: string): RuntimeContainer | undefined {
    const container = this.#byId.get(id)
    if (!container) return undefined
    this.#byId.delete(id)
    const ids = this.#byPod.get(container.pod.uid)
    ids?.delete(id)
    if (ids?.size === 0) this.#byPod.delete(container.pod.uid)
    return container
  }
}
