/**
 * Carries placements out: what plugins promised is written, what they wait for is awaited, then the Pod is bound
 * (upstream: bindingCycle, DefaultBinder). Cycles go on meanwhile; a placement that fails is handed back.
 */
import { refOf, type KubeObject } from '../api/meta.ts'
import type { Pod } from '../api/types/core.ts'
import type { Clock } from '../base/clock.ts'
import type { Client } from '../loop/client.ts'
import { execute } from '../loop/execute.ts'
import type { Step } from '../loop/plan.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { Outcome } from './cycle.ts'
import type { Machines } from './machines.ts'
import type { Reservation } from './plugin.ts'
import type { Waiting } from './queue.ts'

export interface Placement {
  readonly entry: Waiting
  readonly pod: Pod
  readonly node: string
  readonly outcome: Outcome
  readonly because: { readonly code: string; readonly say: string; readonly why: string }
}

export interface BindingOptions {
  readonly client: Client
  readonly clock: Clock
  readonly machines: Machines
  readonly objects: Snapshot & { waitFor(revision: number, signal?: AbortSignal): Promise<void> }
  /** Counts a write under way. */
  write(work: () => Promise<void>): void
  bound(placement: Placement): void
  failed(placement: Placement, error: unknown): void
  /** The placement waits for something else in the cluster: upstream's words are none, ours are. */
  waits(placement: Placement, say: string): void
}

interface Pending {
  readonly placement: Placement
  readonly kinds: ReadonlySet<string>
  readonly reservations: readonly Reservation[]
  cancelTimer: () => void
  said: string
}

/** Upstream's bindTimeoutSeconds. */
const longestWaitMs = 600_000

export class Binding {
  readonly #options: BindingOptions
  readonly #pending = new Map<string, Pending>()
  /** By the Pod's uid, what was made for its placement. */
  readonly #made = new Map<string, KubeObject[]>()
  readonly #stop = new AbortController()

  constructor(options: BindingOptions) {
    this.#options = options
  }

  /** Aborts when the scheduler stops. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** The Pod is assumed on the node already. */
  start(placement: Placement): void {
    const { machines, write } = this.#options
    const { reservations } = placement.outcome
    for (const { assume } of reservations) if (assume) machines.objects.assume(placement.entry.uid, assume)
    write(async () => {
      try {
        if (reservations.length > 0 && !(await this.#prepare(placement))) return
        await this.#bind(placement)
      } catch (error) {
        this.#fail(placement, error)
      }
    })
  }

  /** True where the Pod may be bound at once. */
  async #prepare(placement: Placement): Promise<boolean> {
    const { client, machines, objects, clock } = this.#options
    const { reservations } = placement.outcome
    const { uid } = placement.entry
    const steps = reservations.flatMap((reservation) => reservation.steps)
    const led = [Number(placement.pod.metadata.resourceVersion)]
    const made: KubeObject[] = []
    this.#made.set(uid, made)
    const onStep = (step: Step, object: KubeObject | undefined) => void (step.do === 'create' && object && made.push(object))
    const { ended, revision } = await execute(steps, { client, led, signal: this.#stop.signal, onStep })
    if (ended.how !== 'done') throw new Error(ended.how === 'failed' ? ended.failure.message : 'what was promised has changed meanwhile')
    await objects.waitFor(revision, this.#stop.signal)
    machines.objects.written(uid, revision)
    const waiting = reservations.filter(({ ready }) => ready !== undefined)
    if (waiting.length === 0) return true
    const pending: Pending = { placement, kinds: new Set(waiting.flatMap(({ waitsOn }) => waitsOn ?? [])), reservations: waiting, cancelTimer: () => {}, said: '' }
    const answer = this.#look(pending)
    if (answer === 'ready') return true
    const limitMs = Math.min(longestWaitMs, ...waiting.map(({ timeoutMs }) => timeoutMs ?? longestWaitMs))
    pending.cancelTimer = clock.after(limitMs, () => this.#end(pending, new Error(`${answer}: timed out waiting for the condition`)))
    this.#pending.set(uid, pending)
    return false
  }

  /** 'ready', or what it waits for; throws where that can never come. */
  #look(pending: Pending): string {
    let said = 'ready'
    for (const { ready } of pending.reservations) {
      const answer = ready!(this.#options.objects)
      if (answer === 'ready') continue
      if ('failed' in answer) throw new Error(answer.failed)
      said = answer.waits
    }
    if (said !== 'ready' && said !== pending.said) this.#options.waits(pending.placement, said)
    pending.said = said
    return said
  }

  /** Something of these kinds has changed. */
  see(kinds: ReadonlySet<string>): void {
    for (const pending of [...this.#pending.values()]) {
      if (![...pending.kinds].some((kind) => kinds.has(kind))) continue
      try {
        if (this.#look(pending) !== 'ready') continue
      } catch (error) {
        this.#end(pending, error)
        continue
      }
      this.#remove(pending)
      this.#options.write(async () => {
        try {
          await this.#bind(pending.placement)
        } catch (error) {
          this.#fail(pending.placement, error)
        }
      })
    }
  }

  /** Takes back a placement that waits; says whether it did. */
  cancel(uid: string, why: string): boolean {
    const pending = this.#pending.get(uid)
    if (!pending) return false
    this.#end(pending, new Error(why))
    return true
  }

  close(): void {
    this.#stop.abort()
    for (const { cancelTimer } of this.#pending.values()) cancelTimer()
    this.#pending.clear()
  }

  /** What cannot be taken away now is found by the Pod's next attempt. */
  async #unmake(made: readonly KubeObject[], pod: string): Promise<void> {
    const steps = made.flatMap((object): Step[] => {
      const { uid, name, finalizers } = object.metadata
      const because = { code: 'PlacementUndone', say: `removed ${name}`, why: `it was made for the placement of ${pod}, which failed` }
      return [...(finalizers ? [{ do: 'patch' as const, ref: refOf(object), patch: { metadata: { uid, finalizers: null } }, because }] : []), { do: 'delete', ref: refOf(object), because }]
    })
    await execute(steps, { client: this.#options.client, led: [], signal: this.#stop.signal, onStep: () => {} })
  }

  #end(pending: Pending, error: unknown): void {
    this.#remove(pending)
    this.#fail(pending.placement, error)
  }

  #remove(pending: Pending): void {
    pending.cancelTimer()
    this.#pending.delete(pending.placement.entry.uid)
  }

  async #bind(placement: Placement): Promise<void> {
    const { pod, node, because } = placement
    await this.#options.client.bind(refOf(pod), node, { because: { ...because, led: [Number(pod.metadata.resourceVersion)] } })
    this.#made.delete(placement.entry.uid)
    this.#options.bound(placement)
  }

  #fail(placement: Placement, error: unknown): void {
    const { machines, failed, write } = this.#options
    const made = this.#made.get(placement.entry.uid) ?? []
    this.#made.delete(placement.entry.uid)
    if (made.length > 0 && !this.#stop.signal.aborted) write(() => this.#unmake(made, placement.pod.metadata.name))
    machines.forget(placement.entry.uid)
    machines.objects.takeBack(placement.entry.uid)
    if (!this.#stop.signal.aborted) failed(placement, error)
  }
}
