/** Plays one history, step by step, and says where it broke a promise. The same seed and steps give the same history. */
import { randomOf } from './random.ts'
import type { Model } from './model.ts'
import { ModelCluster } from './model-cluster.ts'
import { rest, settle } from './settle.ts'
import { stepOf } from './steps.ts'

export interface Step {
  /** Which step it is: 0 ≤ x < 1 over the weights of all possible ones. */
  readonly choice: number
  /** Its own source of chance, so that leaving out another step changes nothing in this one. */
  readonly seed: number
}

export interface Failure {
  /** Index of the last step played. */
  readonly at: number
  readonly during: 'history' | 'settling'
  readonly error: unknown
  /** What happened, a line each. */
  readonly story: readonly string[]
}

export class HistoryFailed extends Error {
  constructor(model: string, seed: number, length: number, left: number, { during, error, story }: Failure) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
    super(`model ${model}, seed ${seed}: broken while ${during === 'history' ? 'things happened' : 'settling'}; ${length} steps shrank to ${left}\n${said}\n\nagain: ORRERY_MODEL_SEED=${seed} ORRERY_MODEL_STEPS=1, with --test-name-pattern for this model alone\nwhat happened:\n${story.join('\n')}`)
    this.name = 'HistoryFailed'
  }
}

export async function play(model: Model, seed: number, steps: readonly Step[]): Promise<Failure | undefined> {
  const cluster = await ModelCluster.start(model, seed)
  let at = -1
  let during: Failure['during'] = 'history'
  try {
    cluster.watched = true
    await model.setup(cluster.context(randomOf(seed)))
    cluster.check()
    if (model.fromRest) {
      await rest(cluster, randomOf(seed))
      cluster.story.length = 0
      cluster.tell('all that was set up is at rest')
    }
    for (const step of steps) {
      at++
      await stepOf(cluster, step.choice)(randomOf(step.seed))
      await cluster.quiet()
      cluster.check()
    }
    during = 'settling'
    await settle(cluster, randomOf(seed))
    return undefined
  } catch (error) {
    return { at: Math.max(at, 0), during, error, story: cluster.story }
  } finally {
    await cluster.close()
  }
}
