/**
 * PodDisruptionBudgets: evictions at any moment, several at a time, never take a healthy Pod that the budget does not
 * spare; and the status tells the truth in the end.
 */
import assert from 'node:assert/strict'
import { timestamp } from '../../core/api/meta.ts'
import { isReason } from '../../core/api/status.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { PodDisruptionBudget } from '../../core/api/types/policy.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { deploymentOf } from '../controllers/cluster.ts'
import { checkModel, type Deed, type ModelContext } from './model.ts'
import { below, chance, pick } from './random.ts'

const web = { kind: 'Deployment', namespace: 'default', name: 'web' }
const budget = { kind: 'PodDisruptionBudget', namespace: 'default', name: 'web' }
const controllers = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller', 'disruption-controller']
const replicas = 6
const isReady = ({ status }: Pod) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
const healthy = (now: Snapshot) => now.list<Pod>('Pod', 'default').filter((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod))

const refused = (error: unknown) => {
  if (!isReason(error, 'TooManyRequests', 'NotFound', 'Conflict')) throw error
}
const evict = async ({ user, now, random }: ModelContext, atOnce: number): Promise<void> => {
  // Pods that serve nobody go without asking the budget: mostly those are asked for that do serve.
  const pods = chance(random, 0.8) ? healthy(now) : now.list<Pod>('Pod', 'default')
  const some = Array.from({ length: Math.min(atOnce, pods.length) }, () => pods[below(random, pods.length)]!)
  await Promise.all(some.map(({ metadata }) => user.evict({ kind: 'Pod', namespace: 'default', name: metadata.name }).catch(refused)))
}
const one: Deed = [2, (context) => evict(context, 1)]
const several: Deed = [1, (context) => evict(context, 5)]

for (const spec of [{ minAvailable: 4 }, { minAvailable: '50%' }, { maxUnavailable: 1 }]) {
  const floor = 'minAvailable' in spec ? (spec.minAvailable === 4 ? 4 : 3) : replicas - 1
  let reached = false
  let granted: readonly string[] = []
  checkModel({
    name: `disruption budget ${JSON.stringify(spec)}`,
    controllers,
    fromRest: true,
    async setup({ user }) {
      reached = false
      granted = []
      await user.create(deploymentOf({ replicas }))
      await user.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'default' }, spec: { ...spec, selector: { matchLabels: { app: 'web' } } } })
    },
    // Nothing but evictions takes a Pod away, so nothing but an eviction could break the promise.
    kubelet: { unready: 0, failed: 0 },
    deeds: { evict: one, 'evict several at once': several },
    always(now, wrote, nowMs) {
      // As upstream, the controller is trusted to see an eviction within two minutes; where its view lags longer, it counts a Pod that left.
      if (wrote.kind === 'PodDisruptionBudget' && granted.some((since) => nowMs - Date.parse(since) >= 120_000)) reached = false
      granted = Object.values(now.get<PodDisruptionBudget>('PodDisruptionBudget', 'default', 'web')?.status.disruptedPods ?? {})
      const count = healthy(now).length
      reached ||= count >= replicas
      assert.ok(!reached || count >= floor, `${count} Pods are healthy, ${floor} are promised`)
    },
    settled(now) {
      const { status } = now.get<PodDisruptionBudget>('PodDisruptionBudget', 'default', 'web')!
      assert.deepEqual([status.currentHealthy, status.desiredHealthy, status.expectedPods, status.disruptionsAllowed, status.disruptedPods], [replicas, floor, replicas, replicas - floor, undefined])
    },
  })
}

/** Scaling, lost Pods and a changing budget as well: then only the end can be told. */
checkModel({
  name: 'disruption budget in trouble',
  controllers,
  async setup({ user }) {
    await user.create(deploymentOf({ replicas: 4 }))
    await user.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'default' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } })
  },
  deeds: {
    evict: one,
    'evict several at once': several,
    'an eviction is granted and never done': [0.3, async ({ user, random, now, nowMs }) => {
      const pod = pick(random, healthy(now))
      if (pod) await user.patch(budget, { type: 'merge', body: { status: { disruptedPods: { [pod.metadata.name]: timestamp(nowMs) } } } }, { subresource: 'status' })
    }],
    scale: [0.5, ({ user, random }) => user.patch(web, { type: 'merge', body: { spec: { replicas: below(random, 7) } } })],
    'another budget': [0.3, ({ user, random }) => user.patch(budget, { type: 'merge', body: { spec: { maxUnavailable: below(random, 3) } } })],
  },
  calm: async ({ user, now }) => {
    for (const { metadata, status } of now.list<Pod>('Pod')) if (status.phase === 'Failed') await user.delete({ kind: 'Pod', namespace: 'default', name: metadata.name }, { gracePeriodSeconds: 0 })
  },
  settled(now) {
    const { spec, status } = now.get<PodDisruptionBudget>('PodDisruptionBudget', 'default', 'web')!
    const wanted = now.get('Deployment', 'default', 'web')!['spec'] as { replicas: number }
    const desired = Math.max(0, wanted.replicas - Number(spec.maxUnavailable))
    assert.equal(status.currentHealthy, healthy(now).length)
    if (wanted.replicas > 0) assert.deepEqual([status.desiredHealthy, status.disruptionsAllowed], [desired, Math.max(0, healthy(now).length - desired)])
    assert.equal(status.disruptedPods, undefined)
  },
})
