/** Preemptions and promises as the loop carries them out; several profiles. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../core/api/meta.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { Plugin } from '../../core/scheduler/plugin.ts'
import { defaultProfile, profile } from '../../core/scheduler/profile.ts'
import { cluster, clusterWith } from './cluster.ts'
import { node, pod } from './world.ts'

const asking = (name: string, cpu: string, spec: object = {}, status: object = { phase: 'Pending' }): Pod =>
  pod(name, { spec: { containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu } } }], ...spec }, status })

test('a preemption: condition, deletion, Event, promise; the Pod goes there once the victim is gone', async () => {
  const c = cluster(node('n1', { allocatable: { cpu: '1' } }), asking('low', '1', { nodeName: 'n1', priority: 0 }, { phase: 'Running' }), asking('high', '1', { priority: 10 }))
  await c.settle()
  assert.deepEqual(c.deleted, ['low'])
  const told = c.patches.find(({ ref }) => ref.name === 'low')!.body as { status: { conditions: { type: string; reason: string; message: string }[] } }
  assert.deepEqual([told.status.conditions[0]!.type, told.status.conditions[0]!.reason, told.status.conditions[0]!.message], ['DisruptionTarget', 'PreemptionByScheduler', 'default-scheduler: preempting to accommodate a higher priority pod'])
  assert.equal(c.events.find(({ reason }) => reason === 'Preempted')?.message, 'Preempted by pod uid-high on node n1')
  assert.equal(c.cache.get<Pod>('Pod', 'default', 'high')!.status?.nominatedNodeName, 'n1')
  assert.equal(c.binds.length, 0)
  c.change('DELETED', c.cache.get('Pod', 'default', 'low')!)
  await c.settle()
  await c.clock.run(10_000)
  await c.settle()
  assert.deepEqual(c.binds.map(({ pod, node, why }) => [pod, node, why]), [['high', 'n1', 'the only node, and it fits']])
  assert.deepEqual(c.deleted, ['low'], 'nobody else')
  await c.end()
})

test('one of yet higher priority takes the promised room; the other looks elsewhere', async () => {
  const c = cluster(node('n1', { allocatable: { cpu: '1' } }), asking('low', '1', { nodeName: 'n1', priority: 0 }, { phase: 'Running' }), asking('high', '1', { priority: 10 }))
  await c.settle()
  c.change('ADDED', asking('higher', '1', { priority: 20 }))
  await c.settle()
  assert.equal(c.cache.get<Pod>('Pod', 'default', 'higher')!.status?.nominatedNodeName, 'n1')
  assert.equal(c.cache.get<Pod>('Pod', 'default', 'high')!.status?.nominatedNodeName ?? null, null)
  c.change('DELETED', c.cache.get('Pod', 'default', 'low')!)
  for (let i = 0; i < 3; i++) {
    await c.settle()
    await c.clock.run(10_000)
  }
  await c.settle()
  assert.deepEqual(c.binds.map(({ pod }) => pod), ['higher'])
  await c.end()
})

const claim = (spec: object, resourceVersion = '1'): KubeObject => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default', uid: 'claim', resourceVersion, creationTimestamp: '' }, spec }) as KubeObject

/** Promises the claim to the Pod's node, and waits until somebody binds it; a second Pod finds it taken. */
const claiming: Plugin = {
  name: 'Claiming',
  filter(one, view) {
    const found = view.objects.get('PersistentVolumeClaim', 'default', 'data')!
    const taken = (found['spec'] as { node?: string }).node
    return {
      test: () => (taken === undefined ? undefined : { reasons: ['claim is taken'], unresolvable: true }),
      tell: () => (taken === undefined ? 'the claim is free' : `the claim went to ${taken}`),
      summary: () => `the claim went to ${taken}`,
      reserve: (on) => ({
        assume: [claim({ node: on.name })],
        steps: [{ do: 'patch', ref: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' }, patch: { spec: { node: on.name } }, because: { code: 'Claimed', say: 'claimed', why: one.key } }],
        ready: (objects) => ((objects.get('PersistentVolumeClaim', 'default', 'data')!['spec'] as { bound?: boolean }).bound ? 'ready' : { waits: 'waits for the volume' }),
        waitsOn: ['PersistentVolumeClaim'],
      }),
    }
  },
  wakesOn: ['PersistentVolumeClaim'],
  helps: () => true,
}
const withClaims = { profiles: [{ ...defaultProfile, plugins: [...defaultProfile.plugins, claiming] }] }

test('what a plugin promises is seen by the next cycle, written before the binding, and awaited', async () => {
  const c = clusterWith(withClaims, node('n1'), claim({}), asking('a', '1'), asking('b', '1'))
  await c.settle()
  assert.equal(c.binds.length, 0, 'waits for the volume')
  assert.deepEqual(c.patches.map(({ ref }) => ref.kind).sort(), ['PersistentVolumeClaim', 'Pod'], 'one claimed, the other told that it waits')
  assert.equal(c.events.length, 1)
  c.change('MODIFIED', claim({ node: 'n1', bound: true }))
  await c.settle()
  assert.equal(c.binds.length, 1)
  await c.end()
})

test('a placement that waits too long is taken back, with its promises', async () => {
  const c = clusterWith(withClaims, node('n1'), claim({}), asking('a', '1'))
  await c.settle()
  c.change('MODIFIED', claim({}))
  await c.settle()
  await c.clock.run(600_000)
  await c.settle()
  assert.equal(c.events[0]?.message, 'binding rejected: waits for the volume: timed out waiting for the condition')
  await c.clock.run(1_000)
  await c.settle()
  c.change('MODIFIED', claim({ node: 'n1', bound: true }))
  await c.settle()
  assert.equal(c.binds.length, 1, 'at the second try')
  await c.end()
})

test('each schedulerName has its profile', async () => {
  const c = clusterWith({ profiles: [defaultProfile, profile({ schedulerName: 'packed', disabled: ['NodeUnschedulable'], weights: { ImageLocality: 0 } })] },
    node('n1', { spec: { unschedulable: true } }), asking('a', '1', { schedulerName: 'default-scheduler' }), asking('b', '1', { schedulerName: 'packed' }), asking('c', '1', { schedulerName: 'other' }))
  await c.settle()
  assert.deepEqual(c.binds.map(({ pod }) => pod), ['b'])
  assert.equal(c.events.filter(({ reason }) => reason === 'FailedScheduling').length, 1)
  assert.throws(() => profile({ schedulerName: 'x', disabled: ['Nothing'] }), /there is no plugin Nothing/)
  await c.end()
})
