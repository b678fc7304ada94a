import assert from 'node:assert/strict'
import test from 'node:test'
import { fieldDiff } from '../../core/base/field-diff.ts'
import { sayChange, tellingChanges } from '../../core/window/journal/say-change.ts'
import { deployment } from './cluster-under-test.ts'

const say = (before: unknown, after: unknown) => sayChange('update', 'Deployment', 'web', fieldDiff(before, after))

test('a new tag, another image, a scale, a restart and a pause have sentences of their own', () => {
  assert.deepEqual(say(deployment('nginx:1.25'), deployment('nginx:1.26')), { say: 'updated web to 1.26', why: 'was 1.25' })
  assert.deepEqual(say(deployment('nginx:1.25'), deployment('httpd:2')), { say: 'updated web to httpd:2', why: 'was nginx:1.25' })
  assert.deepEqual(say(deployment('nginx:1', 3), deployment('nginx:1', 5)), { say: 'scaled web from 3 to 5', why: '' })
  assert.equal(say(deployment('a'), { ...deployment('a'), spec: { ...deployment('a').spec, paused: true } }).say, 'paused the rollout of web')
})

test('a registry with a port is not taken for a tag', () => {
  assert.equal(say(deployment('reg:5000/app'), deployment('reg:5000/app:2')).say, 'updated web to 2')
})

test('bookkeeping is not telling', () => {
  const before = { metadata: { resourceVersion: '1', generation: 1, managedFields: [] }, spec: { a: 1 } }
  const after = { metadata: { resourceVersion: '2', generation: 2, managedFields: [{}] }, spec: { a: 2 } }
  assert.deepEqual(tellingChanges(fieldDiff(before, after)), [{ path: 'spec.a', before: 1, after: 2 }])
})

test('a list item inserted in front is one addition', () => {
  const list = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name, image: name })) } })
  assert.deepEqual(fieldDiff(list('b'), list('a', 'b')), [{ path: 'spec.containers[a]', after: { name: 'a', image: 'a' } }])
})
