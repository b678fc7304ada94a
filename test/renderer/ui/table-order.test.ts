import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareCells, inOrder, sortedKeys, visibleRange } from '../../../renderer/ui/table-order.ts'
import { parseFilter, passes } from '../../../renderer/views/objects/filter.ts'
import { modeOf, pieces, rank } from '../../../renderer/views/palette/rank.ts'

test('cells compare as what they are', () => {
  const sorted = (values: (string | number)[]) => [...values].sort(compareCells)
  assert.deepEqual(sorted(['10m', '2h', '45s', '1d']), ['45s', '10m', '2h', '1d'])
  assert.deepEqual(sorted(['3/3', '0/1', '1/2']), ['0/1', '1/2', '3/3'])
  assert.deepEqual(sorted(['web-10', 'web-9']), ['web-9', 'web-10'])
  assert.deepEqual(sorted(['<none>', 'a']), ['a', '<none>'])
  assert.deepEqual(sorted(['12 (3m ago)', '2']), ['2', '12 (3m ago)'])
})

test('rows keep their order while values change; new ones follow', () => {
  const rows = [{ key: 'a', cells: [3] }, { key: 'b', cells: [1] }, { key: 'c', cells: [2] }]
  const order = sortedKeys(rows, { column: 0, down: false })
  assert.deepEqual(order, ['b', 'c', 'a'])
  const later = [{ key: 'b', cells: [9] }, { key: 'a', cells: [3] }, { key: 'd', cells: [0] }]
  assert.deepEqual(inOrder(later, order).map((r) => r.key), ['b', 'a', 'd'])
})

test('only what is on screen is drawn', () => {
  assert.deepEqual(visibleRange(0, 280, 28, 1_000), { from: 0, to: 16 })
  assert.deepEqual(visibleRange(27_900, 280, 28, 1_000), { from: 990, to: 1_000 })
})

test('filters take words and label selectors', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop', uid: '', resourceVersion: '', creationTimestamp: '', labels: { app: 'web' } } }
  assert.equal(passes(parseFilter('app=web run'), ['a', 'Running'], object), true)
  assert.equal(passes(parseFilter('app!=web'), ['a'], object), false)
  assert.equal(passes(parseFilter('SHOP'), ['a'], object), true)
  assert.equal(passes(parseFilter('tier=db'), ['a'], object), false)
})

test('the palette: actions, then objects, then places; modes by their first letter', () => {
  const entry = (group: 'action' | 'object' | 'place', text: string) => ({ id: text, group, text, detail: '' })
  const found = rank([entry('place', 'Rollouts'), entry('object', 'payroll-env'), entry('action', 'Pause the rollout of nginx'), entry('action', 'Roll back nginx'), entry('object', 'zebra')], 'roll').map((r) => r.entry.text)
  assert.deepEqual(found, ['Roll back nginx', 'Pause the rollout of nginx', 'payroll-env', 'Rollouts'])
  assert.deepEqual(rank([entry('object', 'nginx-deployment')], 'ngd').length, 1)
  assert.deepEqual(['>scale', '@mini', 'app=web', 'x'].map((q) => modeOf(q).mode), ['actions', 'machines', 'labels', 'all'])
  assert.deepEqual(pieces('payroll', [[3, 7]]).map((p) => p.hit), [false, true])
})
