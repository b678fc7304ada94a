/** Deployment and ReplicaSet: maxSurge and maxUnavailable hold at every write; in the end all Pods are of the last template. */
import assert from 'node:assert/strict'
import type { Deployment, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { deploymentOf } from '../controllers/cluster.ts'
import { checkModel, type Deed } from './model.ts'
import { below } from './random.ts'

const web = { kind: 'Deployment', namespace: 'default', name: 'web' }
const controllers = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller']
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const asked = (now: Snapshot) => now.list<ReplicaSet>('ReplicaSet', 'default').reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0)
const isReady = ({ status, metadata }: Pod) => metadata.deletionTimestamp === undefined && (status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false)

const newImage: Deed = [0.8, ({ user, random }) => user.patch(web, merge({ spec: { template: { spec: { containers: [{ name: 'web', image: `nginx:${below(random, 4)}` }] } } } }))]
const pause: Deed = [0.2, ({ user, random }) => user.patch(web, merge({ spec: { paused: random() < 0.5 } }))]

function settled(now: Snapshot): void {
  const d = now.get<Deployment>('Deployment', 'default', 'web')!
  const alive = now.list<Pod>('Pod', 'default').filter(({ status }) => status.phase === 'Running')
  assert.equal(alive.length, d.spec.replicas)
  assert.ok(alive.every(({ spec }) => spec.containers[0]?.image === d.spec.template.spec.containers[0]?.image), 'all are of the last template')
  assert.equal(d.status.availableReplicas ?? 0, d.spec.replicas)
  assert.equal(d.status.observedGeneration, d.metadata.generation)
}

/** The most replicas wanted in this history: a controller may act on a wish that is already withdrawn. */
let peak = 0
const maxSurge = 2
checkModel({
  name: 'deployment in trouble',
  controllers,
  setup({ user, random }) {
    peak = 1 + below(random, 6)
    return user.create(deploymentOf({ replicas: peak, maxSurge, maxUnavailable: below(random, 2) }))
  },
  deeds: {
    scale: [0.7, ({ user, random }) => {
      const replicas = below(random, 8)
      peak = Math.max(peak, replicas)
      return user.patch(web, merge({ spec: { replicas } }))
    }],
    'new image': newImage,
    pause,
  },
  always: (now) => assert.ok(asked(now) <= peak + maxSurge, `${asked(now)} Pods are asked for, ${peak} + ${maxSurge} are allowed`),
  calm: async ({ user, now }) => {
    await user.patch(web, merge({ spec: { paused: false } }))
    for (const { metadata, status } of now.list<Pod>('Pod')) if (status.phase === 'Failed') await user.delete({ kind: 'Pod', namespace: 'default', name: metadata.name }, { gracePeriodSeconds: 0 })
  },
  settled,
})

const replicas = 5
for (const [surge, maxUnavailable] of [[0, 1], [1, 0], [2, 2]] as const) {
  let served = false
  checkModel({
    name: `deployment updates, maxSurge ${surge}, maxUnavailable ${maxUnavailable}`,
    controllers,
    fromRest: true,
    length: 500,
    setup({ user }) {
      served = false
      return user.create(deploymentOf({ replicas, maxSurge: surge, maxUnavailable }))
    },
    kubelet: { unready: 0, failed: 0 },
    deeds: { 'new image': [0.2, newImage[1]], pause: [0.05, pause[1]] },
    always(now) {
      const { status } = now.get<Deployment>('Deployment', 'default', 'web') ?? {}
      // From the first completed rollout on: before it there is nothing to keep.
      served ||= status?.availableReplicas === replicas
      const ready = now.list<Pod>('Pod', 'default').filter(isReady).length
      assert.ok(asked(now) <= replicas + surge, `${asked(now)} Pods are asked for, ${replicas} + ${surge} are allowed`)
      assert.ok(!served || ready >= replicas - maxUnavailable, `${ready} Pods are ready, ${replicas - maxUnavailable} are promised`)
    },
    calm: ({ user }) => user.patch(web, merge({ spec: { paused: false } })),
    settled,
  })
}
