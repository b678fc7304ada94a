import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsThatFit } from '../../../renderer/ui/table-columns.ts'

const pods = [{ width: 'minmax(150px, 3fr)', keep: true }, { width: '76px' }, { width: 'minmax(150px, 2fr)', keep: true }, { width: '66px' }, { width: '84px' }, { width: '66px' }]

test('columns go from the right where there is no room; those that matter most stay', () => {
  assert.deepEqual(columnsThatFit(pods, 592), [0, 1, 2, 3, 4, 5])
  assert.deepEqual(columnsThatFit(pods, 591), [0, 1, 2, 3, 4])
  assert.deepEqual(columnsThatFit(pods, 450), [0, 1, 2, 3])
  assert.deepEqual(columnsThatFit(pods, 10), [0, 2])
  assert.deepEqual(columnsThatFit([], 10), [])
})
