/**
 * Stands in the runner's place with the runner's rules (core/loop/runner.ts): one pass a key at a time, no plan before
 * the snapshot holds what the key wrote last, back-off after a refusal. But the order is the history's: any woken key may
 * be next, passes stop between any two steps while others act, and a restart forgets everything.
 */
import { refKey, refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { WatchEvent } from '../../core/loop/client.ts'
import type { Controller, PlanInput } from '../../core/loop/controller.ts'
import { execute } from '../../core/loop/execute.ts'
import { ownersOf } from '../../core/loop/owners.ts'
import type { Step } from '../../core/loop/plan.ts'
import type { ModelCluster } from './model-cluster.ts'
import { pick, type Random } from './random.ts'

const firstRetryMs = 5
const longestRetryMs = 1_000_000
const terminalRetryMs = 10_000

interface Key {
  readonly controller: Controller
  ref: Ref
  woken: boolean
  dueMs: number | undefined
  failures: number
  /** Not planned before the snapshot has reached this revision. */
  barrier: number
  absentSinceMs: number | undefined
  pass: Pass | undefined
}

interface Pass {
  readonly steps: Step[]
  readonly requeueAt: number | undefined
}

export class Driver {
  readonly #cluster: ModelCluster
  readonly #controllers: readonly Controller[]
  readonly #keys = new Map<string, Key>()
  #awakeSinceMs = 0

  constructor(cluster: ModelCluster, controllers: readonly Controller[]) {
    this.#cluster = cluster
    this.#controllers = controllers
  }

  restart(): void {
    this.#keys.clear()
    this.#awakeSinceMs = this.#cluster.clock.now()
    this.wakeAll()
  }

  /** As at the start of the process: every object is news. */
  wakeAll(): void {
    const { seen } = this.#cluster
    for (const controller of this.#controllers) {
      for (const kind of new Set([...reconciledBy(controller), ...controller.wakesOn])) {
        for (const object of seen.list(kind)) this.#offer(controller, { type: 'ADDED', object, revision: Number(object.metadata.resourceVersion) })
      }
      for (const ref of controller.seeds ?? []) this.#wake(controller, ref)
    }
  }

  onEvent(event: WatchEvent): void {
    for (const controller of this.#controllers) this.#offer(controller, event)
  }

  #offer(controller: Controller, event: WatchEvent): void {
    const { kind } = event.object
    if (reconciledBy(controller).includes(kind) && (controller.concerns?.(event) ?? true)) this.#wake(controller, refOf(event.object))
    if (!controller.wakesOn.includes(kind)) return
    for (const ref of controller.wakes ? controller.wakes(event, this.#cluster.seen) : ownersOf(event, reconciledBy(controller))) this.#wake(controller, ref)
  }

  #wake(controller: Controller, ref: Ref): void {
    const name = `${controller.name} ${refKey(ref)}`
    const key = this.#keys.get(name)
    if (key) {
      key.ref = ref
      key.woken = true
    } else this.#keys.set(name, { controller, ref, woken: true, dueMs: undefined, failures: 0, barrier: 0, absentSinceMs: undefined, pass: undefined })
  }

  /** Keys that a worker could take up now. */
  get #ready(): Key[] {
    const now = this.#cluster.clock.now()
    return [...this.#keys.values()].filter(({ woken, dueMs, pass, failures }) => pass === undefined && ((woken && failures === 0) || (dueMs !== undefined && dueMs <= now)))
  }

  get #underway(): Key[] {
    return [...this.#keys.values()].filter(({ pass }) => pass !== undefined)
  }

  get idle(): boolean {
    return this.#ready.length === 0 && this.#underway.length === 0
  }

  /** The next instant at which a key comes up by itself. */
  get nextDueMs(): number | undefined {
    let next: number | undefined
    for (const { dueMs } of this.#keys.values()) if (dueMs !== undefined && (next === undefined || dueMs < next)) next = dueMs
    return next
  }

  /** Wakes a key that nothing has woken. */
  rewake(random: Random): boolean {
    const key = pick(random, [...this.#keys.values()])
    if (!key) return false
    key.woken = true
    return true
  }

  /** Plans one of the woken keys. False where none is. */
  async plan(random: Random): Promise<boolean> {
    const key = pick(random, this.#ready)
    if (!key) return false
    const { seen, clock } = this.#cluster
    if (seen.revision < key.barrier) this.#cluster.deliverUpTo(key.barrier)
    key.woken = false
    if (key.dueMs !== undefined && key.dueMs <= clock.now()) key.dueMs = undefined
    const object = this.#find(key.ref)
    key.absentSinceMs = object ? undefined : (key.absentSinceMs ?? clock.now())
    const plan = key.controller.plan(this.#input(key, object))
    key.pass = { steps: [...plan.steps], requeueAt: plan.requeueAt }
    this.#cluster.tell(`${key.controller.name} plans ${refKey(key.ref)} at ${seen.revision}: ${plan.because.say}${plan.steps.length === 0 ? '' : ` (${plan.steps.map(shown).join(', ')})`}`)
    if (plan.steps.length === 0) this.#ended(key, true)
    return true
  }

  /** Takes one step of a pass. False where no pass is under way. */
  async step(random: Random): Promise<boolean> {
    const key = pick(random, this.#underway)
    if (!key?.pass) return false
    const step = key.pass.steps.shift()
    if (step) {
      const refused = this.#cluster.refuseNext
      this.#cluster.refuseNext = false
      const before = this.#cluster.revision
      const ended = refused && step.do !== 'note' ? refusal(step) : (await this.#execute(key, step)).ended
      if (this.#cluster.revision > before) key.barrier = this.#cluster.revision
      this.#cluster.tell(`  ${key.controller.name} ${shown(step)}${ended.how === 'done' ? '' : `: ${ended.how === 'failed' ? ended.failure.message : ended.how}`}`)
      if (ended.how === 'outdated') return this.#ended(key, false)
      if (ended.how === 'gone') return this.#ended(key, true)
      if (ended.how === 'failed') {
        const object = this.#find(key.ref)
        const after = object ? (key.controller.onFailure?.(this.#input(key, object), ended.failure) ?? []) : []
        for (const more of after) {
          await this.#execute(key, more)
          key.barrier = this.#cluster.revision
        }
        return this.#ended(key, false, ended.terminal ? terminalRetryMs : firstRetryMs)
      }
    }
    if (key.pass.steps.length === 0) this.#ended(key, true)
    return true
  }

  #execute(key: Key, step: Step) {
    return execute([step], { client: this.#cluster.client(`controller:${key.controller.name}`), led: [], signal: new AbortController().signal, onStep: () => {} })
  }

  #ended(key: Key, well: boolean, firstMs = firstRetryMs): true {
    const requeueAt = key.pass?.requeueAt
    key.pass = undefined
    if (requeueAt !== undefined) key.dueMs = Math.min(key.dueMs ?? Infinity, requeueAt)
    if (well) key.failures = 0
    else key.dueMs = this.#cluster.clock.now() + Math.min(firstMs * 2 ** key.failures++, longestRetryMs)
    return true
  }

  #find(ref: Ref): KubeObject | undefined {
    return this.#cluster.seen.get(ref.kind, ref.namespace, ref.name)
  }

  #input(key: Key, object: KubeObject | undefined): PlanInput {
    return {
      object,
      ref: object ? refOf(object) : key.ref,
      snapshot: this.#cluster.seen,
      now: this.#cluster.clock.now(),
      awakeSinceMs: this.#awakeSinceMs,
      ...(key.absentSinceMs === undefined ? {} : { absentSinceMs: key.absentSinceMs }),
    }
  }
}

const reconciledBy = ({ reconciles }: Controller): readonly string[] => (typeof reconciles === 'string' ? [reconciles] : reconciles)

const refusal = (step: Step) => ({ how: 'failed' as const, terminal: false, failure: { step, reason: new ApiError('InternalError', '').reason, message: 'refused by the history' } })

function shown(step: Step): string {
  if (step.do === 'create') return `create ${step.object.kind} ${step.object.metadata.name ?? `${step.object.metadata.generateName ?? ''}…`}`
  if (step.do === 'patch') return `patch ${refKey(step.ref)}${step.subresource === undefined ? '' : `/${step.subresource}`} ${JSON.stringify(step.patch).slice(0, 160)}`
  return `${step.do} ${refKey(step.ref)}`
}
