/** What may happen next in a history, and how likely each is. */
import type { ModelCluster } from './model-cluster.ts'
import { nodeNames } from './model-cluster.ts'
import { below, chance, pick, type Random } from './random.ts'

type Act = (random: Random) => Promise<unknown>

/** The step that `choice` (0 ≤ x < 1) stands for. */
export function stepOf(cluster: ModelCluster, choice: number): Act {
  const { model, driver } = cluster
  const acts: (readonly [number, Act])[] = [
    [4, async (random) => cluster.deliver(1 + below(random, 6))],
    [5, (random) => driver.plan(random)],
    [6, (random) => driver.step(random)],
    [5, (random) => cluster.kubelet.act(random, false)],
    [0.5, async (random) => void driver.rewake(random)],
    [0.3, async () => void (cluster.refuseNext = true)],
    [0.3, async (random) => {
      cluster.tell('the runner crashes and starts again')
      await cluster.restart(random)
    }],
    [1.5, (random) => passTime(cluster, random)],
    ...cluster.actors.map((actor) => [6, (random: Random) => actor.act(random, false)] as const),
    ...(model.nodesMayBeLost ? [[0.4, (random: Random) => loseOrFind(cluster, random)] as const] : []),
    ...Object.entries(model.deeds).map(([name, [weight, act]]) => [weight, async (random: Random) => {
      cluster.tell(`deed: ${name}`)
      await act(cluster.context(random))
    }] as const),
  ]
  let left = choice * acts.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, act] of acts) if ((left -= weight) < 0) return act
  return acts.at(-1)![1]
}

/** A moment, or until the next key is due. */
async function passTime(cluster: ModelCluster, random: Random): Promise<void> {
  const due = cluster.driver.nextDueMs
  await cluster.sleepUntil(due !== undefined && chance(random, 0.3) ? due : cluster.clock.now() + below(random, 3_000))
}

async function loseOrFind(cluster: ModelCluster, random: Random): Promise<void> {
  const name = pick(random, nodeNames)!
  if (cluster.lostNodes.delete(name)) cluster.tell(`node ${name} is back`)
  else if (cluster.lostNodes.size < nodeNames.length - 1) {
    cluster.lostNodes.add(name)
    cluster.tell(`node ${name} is lost`)
  }
}
