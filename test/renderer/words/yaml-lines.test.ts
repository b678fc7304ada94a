import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dotted, linesFor, linesOfPaths, toYaml } from '../../../renderer/words/yaml-lines.ts'
import { yamlTokens } from '../../../renderer/words/yaml-tokens.ts'

const text = toYaml({ spec: { replicas: 2, template: { containers: [{ name: 'web', image: 'nginx' }], note: 'a\nb' } } })

test('every path knows its lines', () => {
  const lines = linesOfPaths(text)
  const printed = text.split('\n')
  const at = lines.get('spec.template.containers.0.image')
  assert.ok(at)
  assert.match(printed[at.from - 1] ?? '', /image: nginx/)
  const whole = lines.get('spec.template')
  assert.ok(whole)
  assert.match(printed[whole.from - 1] ?? '', /template:/)
  assert.ok(whole.to >= at.to)
})

test('a path that is not there lights its nearest parent', () => {
  const lines = linesOfPaths(text)
  assert.deepEqual(linesFor(lines, 'spec.template.containers[0].resources.limits'), lines.get('spec.template.containers.0'))
  assert.equal(linesFor(lines, 'status'), undefined)
  assert.equal(dotted('spec.containers[0].ports[1]'), 'spec.containers.0.ports.1')
})

test('tokens keep the whole line and name keys', () => {
  for (const line of [...text.split('\n'), '# a comment', '- plain item', 'key: "quoted: colon"', '    cpu: 250m']) assert.equal(yamlTokens(line).map((t) => t.text).join(''), line)
  assert.deepEqual(yamlTokens('  replicas: 2').map((t) => t.kind), ['punct', 'key', 'number'])
})
