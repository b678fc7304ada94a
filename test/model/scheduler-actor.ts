/**
 * The real scheduler in a history, on the lagging snapshot: each of its writes waits at a gate until the history lets it
 * pass, or has it refused; its timers end when time is moved; a crash loses its books, and some of the writes under way.
 */
import { ApiError } from '../../core/api/status.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Clock } from '../../core/base/clock.ts'
import { Cache } from '../../core/loop/cache.ts'
import type { Client, WriteOptions } from '../../core/loop/client.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import type { Ref } from '../../core/api/meta.ts'
import { Scheduler } from '../../core/scheduler/scheduler.ts'
import type { Actor, MakeActor } from './actor.ts'
import type { ModelCluster } from './model-cluster.ts'
import { chance, pick, type Random } from './random.ts'
import type { View } from './placing.ts'

/** What a model may demand of decisions, on what the scheduler knew when it took them. */
export interface SchedulerPromises {
  onBind(pod: Pod, node: string, view: View): void
  /** The victims that one preemptor takes at once. */
  onPreempt(preemptor: Pod, victims: readonly Pod[], node: string, view: View): void
  /** Whenever it has come to its next stop: a Pod that is not tried again before something changes, or five minutes pass. */
  onWait(pod: Pod, view: View): void
}

interface Write {
  readonly say: string
  readonly run: () => Promise<void>
  readonly refuse: () => void
}

interface Timer {
  readonly dueMs: number
  readonly fn: () => void
}

/** One life of the scheduler's process. */
interface Life {
  readonly scheduler: Scheduler
  readonly stop: AbortController
  dead: boolean
  writes: Write[]
  timers: Timer[]
  /** uid → node, from the decision until the snapshot shows it, or the binding failed. */
  readonly assumed: Map<string, { readonly node: string; readonly pod: Pod | undefined }>
  /** uid → node promised; '' where a promise was taken back. */
  readonly promised: Map<string, string>
  /** Promises that ended in this go: who came before their end had to heed them. */
  ended: Map<string, string>
  victims: { readonly preemptor: string; readonly victim: Pod }[]
  /** Preemptors that first take promises back, and ask for their victims afterwards: with what they knew when they decided. */
  readonly decided: Map<string, View | undefined>
}

export const schedulerActor = (promises: SchedulerPromises): MakeActor => (cluster) => new SchedulerActor(cluster, promises)

class SchedulerActor implements Actor {
  readonly #cluster: ModelCluster
  readonly #promises: SchedulerPromises
  #life: Life | undefined

  constructor(cluster: ModelCluster, promises: SchedulerPromises) {
    this.#cluster = cluster
    this.#promises = promises
  }

  start(): void {
    const { seen, clock } = this.#cluster
    const stop = new AbortController()
    const timers = (): Timer[] => life.timers
    const ownClock: Clock = {
      now: () => clock.now(),
      after: (delayMs, fn) => {
        const timer = { dueMs: clock.now() + delayMs, fn }
        timers().push(timer)
        return () => void (life.timers = life.timers.filter((other) => other !== timer))
      },
    }
    const note = (level: string) => (message: string, fields?: object) => this.#cluster.tell(`scheduler ${level}: ${message} ${JSON.stringify(fields ?? {})}`)
    const error = (message: string, fields?: object) => this.#cluster.demand(() => { throw new Error(`${message} ${JSON.stringify(fields ?? {})}`) })
    const log = { debug() {}, info() {}, warn: note('warns'), error } as unknown as ConstructorParameters<typeof Scheduler>[0]['log']
    const scheduler = new Scheduler({ client: this.#gated(() => life), cache: seen, clock: ownClock, log, recorder: { record: ({ reason, regarding }) => void (reason === 'FailedScheduling' && life.decided.delete(regarding.name ?? '')) }, pause: () => Promise.resolve() })
    const life: Life = { scheduler, stop, dead: false, writes: [], timers: [], assumed: new Map(), promised: new Map(), ended: new Map(), victims: [], decided: new Map() }
    this.#life = life
    void scheduler.run(stop.signal)
  }

  async crash(random: Random): Promise<void> {
    const life = this.#life
    if (!life) return
    life.dead = true
    life.stop.abort()
    for (const write of life.writes) if (chance(random, 0.5)) await write.run()
  }

  async act(random: Random): Promise<boolean> {
    const life = this.#life!
    const write = pick(random, life.writes)
    if (!write) return false
    life.writes = life.writes.filter((other) => other !== write)
    const refused = this.#cluster.refuseNext
    this.#cluster.refuseNext = false
    this.#cluster.tell(`scheduler: ${write.say}${refused ? ': refused by the history' : ''}`)
    if (refused) write.refuse()
    else await write.run()
    return true
  }

  get nextDueMs(): number | undefined {
    const due = this.#life?.timers.map(({ dueMs }) => dueMs) ?? []
    return due.length === 0 ? undefined : Math.min(...due)
  }

  async onTime(): Promise<void> {
    const life = this.#life!
    const nowMs = this.#cluster.clock.now()
    const due = life.timers.filter(({ dueMs }) => dueMs <= nowMs)
    life.timers = life.timers.filter(({ dueMs }) => dueMs > nowMs)
    for (const { fn } of due) fn()
  }

  /** Everything that was decided in one go has been asked for by now, and nothing has changed since. */
  onQuiet(): void {
    const life = this.#life
    if (!life) return
    this.#judgeVictims(life)
    life.ended.clear()
    if (life.writes.length > 0) return
    const waiting = this.#cluster.seen.list<Pod>('Pod').filter(({ metadata }) => life.scheduler.placeOf(metadata.uid)?.state === 'waiting')
    if (waiting.length === 0) return
    const view = this.#view(life)
    // What happens to a Pod between its placing and its binding is seen with the binding.
    if (life.assumed.size > 0) return
    // Others learn that a promise was taken back when they hear of it.
    const held = this.#cluster.seen.list<Pod>('Pod').flatMap(({ metadata, spec, status }) => (!spec.nodeName && status.nominatedNodeName ? [[metadata.uid, status.nominatedNodeName] as const] : []))
    const heard = { ...view, promised: new Map([...held, ...view.promised ?? []]) }
    for (const pod of waiting) this.#cluster.demand(() => this.#promises.onWait(pod, heard))
  }

  #gated(lifeOf: () => Life): Client {
    const real = this.#cluster.client('scheduler')
    const pass = (say: string, work: () => Promise<unknown>) =>
      new Promise<never>((resolve, reject) => {
        const life = lifeOf()
        const answer = (how: () => void) => void (life.dead || how())
        if (life.dead) return
        life.writes.push({
          say,
          run: () => work().then((value) => answer(() => resolve(value as never)), (error: unknown) => answer(() => reject(error))),
          refuse: () => answer(() => reject(new ApiError('InternalError', 'refused by the history'))),
        })
      })
    return {
      ...real,
      bind: (ref: Ref, node: string, options?: WriteOptions) => {
        const life = lifeOf()
        const { seen } = this.#cluster
        const pod = seen.get<Pod>('Pod', ref.namespace, ref.name)
        if (pod && !life.dead) this.#cluster.demand(() => this.#promises.onBind(pod, node, this.#view(life)))
        const uid = ref.uid ?? pod?.metadata.uid ?? ''
        life.assumed.set(uid, { node, pod })
        return pass(`binds ${ref.name} to ${node}`, () => real.bind(ref, node, options)).catch((error: unknown) => {
          life.assumed.delete(uid)
          throw error
        })
      },
      patch: (ref, patch, options) => {
        const life = lifeOf()
        const because = options?.because
        const victim = this.#cluster.seen.get<Pod>('Pod', ref.namespace, ref.name)
        if (because?.code === 'NominationLost') life.decided.set(because.why.slice(0, because.why.indexOf(' ')), undefined)
        if (because?.code === 'Preempted' && victim) life.victims.push({ preemptor: because.say.slice(because.say.lastIndexOf(' ') + 1), victim })
        const status = (patch.body as { status?: { nominatedNodeName?: string | null } }).status
        if (victim && status?.nominatedNodeName !== undefined) {
          const held = life.promised.get(victim.metadata.uid) ?? victim.status.nominatedNodeName
          if (held && held !== status.nominatedNodeName) life.ended.set(victim.metadata.uid, held)
          life.promised.set(victim.metadata.uid, status.nominatedNodeName ?? '')
        }
        return pass(`patches ${ref.name}: ${because?.say ?? JSON.stringify(patch.body)}`, () => real.patch(ref, patch, options))
      },
      delete: (ref, options) => pass(`deletes ${ref.name}`, () => real.delete(ref, options)),
    }
  }

  #judgeVictims(life: Life): void {
    const { victims, decided } = life
    const isNew = [...decided.values()].includes(undefined)
    if (victims.length === 0 && !isNew) return
    life.victims = []
    const last = this.#view(life)
    const current = { ...last, promised: new Map([...[...life.ended].filter(([uid]) => !last.placed.has(uid)), ...last.promised ?? []]) }
    const kept = isNew ? { ...current, snapshot: copied(current.snapshot) } : current
    for (const [name, view] of decided) if (!view) decided.set(name, kept)
    for (const name of new Set(victims.map(({ preemptor }) => preemptor))) {
      const mine = victims.filter(({ preemptor }) => preemptor === name).map(({ victim }) => victim)
      const preemptor = this.#cluster.seen.get<Pod>('Pod', 'default', name)
      if (!preemptor) continue
      const view = decided.get(name) ?? current
      this.#cluster.demand(() => this.#promises.onPreempt(preemptor, mine, view.placed.get(mine[0]!.metadata.uid) ?? '', view))
    }
  }

  /** What the scheduler may know: the snapshot, and its own placements. */
  #view(life: Life): View {
    const { seen } = this.#cluster
    const placed = new Map<string, string>()
    const promised = new Map<string, string>()
    for (const { metadata, spec, status } of seen.list<Pod>('Pod')) {
      if (spec.nodeName) life.assumed.delete(metadata.uid)
      const node = spec.nodeName ?? life.assumed.get(metadata.uid)?.node
      const promise = life.promised.get(metadata.uid) ?? status.nominatedNodeName
      if (node) placed.set(metadata.uid, node)
      else if (promise) promised.set(metadata.uid, promise)
    }
    return { snapshot: seen, placed, promised, assumed: new Map([...life.assumed].flatMap(([uid, { pod }]) => (pod ? [[uid, pod] as const] : []))) }
  }
}

/** What `placing.ts` looks at, as it is now. */
function copied(snapshot: Snapshot): Snapshot {
  const copy = new Cache()
  copy.replace(['Node', 'Pod', 'PodDisruptionBudget'].flatMap((kind) => [...snapshot.list(kind)]), snapshot.revision)
  return copy
}
