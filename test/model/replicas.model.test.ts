/** ReplicaSet and ReplicationController: exactly as many Pods as wanted in the end, and never more than were ever wanted. */
import assert from 'node:assert/strict'
import { controllerOf, type NewObject } from '../../core/api/meta.ts'
import type { ReplicaSet } from '../../core/api/types/apps.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, pick } from './random.ts'

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } }
const isActive = ({ metadata, status }: Pod) => metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed'
const podRef = (name: string) => ({ kind: 'Pod', namespace: 'default', name })

for (const kind of ['ReplicaSet', 'ReplicationController'] as const) {
  const ref = { kind, namespace: 'default', name: 'web' }
  const controllers = [kind === 'ReplicaSet' ? 'replicaset-controller' : 'replicationcontroller-controller', 'garbage-collector-controller']
  const object = (replicas: number): NewObject => ({
    apiVersion: kind === 'ReplicaSet' ? 'apps/v1' : 'v1',
    kind,
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: kind === 'ReplicaSet' ? { matchLabels: { app: 'web' } } : { app: 'web' }, template },
  })
  const owned = (now: Snapshot) => now.list<Pod>('Pod', 'default').filter((pod) => isActive(pod) && controllerOf(pod.metadata)?.name === 'web')

  function settled(now: Snapshot): void {
    const set = now.get<ReplicaSet>(kind, 'default', 'web')!
    const pods = owned(now)
    assert.equal(pods.length, set.spec.replicas)
    assert.ok(pods.every(({ metadata }) => metadata.labels?.['app'] === 'web'), 'Pods that no longer match are let go')
    const { replicas, readyReplicas = 0, availableReplicas = 0, observedGeneration, conditions } = set.status
    assert.deepEqual({ replicas, readyReplicas, availableReplicas, observedGeneration, conditions }, { replicas: pods.length, readyReplicas: pods.length, availableReplicas: pods.length, observedGeneration: set.metadata.generation, conditions: undefined })
  }

  let peak = 0
  const scale: Deed = [1, ({ user, random }) => {
    const replicas = below(random, 7)
    peak = Math.max(peak, replicas)
    return user.patch(ref, merge({ spec: { replicas } }))
  }]
  const remove: Deed = [0.6, async ({ user, random, now }) => {
    const pod = pick(random, now.list<Pod>('Pod', 'default'))
    if (pod) await user.delete(podRef(pod.metadata.name), { gracePeriodSeconds: below(random, 2) * 30 })
  }]
  /** Its conditions may tell of that later. */
  const evict: Deed = [0.4, async ({ user, random, now }) => {
    const pod = pick(random, now.list<Pod>('Pod', 'default').filter(isActive))
    if (pod) await user.patch(podRef(pod.metadata.name), merge({ status: { phase: 'Failed', reason: 'Evicted' } }), { subresource: 'status' })
  }]

  checkModel({
    name: `${kind}: never more than wanted`,
    controllers,
    setup({ user, random }) {
      peak = 1 + below(random, 5)
      return user.create(object(peak))
    },
    deeds: { scale, remove, evict },
    always: (now) => assert.ok(owned(now).length <= peak, `${owned(now).length} Pods, never more than ${peak} were wanted`),
    settled,
  })

  checkModel({
    name: `${kind}: orphans come and go`,
    controllers,
    setup: ({ user, random }) => user.create(object(1 + below(random, 4))),
    deeds: {
      scale,
      remove,
      evict,
      orphan: [0.5, ({ user }) => user.create({ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'orphan-', namespace: 'default', labels: { app: 'web' } }, spec: template.spec })],
      relabel: [0.5, async ({ user, random, now }) => {
        const pod = pick(random, now.list<Pod>('Pod', 'default'))
        if (pod) await user.patch(podRef(pod.metadata.name), merge({ metadata: { labels: { app: random() < 0.5 ? 'web' : 'other' } } }))
      }],
    },
    settled,
  })
}
