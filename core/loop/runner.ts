/**
 * One runner executes the plans of every controller. Per key: wait until the snapshot holds what this key wrote last
 * (the revision barrier, in place of upstream's expectation caches), plan, execute, record, wait again. Changes that
 * arrive meanwhile are coalesced; each write carries the revisions that woke the key.
 */
import { refKey, refOf, type KubeObject, type Ref } from '../api/meta.ts'
import type { Revision } from '../api/request.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Cache } from './cache.ts'
import type { Client, WatchEvent } from './client.ts'
import type { Controller, PlanInput } from './controller.ts'
import type { Decisions } from './decisions.ts'
import { execute, type Ended, type Written } from './execute.ts'
import { ownersOf } from './owners.ts'
import type { Reason, Step } from './plan.ts'
import { Queue } from './queue.ts'
import { eventTarget, type Recorder } from './recorder.ts'

export interface RunnerOptions {
  readonly cache: Cache
  /** A client whose writes are journalled under this actor. */
  readonly clientFor: (actor: string) => Client
  readonly clock: Clock
  readonly log: Logger
  readonly decisions: Decisions
  readonly recorder: Recorder
  /** A key is not planned again sooner than this after a pass, so that a burst of changes costs few passes. */
  readonly gapMs?: number
}

const defaultGapMs = 10
const defaultWorkers = 5
/** Back-off where another attempt cannot mend it soon: the request itself was refused. */
const terminalRetryMs = 10_000
/** A deadline missed by more than this means that the process was suspended: even a busy one keeps up better. */
const suspendedMs = 5_000
/** So many waking revisions are kept as causes; the newest count. */
const ledAtMost = 16

interface KeyState {
  ref: Ref
  led: Revision[]
  running: boolean
  /** Woken while running. */
  again: boolean
  /** No pass before this instant. */
  notBeforeMs: number
  /** When the object was first found to be gone. */
  absentSinceMs: number | undefined
  /** The key comes up again by itself. */
  scheduled: boolean
}

/** Since when the process runs without a stop; shared by all controllers of a runner. */
class Wakefulness {
  sinceMs: number

  constructor(clock: Clock) {
    this.sinceMs = clock.now()
  }

  note(lateMs: number, nowMs: number): void {
    if (lateMs > suspendedMs) this.sinceMs = nowMs
  }
}

export class Runner {
  readonly #options: RunnerOptions

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  /** Runs the controllers until `signal` aborts; resolves when every pass has ended. */
  async run(controllers: readonly Controller[], signal: AbortSignal): Promise<void> {
    const { cache } = this.#options
    await cache.waitFor(0, signal)
    if (signal.aborted) return
    const awake = new Wakefulness(this.#options.clock)
    const loops = controllers.map((controller) => new Loop(controller, this.#options, awake))
    const byKind = new Map<string, Loop[]>()
    for (const loop of loops) {
      for (const kind of loop.kinds) byKind.set(kind, [...(byKind.get(kind) ?? []), loop])
      loop.addAll()
    }
    const stop = cache.subscribe((events) => {
      for (const event of events) for (const loop of byKind.get(event.object.kind) ?? []) loop.onEvent(event)
    })
    try {
      await Promise.all(loops.map((loop) => loop.run(signal)))
    } finally {
      stop()
    }
  }
}

class Loop {
  readonly kinds: ReadonlySet<string>
  readonly #controller: Controller
  readonly #options: RunnerOptions
  readonly #reconciles: readonly string[]
  readonly #client: Client
  readonly #log: Logger
  readonly #queue: Queue<string>
  readonly #states = new Map<string, KeyState>()
  readonly #gapMs: number
  readonly #awake: Wakefulness

  constructor(controller: Controller, options: RunnerOptions, awake: Wakefulness) {
    this.#awake = awake
    this.#controller = controller
    this.#options = options
    this.#reconciles = typeof controller.reconciles === 'string' ? [controller.reconciles] : controller.reconciles
    this.kinds = new Set([...this.#reconciles, ...controller.wakesOn])
    this.#client = options.clientFor(this.#actor)
    this.#log = options.log.child({ controller: controller.name })
    this.#queue = new Queue(options.clock, (lateMs) => awake.note(lateMs, options.clock.now()))
    this.#gapMs = controller.gapMs ?? options.gapMs ?? defaultGapMs
  }

  get #actor(): string {
    return `controller:${this.#controller.name}`
  }

  addAll(): void {
    for (const kind of this.kinds) {
      for (const object of this.#options.cache.list(kind)) this.onEvent({ type: 'ADDED', object, revision: Number(object.metadata.resourceVersion) }, true)
    }
    for (const ref of this.#controller.seeds ?? []) this.#wake(ref, undefined)
  }

  /** `known`: it happened before the start and is no cause of what follows. */
  onEvent(event: WatchEvent, known = false): void {
    const controller = this.#controller
    const { kind } = event.object
    const revision = known ? undefined : event.revision
    if (this.#reconciles.includes(kind) && (controller.concerns?.(event) ?? true)) this.#wake(refOf(event.object), revision)
    if (!controller.wakesOn.includes(kind)) return
    const refs = controller.wakes ? controller.wakes(event, this.#options.cache) : ownersOf(event, this.#reconciles)
    for (const ref of refs) this.#wake(ref, revision)
  }

  #wake(ref: Ref, revision: Revision | undefined): void {
    const key = refKey(ref)
    let state = this.#states.get(key)
    if (!state) this.#states.set(key, (state = { ref, led: [], running: false, again: false, notBeforeMs: 0, absentSinceMs: undefined, scheduled: false }))
    state.ref = ref
    if (revision !== undefined) {
      state.led.push(revision)
      if (state.led.length > ledAtMost) state.led.shift()
    }
    if (state.running) state.again = true
    else this.#queue.addAt(key, state.notBeforeMs)
  }

  async run(signal: AbortSignal): Promise<void> {
    const worker = async () => {
      for (let key = await this.#queue.next(signal); key !== undefined; key = await this.#queue.next(signal)) {
        try {
          await this.#pass(key, signal)
        } catch (error) {
          this.#log.error('a pass broke', { key, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
          this.#queue.retry(key, terminalRetryMs)
        } finally {
          this.#finish(key)
        }
      }
    }
    await Promise.all(Array.from({ length: this.#controller.workers ?? defaultWorkers }, worker))
    this.#queue.close()
  }

  #finish(key: string): void {
    const state = this.#states.get(key)
    this.#queue.done(key)
    if (!state) return
    state.running = false
    state.notBeforeMs = this.#options.clock.now() + this.#gapMs
    if (state.again) this.#queue.addAt(key, state.notBeforeMs)
    else if (!state.scheduled && this.#queue.failures(key) === 0 && !this.#find(state.ref)) this.#states.delete(key)
  }

  #find(ref: Ref): KubeObject | undefined {
    return this.#options.cache.get(ref.kind, ref.namespace, ref.name)
  }

  async #pass(key: string, signal: AbortSignal): Promise<void> {
    const { cache, clock, decisions } = this.#options
    await cache.waitFor(0, signal)
    const state = this.#states.get(key)
    if (!state || signal.aborted) return
    state.running = true
    state.again = false
    const led = state.led
    state.led = []

    const startedMs = clock.now()
    const { revision } = cache
    const object = this.#find(state.ref)
    const ref = object ? refOf(object) : state.ref
    this.#awake.note(this.#queue.lateMs, startedMs)
    state.absentSinceMs = object ? undefined : (state.absentSinceMs ?? startedMs)
    const plan = this.#controller.plan(this.#input(state, object))
    state.scheduled = plan.requeueAt !== undefined
    const written = await this.#execute(plan.steps, led, object, signal)
    if (signal.aborted) return
    const { ended } = written

    if (plan.requeueAt !== undefined) this.#queue.addAt(key, plan.requeueAt)
    if (ended.how === 'done' || ended.how === 'gone') this.#queue.forget(key)
    else if (ended.how === 'outdated') {
      this.#log.debug('planned on an old view, planning again', { key })
      this.#queue.retry(key)
    } else await this.#onFailed(key, ended, led, signal)

    if (object || plan.steps.length > 0) {
      decisions.record(
        {
          actor: this.#actor,
          ref,
          revision,
          because: plan.because,
          steps: plan.steps.map((step) => step.because),
          outcome: ended.how === 'failed' ? 'failed' : 'done',
          ...(ended.how === 'failed' ? { error: ended.failure.message } : {}),
          ...(plan.requeueAt === undefined ? {} : { dueMs: plan.requeueAt }),
          tookMs: clock.now() - startedMs,
        },
        clock.now(),
      )
    }
  }

  #input(state: KeyState, object: KubeObject | undefined): PlanInput {
    const { cache, clock } = this.#options
    return {
      object,
      ref: object ? refOf(object) : state.ref,
      snapshot: cache,
      now: clock.now(),
      awakeSinceMs: this.#awake.sinceMs,
      ...(state.absentSinceMs === undefined ? {} : { absentSinceMs: state.absentSinceMs }),
    }
  }

  async #onFailed(key: string, ended: Extract<Ended, { how: 'failed' }>, led: readonly Revision[], signal: AbortSignal): Promise<void> {
    const { failure, terminal } = ended
    this.#log.warn('a step was refused', { key, step: failure.step.because.code, reason: failure.reason, error: failure.message })
    this.#queue.retry(key, terminal ? terminalRetryMs : undefined)
    const state = this.#states.get(key)
    const object = state && this.#find(state.ref)
    const steps = state && object ? this.#controller.onFailure?.(this.#input(state, object), failure) : undefined
    if (!steps || steps.length === 0) return
    const written = await this.#execute(steps, led, object, signal)
    if (written.ended.how === 'failed') this.#log.warn('the refusal could not be written down', { key, error: written.ended.failure.message })
  }

  /** Executes and waits behind the revision barrier. */
  async #execute(steps: readonly Step[], led: readonly Revision[], object: KubeObject | undefined, signal: AbortSignal): Promise<Written> {
    if (steps.length === 0) return { ended: { how: 'done' }, revision: 0, deleted: [] }
    const { cache } = this.#options
    const written = await execute(steps, { client: this.#client, led, signal, onStep: (step, answer) => this.#tell(step.because, object, answer) })
    await cache.waitFor(written.revision, signal)
    for (const ref of written.deleted) while (!signal.aborted && !this.#isLeaving(ref)) await cache.waitFor(cache.revision + 1, signal)
    return written
  }

  #isLeaving(ref: Ref): boolean {
    const object = this.#find(ref)
    return !object || (ref.uid !== undefined && object.metadata.uid !== ref.uid) || object.metadata.deletionTimestamp !== undefined
  }

  #tell({ code, event }: Reason, object: KubeObject | undefined, answer: KubeObject | undefined): void {
    if (!event) return
    const regarding = event.regarding ? (this.#find(event.regarding) ?? object) : object
    if (!regarding) return
    const message = event.message.replaceAll('{name}', answer?.metadata.name ?? '')
    this.#options.recorder.record({ component: this.#controller.component ?? this.#controller.name, regarding: eventTarget(regarding), type: event.type, reason: code, message })
  }
}

