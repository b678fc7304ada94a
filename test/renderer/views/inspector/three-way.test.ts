import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../../core/api/meta.ts'
import { editable, mergeThreeWay, threeWay, valueAt, writable } from '../../../../renderer/views/inspector/three-way.ts'
import { fieldChanges, sayValue, shortPath } from '../../../../renderer/ui/diff-words.ts'

const base: KubeObject = {
  apiVersion: 'apps/v1', kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-22T00:00:00Z', annotations: { 'deployment.kubernetes.io/revision': '1' }, managedFields: [{ manager: 'x' }] },
  spec: { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'nginx:1' }] } } }, status: { replicas: 3 },
}
const change = (path: (object: Record<string, never>) => void): KubeObject => { const copy = structuredClone(base); path(copy as never); return copy }
const replicas = (n: number) => change((o) => { (o as unknown as { spec: { replicas: number } }).spec.replicas = n })

test('changes in different fields merge; status and versions are not changes', () => {
  const mine = replicas(5)
  const theirs = { ...change((o) => { ((o['spec'] as unknown as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]!).image = 'nginx:2' }), status: { replicas: 9 }, metadata: { ...base.metadata, resourceVersion: '2' } }
  const both = threeWay(base, mine, theirs)
  assert.deepEqual(both.mine, [{ path: 'spec.replicas', before: 3, after: 5 }])
  assert.deepEqual(both.theirs.map((c) => c.path), ['spec.template.spec.containers[0].image'])
  assert.deepEqual(both.conflicts, [])
  const merged = mergeThreeWay(base, mine, theirs, () => 'theirs')
  assert.deepEqual(merged['spec'], { replicas: 5, template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } })
  assert.equal(merged.metadata.resourceVersion, '2')
})

test('one field changed twice asks whose stands', () => {
  const both = threeWay(base, replicas(5), replicas(1))
  assert.deepEqual(both.conflicts, [{ path: 'spec.replicas', base: 3, mine: 5, theirs: 1 }])
  assert.equal((mergeThreeWay(base, replicas(5), replicas(1), () => 'mine')['spec'] as { replicas: number }).replicas, 5)
  assert.equal((mergeThreeWay(base, replicas(5), replicas(1), () => 'theirs')['spec'] as { replicas: number }).replicas, 1)
  assert.deepEqual(threeWay(base, replicas(5), replicas(5)).conflicts, [], 'the same change twice is none')
})

test('what the editor shows goes back whole', () => {
  const shown = editable(base)
  assert.equal(shown['status'], undefined)
  assert.equal((shown['metadata'] as Record<string, unknown>)['managedFields'], undefined)
  const back = writable(shown, base)
  assert.deepEqual({ ...back, metadata: { ...back.metadata, managedFields: base.metadata.managedFields } }, base)
  assert.equal(valueAt(base, 'metadata.annotations.deployment.kubernetes.io/revision'), '1')
})

test('diffs are fields in words', () => {
  assert.deepEqual(fieldChanges({ a: [1, 2], b: { c: 1 } }, { a: [1, 3], b: { c: 1 }, d: 'x' }), [{ path: 'a[1]', before: 2, after: 3 }, { path: 'd', after: 'x' }])
  assert.equal(shortPath('spec.template.spec.containers[0].resources.limits.memory'), 'limits.memory')
  assert.deepEqual([sayValue(null), sayValue(''), sayValue(true)], ['nothing', '""', 'true'])
})
