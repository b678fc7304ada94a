import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixPlan } from '../../../renderer/actions/fix.ts'
import { worldOf } from '../../../renderer/words/world.ts'
import { Maker } from '../fixture/objects.ts'

test('labelling a machine shows each label with what it was, and who comes along', () => {
  const make = new Maker(Date.parse('2026-11-22T12:00:00Z'))
  const node = make.node('one', { cpu: '4', memory: '8Gi' })
  node.metadata.labels = { disk: 'hdd' }
  make.add('DaemonSet', 'apps/v1', 'default', 'agent', { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } })
  make.add('DaemonSet', 'apps/v1', 'default', 'everywhere', { spec: { template: { spec: {} } } })
  const fix = { id: 'l', label: '', say: '', do: 'label' as const, ref: { kind: 'Node', name: 'one' }, labels: { disk: 'ssd', 'a b': 'x' } }
  const { plan, changes, cost } = fixPlan(worldOf(make.objects), fix)
  assert.deepEqual(changes, [{ path: 'labels.disk', before: 'hdd', after: 'ssd' }, { path: 'labels.a b', after: 'x' }])
  assert.deepEqual(plan!.calls.map(({ arg }) => (arg as { patch: unknown }).patch), [{ type: 'merge', body: { metadata: { labels: fix.labels } } }])
  assert.equal(plan!.kubectl, "kubectl label node one disk=ssd 'a b=x' --overwrite")
  assert.equal(cost, 'agent starts a Pod there too.')
})
