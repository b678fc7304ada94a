/** The connection to the engine costs no more than it must. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { EngineAgent } from '../../../../core/node/runtime/docker/connection.ts'

test('the agent prints as a word, however deep the library looks', () => {
  const agent = new EngineAgent({ keepAlive: true })
  assert.equal(inspect({ agent }, { showHidden: true, depth: null }), '{ agent: EngineAgent }')
})
