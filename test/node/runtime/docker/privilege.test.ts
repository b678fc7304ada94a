import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givable } from '../../../../core/node/runtime/docker/privilege.ts'

async function find(candidates: readonly string[], lacking: readonly string[]) {
  let tries = 0
  const given = await givable(candidates, async (some) => {
    tries++
    return !some.some((one) => lacking.includes(one))
  })
  return { given, tries }
}

test('what the engine can give is found with few tries', async () => {
  const all = Array.from({ length: 27 }, (_, i) => `C${i}`)
  assert.deepEqual(await find(all, []), { given: all, tries: 1 })
  const one = await find(all, ['C5'])
  assert.deepEqual(one.given, all.filter((c) => c !== 'C5'))
  assert.ok(one.tries <= 11, `${one.tries} tries`)
  assert.deepEqual((await find(all, ['C0', 'C13', 'C26'])).given, all.filter((c) => !['C0', 'C13', 'C26'].includes(c)))
  assert.deepEqual((await find(['A', 'B'], ['A', 'B'])).given, [])
  assert.deepEqual((await find([], [])).given, [])
})
