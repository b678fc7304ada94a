/**
 * The scheduler's loop: takes Pods from the queue, runs a cycle on the books, assumes the Pod on its node at once and
 * binds it in the background, so that many bindings share one commit. What does not fit gets the condition, the Event and
 * a place in the queue until something changes that could help (upstream: pkg/scheduler/schedule_one.go).
 */
import { isFinished } from '../api/pod-lifecycle.ts'
import { isConflict, isNotFound } from '../api/status.ts'
import type { Node, Pod } from '../api/types/core.ts'
import type { Clock } from '../base/clock.ts'
import { equal } from '../base/json.ts'
import type { Logger } from '../base/log.ts'
import type { Client, WatchEvent } from '../loop/client.ts'
import type { Decisions } from '../loop/decisions.ts'
import type { Recorder } from '../loop/recorder.ts'
import { execute } from '../loop/execute.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import { Binding, type Placement } from './binding.ts'
import { cycle, type Outcome } from './cycle.ts'
import { Cycles } from './cycles.ts'
import { Machines } from './machines.ts'
import { makeRoom } from './make-room.ts'
import type { Preemption } from './plugin.ts'
import { podInfo } from './pod-info.ts'
import { defaultProfile, type Profile } from './profile.ts'
import { SchedulingQueue, type Waiting } from './queue.ts'
import { Telling, type WaitsFor } from './telling.ts'
import type { QueuePlace } from './verdict.ts'
import { Writes } from './writes.ts'

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
  /** Who serves which schedulerName; Pods of others are left alone. Default: upstream's one profile. */
  readonly profiles?: readonly Profile[]
  /** Lets the event loop breathe between slices; the default waits for the platform's next turn. */
  readonly pause?: () => Promise<void>
}

/** Cycles in one go before the event loop gets its turn: a few milliseconds. */
const cyclesPerSlice = 16
/** Writes under way at most. */
const writesAtMost = 256

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class Scheduler {
  readonly cycles = new Cycles()
  readonly #options: SchedulerOptions
  readonly #profiles: ReadonlyMap<string, Profile>
  readonly #machines: Machines
  readonly #queue = new SchedulingQueue()
  readonly #binding: Binding
  readonly #telling: Telling
  readonly #writes = new Writes()
  #start = 0
  #running: Promise<void> | undefined
  #cancelTimer = () => {}
  #stopped = false

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#profiles = new Map((options.profiles ?? [defaultProfile]).map((profile) => [profile.schedulerName, profile]))
    this.#machines = new Machines(options.cache)
    this.#telling = new Telling(options)
    this.#binding = new Binding({
      client: options.client,
      clock: options.clock,
      machines: this.#machines,
      objects: options.cache,
      write: (work) => this.#writes.start(work),
      bound: (placement) => this.#bound(placement),
      failed: (placement, error) => this.#unbound(placement, error),
      waits: ({ pod, because }, say) => this.#telling.decided(pod, { code: 'WaitsToBind', say, why: because.say }, options.clock.now()),
    })
  }

  /** Pods that wait for a node, or for their binding. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Of a Pod without a node. */
  placeOf(uid: string): QueuePlace | undefined {
    return this.#queue.place(uid)
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
    this.#binding.close()
    await this.idle()
  }

  /** Resolves when nothing can be done at once and nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running || this.#writes.underWay > 0) await (this.#running ?? this.#writes.next())
  }

  #see(events: readonly WatchEvent[]): void {
    const nowMs = this.#options.clock.now()
    const kinds = new Set<string>()
    this.#machines.objects.settle()
    for (const event of events) {
      kinds.add(event.object.kind)
      const change = this.#machines.apply(event)
      if (event.object.kind === 'Pod') this.#seePod(event.type, event.object as Pod, event.previous as Pod | undefined, nowMs)
      if (change) this.#queue.wake(change, nowMs, this.#machines)
    }
    this.#binding.see(kinds)
    this.#kick()
  }

  #seePod(type: WatchEvent['type'], pod: Pod, previous: Pod | undefined, nowMs: number): void {
    const { uid, deletionTimestamp } = pod.metadata
    if (type === 'DELETED') this.cycles.forget(uid)
    const wants = type !== 'DELETED' && !pod.spec.nodeName && deletionTimestamp === undefined && !isFinished(pod) && this.#profileOf(pod) !== undefined
    if (!wants) {
      this.#queue.remove(uid)
      if (!pod.spec.nodeName) this.#binding.cancel(uid, 'the Pod is gone')
      return
    }
    const known = this.#queue.get(uid)
    const asksDifferently = known !== undefined
      && !(equal(previous?.spec, pod.spec) && equal(previous?.metadata.labels, pod.metadata.labels) && equal(previous?.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses))
    if (!known || asksDifferently) this.#queue.put(podInfo(pod), asksDifferently, nowMs)
    else known.info = { ...known.info, pod }
    // What a preemption took away from it, it may find elsewhere.
    if (previous?.status?.nominatedNodeName && !pod.status?.nominatedNodeName) this.#queue.retry(uid, nowMs)
  }

  #profileOf(pod: Pod): Profile | undefined {
    return this.#profiles.get(pod.spec.schedulerName ?? defaultProfile.schedulerName)
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
      while (this.#writes.underWay >= writesAtMost) await this.#writes.next()
    }
  }

  #try(entry: Waiting): void {
    const { cache, clock, log } = this.#options
    const pod = cache.byUid<Pod>(entry.uid)
    const profile = pod && this.#profileOf(pod)
    if (!pod || !profile || pod.spec.nodeName || pod.metadata.deletionTimestamp !== undefined) return this.#queue.remove(entry.uid)
    const began = clock.now()
    let outcome: Outcome
    try {
      outcome = cycle(entry.info, this.#machines, began, this.#start, profile)
    } catch (error) {
      // A Pod that a plugin cannot read must not stop the others.
      log.error('a scheduling cycle failed', { pod: entry.info.key, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      this.#queue.error(entry, began)
      return
    }
    this.#start = outcome.nextStart
    if (outcome.chosen) this.#place(entry, pod, outcome, outcome.chosen.name)
    else this.#refuse(entry, pod, outcome, profile)
  }

  #place(entry: Waiting, pod: Pod, outcome: Outcome, node: string): void {
    this.cycles.set(outcome, entry.attempts + 1)
    const promised = this.#machines.nominations.nodeOf(entry.uid)
    this.#machines.nominations.set(entry.info, undefined)
    this.#machines.assume(entry.info, node)
    // Room that was kept for it elsewhere is free for others.
    if (promised !== undefined && promised !== node) this.#queue.wake({ kind: 'Pod', what: 'removed', pod: entry.info, node: promised }, outcome.atMs, this.#machines)
    const because = { code: 'Scheduled', say: outcome.say, why: outcome.why }
    this.#telling.decided(pod, because, outcome.atMs)
    this.#binding.start({ entry, pod, node, outcome, because })
  }

  #bound({ pod, outcome }: Placement): void {
    this.#telling.event(pod, 'Normal', 'Scheduled', outcome.message)
  }

  #unbound({ entry, pod, node, because }: Placement, error: unknown): void {
    const { clock, log } = this.#options
    const nowMs = clock.now()
    const message = error instanceof Error ? error.message : String(error)
    this.#telling.decided(pod, because, nowMs, message)
    if (isNotFound(error) && this.#machines.node(node)) this.#queue.remove(entry.uid)
    else if (this.#queue.get(entry.uid) === entry) {
      // A conflict means that somebody was faster; the watch tells who.
      if (!isConflict(error)) {
        log.warn('a Pod could not be bound', { pod: entry.info.key, node, error: message })
        this.#telling.event(pod, 'Warning', 'FailedScheduling', `binding rejected: ${message}`)
        this.#tell(pod, { reason: 'SchedulerError', message: `binding rejected: ${message}`, because, atMs: nowMs })
      }
      this.#queue.error(entry, nowMs)
    }
    this.#queue.wake({ kind: 'Pod', what: 'removed', pod: entry.info, node }, nowMs, this.#machines)
    this.#kick()
  }

  #refuse(entry: Waiting, pod: Pod, outcome: Outcome, profile: Profile): void {
    const { rescue } = outcome
    const nextTryMs = this.#queue.fail(entry, outcome.rejectedBy, outcome.atMs)
    this.cycles.set(outcome, entry.attempts, nextTryMs)
    const because = { code: 'Unschedulable', say: `no node for ${pod.metadata.name}: ${outcome.say}`, why: rescue?.say === undefined ? outcome.why : `${outcome.why}; ${rescue.say}` }
    this.#telling.decided(pod, because, outcome.atMs)
    if (outcome.quiet) return
    this.#telling.event(pod, 'Warning', 'FailedScheduling', outcome.message)
    if (rescue?.nominate !== undefined) this.#machines.nominations.set(entry.info, rescue.nominate)
    this.#tell(pod, { reason: 'Unschedulable', message: outcome.message, because, atMs: outcome.atMs, nominate: rescue?.nominate ?? (outcome.rescue ? undefined : '') })
    if (rescue?.preemption) this.#preempt(entry, pod, rescue.preemption, profile)
    if (rescue?.steps) this.#writes.start(async () => void (await execute(rescue.steps!, { client: this.#options.client, led: [Number(pod.metadata.resourceVersion)], signal: this.#binding.signal, onStep: () => {} })))
  }

  #preempt(entry: Waiting, pod: Pod, preemption: Preemption, { schedulerName }: Profile): void {
    const { client, recorder, clock, log } = this.#options
    for (const other of preemption.displaced) this.#machines.nominations.set(other, undefined)
    // Not tried again before the victims are told: it would look for more.
    this.#queue.hold(entry)
    const cancel = (uid: string) => this.#binding.cancel(uid, `preempted by ${pod.metadata.name}`)
    this.#writes.start(async () => {
      try {
        await makeRoom(pod, preemption, { client, recorder, schedulerName, nowMs: clock.now(), cancel })
        this.#queue.release(entry, clock.now())
      } catch (error) {
        log.warn('a preemption was refused', { pod: entry.info.key, error: error instanceof Error ? error.message : String(error) })
        this.#queue.release(entry, clock.now())
        this.#queue.retry(entry.uid, clock.now())
      }
      this.#kick()
    })
  }

  #tell(pod: Pod, waits: WaitsFor): void {
    const write = this.#telling.waits(pod, waits)
    if (write) this.#writes.start(write)
  }
}
