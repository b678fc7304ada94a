/** Random histories: whatever happens in whatever order, the limits hold at every revision, and the cluster comes to rest. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Pod } from '../../core/api/types/core.ts'
import { deploymentOf, namespace, nodesAct, rolloutControllers, settleCluster, startCluster, type Cluster } from './cluster.ts'

/** mulberry32: the same seed, the same history. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const web = { kind: 'Deployment', namespace: 'default', name: 'web' }
const seeds = Array.from({ length: Number(process.env['ORRERY_SEEDS'] ?? 5) }, (_, i) => i + 1)

const isActive = (pod: Pod) => pod.metadata.deletionTimestamp === undefined
const isReady = (pod: Pod) => isActive(pod) && (pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false)

function assertSettled({ world }: Cluster, replicas: number, image: string): void {
  const d = world.get<Deployment>('Deployment', 'default', 'web')!
  const pods = world.list<Pod>('Pod')
  assert.equal(pods.length, replicas)
  assert.ok(pods.every((pod) => pod.spec.containers[0]?.image === image), 'all of the wanted image')
  assert.equal(d.status.availableReplicas ?? 0, replicas)
  assert.equal(d.status.observedGeneration, d.metadata.generation)
  assert.equal(world.list<ReplicaSet>('ReplicaSet').filter(({ spec }) => spec.replicas !== 0).length, replicas === 0 ? 0 : 1)
}

async function assertAtRest({ world, clock }: Cluster): Promise<void> {
  const { revision } = world
  await clock.run(3_600_000)
  assert.equal(world.revision, revision, 'a settled cluster is not written to')
}

for (const seed of seeds) {
  test(`rolling updates keep within maxSurge and maxUnavailable, seed ${seed}`, async () => {
    const random = randomOf(seed)
    const pick = (n: number) => Math.floor(random() * n)
    const replicas = 1 + pick(8)
    const maxSurge = pick(4)
    const maxUnavailable = pick(4) || (maxSurge === 0 ? 1 : 0)
    const cluster = await startCluster(rolloutControllers(), (world) => world.put(namespace('default')))
    const { world, clock } = cluster
    let image = 'nginx:1'
    cluster.apply(deploymentOf({ replicas, maxSurge, maxUnavailable, image }))
    await settleCluster(cluster, { random })

    const enough = Math.max(0, replicas - maxUnavailable)
    const broken: string[] = []
    let looks = 0
    const watching = cluster.cache.subscribe(() => {
      looks++
      const pods = world.list<Pod>('Pod')
      // As upstream, the limit binds what is asked for: a ReplicaSet may be a moment late in stopping what it was told to.
      const active = world.list<ReplicaSet>('ReplicaSet').reduce((n, { spec }) => n + (spec.replicas ?? 0), 0)
      const ready = pods.filter(isReady).length
      if (active > replicas + maxSurge) broken.push(`${active} Pods, ${replicas} + ${maxSurge} allowed`)
      if (ready < enough) broken.push(`${ready} ready, ${enough} promised`)
    })
    for (let i = 0; i < 60; i++) {
      if (random() < 0.12) {
        image = `nginx:${1 + pick(4)}`
        await world.client('user:me').patch(web, { type: 'merge', body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } } })
      } else await nodesAct(world, clock, { random })
      await clock.run(pick(40))
    }
    await settleCluster(cluster, { random })
    watching()
    assert.ok(looks > 50)
    assert.deepEqual(broken, [])
    assertSettled(cluster, replicas, image)
    await assertAtRest(cluster)
    await cluster.stop()
  })

  test(`everything at once still converges, seed ${seed}`, async () => {
    const random = randomOf(seed * 7919)
    const pick = (n: number) => Math.floor(random() * n)
    const cluster = await startCluster(rolloutControllers(), (world) => world.put(namespace('default')))
    const { world, clock } = cluster
    const me = world.client('user:me')
    let [replicas, image] = [3, 'nginx:1']
    cluster.apply(deploymentOf({ replicas, image, maxSurge: '25%', maxUnavailable: '25%', ...(seed % 3 === 0 ? { recreate: true } : {}) }))
    world.refuse = (verb, { kind }) => {
      if (verb === 'create' && kind === 'Pod' && random() < 0.1) throw new Error('the network is down')
    }
    for (let i = 0; i < 80; i++) {
      const what = random()
      const pods = world.list<Pod>('Pod')
      const pod = pods[pick(pods.length)]
      const ref = pod && { kind: 'Pod', namespace: 'default', name: pod.metadata.name }
      if (what < 0.08) {
        replicas = pick(7)
        await me.patch(web, { type: 'merge', body: { spec: { replicas } } })
      } else if (what < 0.16) {
        image = `nginx:${1 + pick(4)}`
        await me.patch(web, { type: 'merge', body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } } })
      } else if (what < 0.2) await me.patch(web, { type: 'merge', body: { spec: { paused: random() < 0.5 } } })
      else if (what < 0.26 && ref) await me.delete(ref)
      else if (what < 0.3 && ref) await me.patch(ref, { type: 'merge', body: { metadata: { labels: { 'pod-template-hash': 'stray' } } } })
      else if (what < 0.34 && ref) await me.patch(ref, { type: 'merge', body: { status: { phase: 'Failed' } } }, { subresource: 'status' })
      else await nodesAct(world, clock, { random })
      await clock.run(pick(60))
    }
    world.refuse = undefined
    await me.patch(web, { type: 'merge', body: { spec: { paused: false } } })
    await clock.run(2_000_000)
    await settleCluster(cluster, { random })
    // Strays and failed Pods belong to the user and to clean-up.
    for (const pod of world.list<Pod>('Pod')) {
      if (pod.status.phase === 'Failed' || pod.metadata.labels?.['pod-template-hash'] === 'stray') await me.delete({ kind: 'Pod', namespace: 'default', name: pod.metadata.name }, { gracePeriodSeconds: 0 })
    }
    await settleCluster(cluster, { random })
    assertSettled(cluster, replicas, image)
    await assertAtRest(cluster)
    await cluster.stop()
  })
}
