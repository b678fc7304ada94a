/**
 * The cluster of one history: the real registry over a store in memory, the truth, the lagging snapshot that planners
 * see, and the driver in the runner's place. Nothing happens in it by itself: each step is asked for.
 */
import { kindList } from '../../core/api/kinds.ts'
import { refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import { localClient } from '../../core/local-client.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { Client, WatchEvent } from '../../core/loop/client.ts'
import type { Controller } from '../../core/loop/controller.ts'
import { GenericRegistry } from '../../core/server/registry/generic-registry.ts'
import { memoryStore } from '../../core/store/memory.ts'
import type { Change, Store } from '../../core/store/store.ts'
import { allControllers } from '../controllers/cluster.ts'
import { FakeClock } from '../loop/fake-clock.ts'
import type { Actor } from './actor.ts'
import { Driver } from './driver.ts'
import { Kubelet } from './kubelet.ts'
import type { Model, ModelContext } from './model.ts'
import { randomOf, type Random } from './random.ts'

const storyLines = 400
export const nodeNames = ['n1', 'n2', 'n3', 'n4'] as const

export class ModelCluster {
  readonly model: Model
  readonly clock = new FakeClock()
  readonly truth = new Cache()
  readonly seen = new Cache()
  readonly driver: Driver
  readonly kubelet: Kubelet
  readonly actors: readonly Actor[]
  readonly user: Client
  readonly story: string[] = []
  readonly lostNodes = new Set<string>()
  /** The next write of a controller is refused. */
  refuseNext = false
  /** The model's promises hold from its setup on. */
  watched = false
  #undelivered: WatchEvent[] = []
  #broken: { error: unknown } | undefined
  readonly #store: Store
  readonly #registry: GenericRegistry
  readonly #stop: () => void

  private constructor(model: Model, seed: number) {
    this.model = model
    const random = randomOf(seed ^ 0x5eed)
    this.#store = memoryStore(this.clock)
    let uids = 0
    this.#registry = new GenericRegistry({ store: this.#store, clock: this.clock, facts: kubernetesFacts, kinds: kindList, identities: { random, uid: () => `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}` } })
    this.truth.replace([], 0)
    this.seen.replace([], 0)
    this.truth.phase('live')
    this.seen.phase('live')
    this.user = this.client('user:someone')
    this.kubelet = new Kubelet(this)
    this.driver = new Driver(this, chosen(model))
    this.actors = (model.actors ?? []).map((make) => make(this))
    this.#stop = this.#store.watch('', 0, (changes) => this.#onChanges(changes))
  }

  static async start(model: Model, seed: number): Promise<ModelCluster> {
    const cluster = new ModelCluster(model, seed)
    await cluster.#registry.ready
    const { user } = cluster
    await user.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
    await user.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } })
    for (const name of nodeNames) await cluster.kubelet.register(name)
    cluster.#begin()
    return cluster
  }

  client(actor: string): Client {
    return localClient({ registry: this.#registry, actor, user: { name: actor, groups: ['system:masters', 'system:authenticated'] } })
  }

  context(random: Random): ModelContext {
    return { now: this.truth, user: this.user, random, nowMs: this.clock.now() }
  }

  get undelivered(): number {
    return this.#undelivered.length
  }

  /** Lets planners see the next `count` changes. */
  deliver(count = Infinity): void {
    const events = this.#undelivered.splice(0, count)
    if (events.length === 0) return
    this.seen.apply(events)
    for (const event of events) this.driver.onEvent(event)
  }

  deliverUpTo(revision: number): void {
    const count = this.#undelivered.findIndex((event) => event.revision > revision)
    this.deliver(count < 0 ? Infinity : count)
  }

  /** The runner's process dies and comes back: all it knew is gone, and it lists again. */
  async restart(random: Random): Promise<void> {
    for (const actor of this.actors) await actor.crash(random)
    this.#begin()
  }

  #begin(): void {
    this.deliver()
    this.driver.restart()
    for (const actor of this.actors) actor.start()
  }

  /** What the step has set off in the actors comes to its next stop. */
  async quiet(): Promise<void> {
    if (this.actors.length === 0) return
    await new Promise((resolve) => setImmediate(resolve))
    for (const actor of this.actors) actor.onQuiet?.()
  }

  /** When time alone sets something off. */
  get nextDueMs(): number | undefined {
    const times = [this.driver.nextDueMs, ...this.actors.map(({ nextDueMs }) => nextDueMs)].filter((time) => time !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Moves time; no actor's timer is slept through. */
  async sleepUntil(untilMs: number): Promise<void> {
    for (;;) {
      const next = Math.min(...this.actors.map(({ nextDueMs }) => nextDueMs ?? Infinity))
      if (next > untilMs) break
      this.clock.sleep(Math.max(0, next - this.clock.now()))
      for (const actor of this.actors) if (actor.nextDueMs !== undefined && actor.nextDueMs <= this.clock.now()) await actor.onTime()
      await this.quiet()
    }
    this.clock.sleep(Math.max(0, untilMs - this.clock.now()))
  }

  /** A promise that is looked at elsewhere than after a write. */
  demand(check: () => void): void {
    if (this.#broken || !this.watched) return
    try {
      check()
    } catch (error) {
      this.#broken = { error }
    }
  }

  /** Throws what a write broke, with the stack of the check. */
  check(): void {
    if (this.#broken) throw this.#broken.error
  }

  tell(line: string): void {
    if (this.story.length === storyLines) this.story.shift()
    this.story.push(`${((this.clock.now() - Date.parse('2026-01-01T00:00:00Z')) / 1000).toFixed(1).padStart(9)}s  ${line}`)
  }

  async close(): Promise<void> {
    this.#stop()
    await this.#store.close()
  }

  get revision(): number {
    return this.#store.revision
  }

  #onChanges(changes: readonly Change[]): void {
    for (const change of changes) {
      const event = eventOf(change, (entry) => this.#registry.machinery.entries.object(entry))
      this.truth.apply([event])
      this.#undelivered.push(event)
      this.demand(() => this.model.always?.(this.truth, refOf(event.object) satisfies Ref, this.clock.now()))
    }
  }
}

function eventOf(change: Change, objectOf: (entry: Change['entry']) => KubeObject): WatchEvent {
  const object = objectOf(change.entry)
  const previous = change.previous && objectOf(change.previous)
  const type = change.type === 'delete' ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED'
  return { type, object, revision: change.entry.revision, ...(previous === undefined ? {} : { previous }) }
}

function chosen({ controllers: wanted }: Model): Controller[] {
  const all = allControllers()
  return wanted.map((one) => {
    if (typeof one !== 'string') return one
    const found = all.find(({ name }) => name === one)
    if (!found) throw new Error(`no controller is called ${one}; there are ${all.map(({ name }) => name).join(', ')}`)
    return found
  })
}
