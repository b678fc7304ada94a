/** The end of a history: nobody does anything any more, and the cluster must come to rest and stay there. */
import assert from 'node:assert/strict'
import type { ModelCluster } from './model-cluster.ts'
import type { Deed } from './model.ts'
import type { Random } from './random.ts'

const roundsAtMost = 4_000
const halfHourMs = 1_800_000

export async function settle(cluster: ModelCluster, random: Random): Promise<void> {
  await comeToRest(cluster, random)
  // Whom a change that comes to a cluster at rest does not wake stays as it was, and that shows.
  const { deeds, lateDeeds = 2 } = cluster.model
  for (let n = 0; n < lateDeeds; n++) {
    const deed = weighted(random, deeds)
    if (!deed) return
    cluster.tell(`late deed: ${deed[0]}`)
    await deed[1][1](cluster.context(random))
    await rest(cluster, random)
    await comeToRest(cluster, random)
  }
}

async function comeToRest(cluster: ModelCluster, random: Random): Promise<void> {
  const { model } = cluster
  cluster.lostNodes.clear()
  cluster.refuseNext = false
  await model.calm?.(cluster.context(random))
  cluster.tell('everybody is left in peace')
  await rest(cluster, random)
  model.settled?.(cluster.truth)

  // A settled state needs no further write: not even when every object is looked at anew.
  const { revision } = cluster
  await cluster.restart(random)
  await cluster.quiet()
  while (await act(cluster, random));
  assert.equal(cluster.revision, revision, 'a settled cluster was written to')
}

function weighted(random: Random, deeds: Readonly<Record<string, Deed>>): readonly [string, Deed] | undefined {
  const all = Object.entries(deeds)
  let left = random() * all.reduce((sum, [, [weight]]) => sum + weight, 0)
  return all.find(([, [weight]]) => (left -= weight) < 0)
}

/** Everybody does what there is to do, and time passes, until nothing is left to do within the model's horizon. */
export async function rest(cluster: ModelCluster, random: Random): Promise<void> {
  const { clock, model } = cluster
  const untilMs = clock.now() + (model.restMs ?? halfHourMs)
  for (let round = 0; ; round++) {
    assert.ok(round < roundsAtMost, 'the cluster does not settle')
    while (await act(cluster, random)) assert.ok(++round < roundsAtMost, 'the cluster does not settle')
    if (await cluster.kubelet.act(random, true)) {
      await cluster.quiet()
      cluster.check()
      continue
    }
    const due = cluster.nextDueMs
    if (due === undefined || due > untilMs) return
    await cluster.sleepUntil(due)
  }
}

/** False where nothing is left to do before time passes or a kubelet acts. */
async function act(cluster: ModelCluster, random: Random): Promise<boolean> {
  const { driver, actors } = cluster
  const news = cluster.undelivered > 0
  cluster.deliver()
  await cluster.quiet()
  let acted = (await driver.step(random)) || (await driver.plan(random))
  for (const actor of actors) acted ||= await actor.act(random, true)
  await cluster.quiet()
  cluster.check()
  return acted || news
}
