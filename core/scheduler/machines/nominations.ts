/** Pods that wait for room which a preemption makes on a node (upstream: pkg/scheduler/backend/queue/nominator.go). */
import type { PodInfo } from '../pod-info.ts'

const none: readonly PodInfo[] = []

export class Nominations {
  readonly #nodeOf = new Map<string, string>()
  readonly #on = new Map<string, Map<string, PodInfo>>()

  get any(): boolean {
    return this.#nodeOf.size > 0
  }

  nodeOf(uid: string): string | undefined {
    return this.#nodeOf.get(uid)
  }

  on(node: string): Iterable<PodInfo> {
    return this.#on.get(node)?.values() ?? none
  }

  /** '' or undefined takes the nomination away; says whether there was one. */
  set(pod: PodInfo, node: string | undefined): boolean {
    const had = this.#drop(pod.uid)
    if (!node) return had
    this.#nodeOf.set(pod.uid, node)
    let pods = this.#on.get(node)
    if (!pods) this.#on.set(node, (pods = new Map()))
    pods.set(pod.uid, pod)
    return had
  }

  #drop(uid: string): boolean {
    const node = this.#nodeOf.get(uid)
    if (node === undefined) return false
    this.#nodeOf.delete(uid)
    const pods = this.#on.get(node)
    pods?.delete(uid)
    if (pods?.size === 0) this.#on.delete(node)
    return true
  }
}
