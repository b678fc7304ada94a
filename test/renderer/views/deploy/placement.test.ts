import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forecast } from '../../../../renderer/views/deploy/placement.ts'
import type { MachineFill } from '../../../../renderer/words/requests.ts'

const GiB = 2 ** 30
const machine = (name: string, memory: number, asked = 0, change: Partial<MachineFill> = {}): MachineFill => ({ name, ready: true, cordoned: false, taints: [], whole: { cpu: 4, memory: memory * GiB }, asked: { cpu: 0, memory: asked * GiB }, pods: 0, maxPods: 110, ...change })

test('Pods spread, the freest machine first', () => {
  const found = forecast([machine('a', 8, 4), machine('b', 8), machine('c', 8, 2)], 2, { cpu: 0.1, memory: GiB })
  assert.equal(found.fits, true)
  assert.deepEqual(found.machines.map((m) => m.takes), [0, 1, 1])
  assert.equal(found.say, 'Fits.')
})

test('what does not fit is said with both numbers', () => {
  const found = forecast([machine('a', 2), machine('b', 4, 1)], 1, { cpu: 0, memory: 8 * GiB })
  assert.equal(found.fits, false)
  assert.equal(found.say, 'No Pod fits: needs 8 GiB, most free is 3 GiB on b.')
})

test('closed machines take nothing and say why', () => {
  const found = forecast([machine('a', 8, 0, { cordoned: true }), machine('b', 8, 0, { ready: false }), machine('c', 8, 0, { taints: ['gpu'] })], 1, { cpu: 0, memory: 0 })
  assert.equal(found.placed, 0)
  assert.deepEqual(found.machines.map((m) => m.say), ['takes no new Pods (cordoned)', 'out of reach', 'keeps Pods away: gpu'])
})
