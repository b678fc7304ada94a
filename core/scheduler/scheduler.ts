/**
 * The scheduler's loop: takes Pods from the queue, runs a cycle on the books, assumes the Pod on its node at once and
 * binds it in the background, so that many bindings share one commit. What does not fit gets the condition, the Event and
 * a place in the queue until something changes that could help (upstream: pkg/scheduler/schedule_one.go).
 */
import { refOf, timestamp } from '../api/meta.ts'
import { isConflict, isNotFound } from '../api/status.ts'
import type { Node, Pod, PodCondition } from '../api/types/core.ts'
import type { Clock } from '../base/clock.ts'
import { equal } from '../base/json.ts'
import type { Logger } from '../base/log.ts'
import type { Client, WatchEvent } from '../loop/client.ts'
import type { Decisions } from '../loop/decisions.ts'
import { eventTarget, type Recorder } from '../loop/recorder.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { cycle, type Outcome } from './cycle.ts'
import { Cycles } from './cycles.ts'
import { Machines } from './machines.ts'
import { podInfo } from './pod-info.ts'
import { SchedulingQueue, type Waiting } from './queue.ts'

export const schedulerName = 'default-scheduler'
const actor = 'scheduler'

/** What the loop needs of core/loop/cache.ts. */
export interface Feed extends Snapshot {
  subscribe(listener: (events: readonly WatchEvent[], snapshot: Snapshot) => void): () => void
  waitFor(revision: number, signal?: AbortSignal): Promise<void>
}

export interface SchedulerOptions {
  readonly client: Client
  readonly cache: Feed
  readonly clock: Clock
  readonly log: Logger
  readonly recorder: Pick<Recorder, 'record'>
  readonly decisions?: Decisions
  /** Lets the event loop breathe between slices; the default waits for the platform's next turn. */
  readonly pause?: () => Promise<void>
}

/** Cycles in one go before the event loop gets its turn: a few milliseconds. */
const cyclesPerSlice = 16
/** Writes under way at most. */
const writesAtMost = 256

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
const ended = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'

export class Scheduler {
  readonly cycles = new Cycles()
  readonly #options: SchedulerOptions
  readonly #machines: Machines
  readonly #queue = new SchedulingQueue()
  #start = 0
  #running: Promise<void> | undefined
  #cancelTimer = () => {}
  #writes = 0
  #onSlot: (() => void) | undefined
  #slots: Promise<void> | undefined
  #stopped = false

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#machines = new Machines(options.cache)
  }

  /** Pods that wait for a node, or for their binding. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Works until `signal` aborts; resolves when the last write has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { cache } = this.#options
    await cache.waitFor(0, signal)
    if (signal.aborted) return
    const unsubscribe = cache.subscribe((events) => this.#see(events))
    const now: WatchEvent[] = [...cache.list<Node>('Node'), ...cache.list<Pod>('Pod')].map((object) => ({ type: 'ADDED', object, revision: cache.revision }))
    this.#see(now)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    this.#stopped = true
    unsubscribe()
    this.#cancelTimer()
    await this.idle()
  }

  /** Resolves when nothing can be done at once and nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running || this.#writes > 0) await (this.#running ?? this.#slot())
  }

  #see(events: readonly WatchEvent[]): void {
    const nowMs = this.#options.clock.now()
    for (const event of events) {
      if (event.object.kind !== 'Pod' && event.object.kind !== 'Node') continue
      const change = this.#machines.apply(event)
      if (event.object.kind === 'Pod') this.#seePod(event.type, event.object as Pod, event.previous as Pod | undefined, nowMs)
      if (change) this.#queue.wake(change, nowMs)
    }
    this.#kick()
  }

  #seePod(type: WatchEvent['type'], pod: Pod, previous: Pod | undefined, nowMs: number): void {
    const { uid, deletionTimestamp } = pod.metadata
    if (type === 'DELETED') this.cycles.forget(uid)
    const wants = type !== 'DELETED' && !pod.spec.nodeName && deletionTimestamp === undefined && !ended(pod) && (pod.spec.schedulerName ?? schedulerName) === schedulerName
    if (!wants) return this.#queue.remove(uid)
    const known = this.#queue.get(uid)
    const asksDifferently = known !== undefined && !(equal(previous?.spec, pod.spec) && equal(previous?.metadata.labels, pod.metadata.labels))
    if (!known || asksDifferently) this.#queue.put(podInfo(pod), asksDifferently, nowMs)
    else known.info = { ...known.info, pod }
  }

  #kick(): void {
    if (this.#stopped || this.#running) return
    this.#running = this.#drain().finally(() => {
      this.#running = undefined
      this.#arm()
    })
  }

  #arm(): void {
    this.#cancelTimer()
    const dueMs = this.#stopped ? undefined : this.#queue.nextDueMs()
    if (dueMs === undefined) return
    const { clock } = this.#options
    this.#cancelTimer = clock.after(Math.max(0, dueMs - clock.now()), () => this.#kick())
  }

  async #drain(): Promise<void> {
    const { clock, pause = nextTurn } = this.#options
    // One turn later than the change: a batch of new Pods is seen whole first.
    await Promise.resolve()
    for (let n = 1; !this.#stopped; n++) {
      const entry = this.#queue.pop(clock.now())
      if (!entry) return
      this.#try(entry)
      if (n % cyclesPerSlice === 0) await pause()
      while (this.#writes >= writesAtMost) await this.#slot()
    }
  }

  #try(entry: Waiting): void {
    const { cache, clock, log } = this.#options
    const pod = cache.byUid<Pod>(entry.uid)
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp !== undefined) return this.#queue.remove(entry.uid)
    const began = clock.now()
    let outcome: Outcome
    try {
      outcome = cycle(entry.info, this.#machines, began, this.#start)
    } catch (error) {
      // A Pod that a plugin cannot read must not stop the others.
      log.error('a scheduling cycle failed', { pod: entry.info.key, error: error instanceof Error ? error.message : String(error) })
      this.#queue.error(entry, began)
      return
    }
    this.#start = outcome.nextStart
    if (outcome.chosen) this.#bind(entry, pod, outcome, outcome.chosen.name)
    else this.#refuse(entry, pod, outcome)
  }

  #bind(entry: Waiting, pod: Pod, outcome: Outcome, node: string): void {
    const { client, clock, recorder, log } = this.#options
    this.cycles.set(outcome, entry.attempts + 1)
    this.#machines.assume(entry.info, node)
    const because = { code: 'Scheduled', say: outcome.say, why: outcome.why }
    this.#decided(pod, because, clock.now())
    this.#write(async () => {
      try {
        await client.bind(refOf(pod), node, { because: { ...because, led: [Number(pod.metadata.resourceVersion)] } })
        recorder.record({ component: schedulerName, regarding: eventTarget(pod), type: 'Normal', reason: 'Scheduled', message: outcome.message })
      } catch (error) {
        this.#machines.forget(entry.uid)
        const nowMs = clock.now()
        const message = error instanceof Error ? error.message : String(error)
        this.#decided(pod, because, nowMs, message)
        if (isNotFound(error) && this.#machines.node(node)) this.#queue.remove(entry.uid)
        else if (this.#queue.get(entry.uid) === entry) {
          // A conflict means that somebody was faster; the watch tells who.
          if (!isConflict(error)) {
            log.warn('a Pod could not be bound', { pod: entry.info.key, node, error: message })
            recorder.record({ component: schedulerName, regarding: eventTarget(pod), type: 'Warning', reason: 'FailedScheduling', message: `binding rejected: ${message}` })
          }
          this.#queue.error(entry, nowMs)
        }
        this.#queue.wake({ kind: 'Pod', what: 'removed', pod: entry.info, node }, nowMs)
        this.#kick()
      }
    })
  }

  #refuse(entry: Waiting, pod: Pod, outcome: Outcome): void {
    const { client, recorder, log } = this.#options
    const nextTryMs = this.#queue.fail(entry, outcome.rejectedBy, outcome.atMs)
    this.cycles.set(outcome, entry.attempts, nextTryMs)
    const because = { code: 'Unschedulable', say: `no node for ${pod.metadata.name}: ${outcome.say}`, why: outcome.why }
    this.#decided(pod, because, outcome.atMs)
    recorder.record({ component: schedulerName, regarding: eventTarget(pod), type: 'Warning', reason: 'FailedScheduling', message: outcome.message })
    const before = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled')
    if (before?.status === 'False' && before.reason === 'Unschedulable' && before.message === outcome.message) return
    const condition: PodCondition = {
      type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: outcome.message,
      ...(before?.status === 'False' && before.lastTransitionTime ? { lastTransitionTime: before.lastTransitionTime } : { lastTransitionTime: timestamp(outcome.atMs) }),
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    }
    this.#write(async () => {
      try {
        // The uid keeps the words from a successor of the same name.
        const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } }
        await client.patch(refOf(pod), { type: 'strategic', body }, { subresource: 'status', because: { ...because, led: [Number(pod.metadata.resourceVersion)] } })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) log.warn('a Pod could not be told that it waits', { pod: entry.info.key, error: error instanceof Error ? error.message : String(error) })
      }
    })
  }

  #decided(pod: Pod, because: { code: string; say: string; why: string }, nowMs: number, error?: string): void {
    const { decisions, cache } = this.#options
    decisions?.record({ actor, ref: refOf(pod), revision: cache.revision, because, steps: [], outcome: error === undefined ? 'done' : 'failed', tookMs: 0, ...(error === undefined ? {} : { error }) }, nowMs)
  }

  #write(work: () => Promise<void>): void {
    this.#writes++
    void work().finally(() => {
      this.#writes--
      const wake = this.#onSlot
      this.#onSlot = undefined
      wake?.()
    })
  }

  /** Resolves when a write has ended. */
  #slot(): Promise<void> {
    if (this.#writes === 0) return Promise.resolve()
    this.#slots ??= new Promise<void>((resolve) => {
      this.#onSlot = () => {
        this.#slots = undefined
        resolve()
      }
    })
    return this.#slots
  }
}
