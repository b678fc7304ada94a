import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StatefulSet } from '../../../core/api/types/apps.ts'
import { stateOf } from '../../../core/api/state/state-of.ts'
import { Objects } from '../../../renderer/cluster/objects.ts'
import { Maker } from '../../renderer/fixture/objects.ts'

const now = Date.UTC(2026, 10, 22, 12, 0, 0)

interface Given {
  spec?: object
  status?: object
  meta?: object
  /** `[ordinal, state, revision]` */
  pods: readonly (readonly [number, 'ready' | 'starting' | 'failing' | 'leaving', string?])[]
}

function said({ spec, status, meta, pods }: Given): unknown[] {
  const make = new Maker(now)
  const set = make.add('StatefulSet', 'apps/v1', 'default', 'web', {
    spec: { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } }, ...spec },
    status: { replicas: pods.length, currentRevision: 'a', updateRevision: 'a', updatedReplicas: pods.length, ...status },
  }, { generation: undefined, ...meta }) as unknown as StatefulSet
  for (const [ordinal, state, revision = 'a'] of pods) {
    const running = state === 'ready' || state === 'leaving' ? make.ready('nginx:1.27') : { phase: 'Pending', ...(state === 'failing' ? { containerStatuses: [{ name: 'web', image: 'nginx:1.27', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }] } : {}) }
    make.add('Pod', 'v1', 'default', `web-${ordinal}`, { spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'nginx:1.27' }] }, status: running }, {
      labels: { 'controller-revision-hash': revision },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: set.metadata.uid, controller: true }],
      ...(state === 'leaving' ? { deletionTimestamp: '2026-11-22T12:00:10Z' } : {}),
    })
  }
  const objects = new Objects()
  objects.apply(make.objects.map((object) => ({ type: 'ADDED' as const, object, revision: 1 })), 1)
  const { mark, say, why } = stateOf(set, objects, now)
  return [mark, say, why]
}

test('a StatefulSet: ready, starting in order, in trouble, scaled, removed', () => {
  assert.deepEqual(said({ pods: [[0, 'ready'], [1, 'ready'], [2, 'ready']] }), ['ready', '3 of 3 ready', undefined])
  assert.deepEqual(said({ pods: [[0, 'ready'], [1, 'starting']] }), ['moving', '1 of 3 ready', 'web-2 waits for web-1'])
  assert.deepEqual(said({ pods: [[0, 'starting']] }), ['moving', 'starting', 'web-1 waits for web-0'])
  assert.deepEqual(said({ spec: { podManagementPolicy: 'Parallel' }, pods: [[0, 'ready'], [1, 'starting']] }), ['moving', '1 of 3 ready', undefined])
  assert.deepEqual(said({ pods: [[0, 'ready'], [1, 'failing']] }), ['failing', 'cannot pull nginx:1.27', 'the registry has no such image; 1 of 3 ready; web-2 waits for web-1'])
  assert.deepEqual(said({ spec: { replicas: 1 }, pods: [[0, 'ready'], [1, 'leaving']] }), ['moving', 'scaling to 1', '1 too many'])
  assert.deepEqual(said({ spec: { replicas: 0 }, pods: [] }), ['finished', 'scaled to 0', undefined])
  assert.deepEqual(said({ meta: { deletionTimestamp: '2026-11-22T12:00:00Z' }, pods: [[0, 'ready']] }), ['leaving', 'being removed', '1 Pod left'])
})

test('a StatefulSet that is updated: how far it is, and what is kept old', () => {
  const status = { updateRevision: 'b', updatedReplicas: 1 }
  assert.deepEqual(said({ status, pods: [[0, 'ready'], [1, 'ready'], [2, 'ready', 'b']] }), ['moving', 'rolling out 1.27', '1 of 3 replaced, one after the other'])
  assert.deepEqual(said({ status, spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }, pods: [[0, 'ready'], [1, 'ready'], [2, 'ready', 'b']] }), ['ready', '3 of 3 ready', '2 Pods are kept old by the partition'])
  assert.deepEqual(said({ status, spec: { updateStrategy: { type: 'OnDelete' } }, pods: [[0, 'ready'], [1, 'ready', 'b'], [2, 'ready', 'b']] }), ['ready', '3 of 3 ready', '1 Pod is old until somebody deletes it'])
})
