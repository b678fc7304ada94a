/** One pass over a DaemonSet: what it looks at, and what it has decided so far. Local to the pass. */
import { refOf } from '../../api/meta.ts'
import type { DaemonSet } from '../../api/types/apps.ts'
import type { Node, Pod } from '../../api/types/core.ts'
import type { Reason, Step } from '../../loop/plan.ts'
import { isFinished, isLeaving } from '../../api/pod-lifecycle.ts'
import { newDaemonPod, targetNode, type Revision } from './daemon-pod.ts'
import { eligibilityOf, type Eligibility } from './eligibility.ts'

/** At most so many Pods are made and so many stopped in one pass. */
const burst = 250
const none: readonly Pod[] = []

export class Round {
  readonly ds: DaemonSet
  readonly nodes: readonly Node[]
  readonly revision: Revision
  readonly now: number
  readonly eligible: Eligibility
  /** How many nodes are to run a Pod. */
  readonly desired: number
  /** By the node that they run on or are meant for, without what has ended and is being removed. */
  readonly byNode: ReadonlyMap<string, readonly Pod[]>
  /** When the next failed Pod may be replaced. */
  retryAt: number | undefined
  /** When the next ready Pod will count as available. */
  availableAt: number | undefined
  readonly #creates: Step[] = []
  readonly #deletes: Step[] = []
  readonly #notes: Step[] = []
  readonly #wanted: ReadonlySet<string>

  constructor(ds: DaemonSet, nodes: readonly Node[], pods: readonly Pod[], revision: Revision, now: number) {
    this.ds = ds
    this.nodes = nodes
    this.revision = revision
    this.now = now
    this.eligible = eligibilityOf(ds)
    const byNode = new Map<string, Pod[]>()
    for (const pod of pods) {
      if (isFinished(pod) && isLeaving(pod)) continue
      const node = targetNode(pod)
      if (node === undefined) continue
      const there = byNode.get(node)
      if (there) there.push(pod)
      else byNode.set(node, [pod])
    }
    this.byNode = byNode
    this.#wanted = new Set(nodes.filter((node) => this.eligible.runs(node)).map(({ metadata }) => metadata.name))
    this.desired = this.#wanted.size
  }

  podsFor(node: string): readonly Pod[] {
    return this.byNode.get(node) ?? none
  }

  /** Answers of `eligible.runs`, remembered. */
  runsOn(node: string): boolean {
    return this.#wanted.has(node)
  }

  /** Nodes that are to run a Pod, or have one. */
  places(): readonly string[] {
    const places = new Set(this.#wanted)
    for (const node of this.byNode.keys()) places.add(node)
    return [...places].sort()
  }

  start(node: string, why: string, failures = 0): void {
    if (this.#creates.length >= burst) return
    const because: Reason = { code: 'SuccessfulCreate', say: `started a Pod for ${node}`, why, event: { type: 'Normal', message: 'Created pod: {name}' } }
    this.#creates.push({ do: 'create', object: newDaemonPod(this.ds, node, this.revision, failures), because })
  }

  stop(pod: Pod, why: string): void {
    if (this.#deletes.length >= burst) return
    const { name } = pod.metadata
    const because: Reason = { code: 'SuccessfulDelete', say: `stopped ${name}`, why, refs: [refOf(pod)], event: { type: 'Normal', message: `Deleted pod: ${name}` } }
    this.#deletes.push({ do: 'delete', ref: refOf(pod), because })
  }

  note(because: Reason): void {
    if (this.#notes.length < burst) this.#notes.push({ do: 'note', ref: refOf(this.ds), because })
  }

  retryFrom(ms: number): void {
    if (ms > this.now) this.retryAt = Math.min(this.retryAt ?? ms, ms)
  }

  availableFrom(ms: number): void {
    if (ms > this.now) this.availableAt = Math.min(this.availableAt ?? ms, ms)
  }

  get isIdle(): boolean {
    return this.#creates.length + this.#deletes.length === 0
  }

  /** A replacement is made before what it replaces is taken away: where it is refused, the next pass still knows the story. */
  steps(): readonly Step[] {
    return [...this.#notes, ...this.#creates, ...this.#deletes]
  }
}
