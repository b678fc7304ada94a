/**
 * Model checking of controllers. A model names the controllers, what users and machines may do, and what must hold; the
 * checker drives planners, the real registry over a store in memory, and a pretended kubelet through random histories:
 * user edits, Pod failures, lost nodes, late and duplicated wake-ups, a snapshot that lags, refused writes, and crashes of
 * the runner between any two steps, all on one simulated clock. Every history ends with everybody left in peace.
 *
 *   checkModel({
 *     name: 'replicaset',
 *     controllers: ['replicaset-controller', 'garbage-collector-controller'],   // as in core/controllers/controllers.ts
 *     setup: async ({ user, random }) => void (await user.create(replicaSet(3))),
 *     deeds: {                                             // what users and bad luck do; the number is its weight
 *       scale: [2, async ({ user, random }) => …],
 *     },
 *     always: (now) => assert.ok(…),                       // after every single write, on the true state
 *     settled: (now) => assert.equal(…),                   // once nobody does anything any more
 *   })
 *
 * What the checker itself demands of every model: every history settles, and a settled cluster is not written to even
 * when every key is woken again. Then some more deeds come, each to a cluster at rest, and the same is demanded after each.
 * A failing history is shrunk, and printed with its seed and what happened in it.
 *
 *   ORRERY_MODEL_STEPS  steps per model (default 1,000; `npm run check:long` takes 100,000)
 *   ORRERY_MODEL_SEED   the first seed (default 1)
 */
import { test } from 'node:test'
import type { Ref } from '../../core/api/meta.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Client } from '../../core/loop/client.ts'
import type { Controller } from '../../core/loop/controller.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import type { MakeActor } from './actor.ts'
import { HistoryFailed, play, type Step } from './history.ts'
import type { Random } from './random.ts'
import { randomOf } from './random.ts'
import { shrink } from './shrink.ts'

export interface ModelContext {
  /** What is true now; planners may see an older state. */
  readonly now: Snapshot
  /** A client as a user; its writes go through admission like everybody's. */
  readonly user: Client
  readonly random: Random
  readonly nowMs: number
}

export type Deed = readonly [weight: number, act: (context: ModelContext) => Promise<unknown>]

export interface KubeletModel {
  /** Where a Pod without a node goes; undefined: it waits. Default: a living node that its affinity by name and its node selector allow. */
  place?(pod: Pod, context: ModelContext): string | undefined
  /** How a Pod that may end does end (restart policy Never or OnFailure); undefined: it runs on. Default: it succeeds, now and then fails. `calm`: the history is settling. */
  outcome?(pod: Pod, random: Random, calm: boolean): 'Succeeded' | 'Failed' | undefined
  /** Pods that never become ready. */
  broken?(pod: Pod, now: Snapshot): boolean
  /** Chance that a running Pod of restart policy Always becomes unready, or fails altogether, when the kubelet looks at it. Default 0.02 each. */
  unready?: number
  failed?: number
}

export interface Model {
  readonly name: string
  /** Names of the controllers that run, or controllers themselves (planners that need a source of their own). */
  readonly controllers: readonly (string | Controller)[]
  /** Namespace `default` with its service account, and the nodes n1…n4 are there. */
  setup(context: ModelContext): Promise<unknown>
  /** The history begins once the cluster has come to rest after the setup. */
  readonly fromRest?: boolean
  readonly deeds: Readonly<Record<string, Deed>>
  readonly kubelet?: KubeletModel
  /** Other machines that take part: scheduler-actor.ts, heartbeats.ts. */
  readonly actors?: readonly MakeActor[]
  /** Nodes that may be lost and come back; default none. */
  readonly nodesMayBeLost?: boolean
  /** Throws when something forbidden is true. `before` is the state as it was before this write, for limits on single writes. */
  always?(now: Snapshot, wrote: Ref, nowMs: number): void
  /** Called before settling: takes back what would keep the cluster from coming to rest. */
  calm?(context: ModelContext): Promise<unknown>
  settled?(now: Snapshot): void
  /** How far time is moved, from one due instant to the next, to see that all is at rest. Default 30 minutes. */
  readonly restMs?: number
  /** How many more deeds come afterwards, each to a cluster at rest. Default 2. */
  readonly lateDeeds?: number
  /** Steps of one history. Default 250. */
  readonly length?: number
}

const stepsWanted = Number(process.env['ORRERY_MODEL_STEPS'] ?? 1_000)
const firstSeed = Number(process.env['ORRERY_MODEL_SEED'] ?? 1)

export function checkModel(model: Model): void {
  const length = model.length ?? 250
  const histories = Math.max(1, Math.ceil(stepsWanted / length))
  test(`${model.name}: ${histories} random histories of ${length} steps, seeds from ${firstSeed}`, { timeout: 3_600_000 }, async () => {
    for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
      const random = randomOf(seed)
      const steps: Step[] = Array.from({ length }, () => ({ choice: random(), seed: Math.floor(random() * 2 ** 31) }))
      const failure = await play(model, seed, steps)
      if (!failure) continue
      const { steps: fewer, failure: last } = await shrink(model, seed, steps, failure)
      throw new HistoryFailed(model.name, seed, length, fewer.length, last)
    }
  })
}
