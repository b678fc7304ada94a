import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyCompletions, valueCompletions } from '../../../renderer/ui/schema-help.ts'
import { contextAt, fieldAt } from '../../../renderer/ui/yaml-context.ts'
import { yamlProblems } from '../../../renderer/ui/yaml-problems.ts'
import { schema } from '../fixture/answers.ts'

const at = (marked: string) => { const offset = marked.indexOf('|'); return contextAt(marked.replace('|', ''), offset) }
const text = 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        '

test('the cursor knows its object and path, also in half-typed text', () => {
  const found = at(`${text}im|`)
  assert.deepEqual([found?.apiVersion, found?.kind, found?.path, found?.at, found?.prefix, found?.siblings], ['apps/v1', 'Deployment', ['spec', 'template', 'spec', 'containers'], 'key', 'im', ['name']])
  assert.deepEqual(at(`${text}imagePullPolicy: Al|`)?.key, 'imagePullPolicy')
  assert.deepEqual(at(`kind: A\n---\nkind: Service\nspec:\n  po|\n`)?.kind, 'Service')
  assert.deepEqual(at('spec:\n  containers:\n    - name: a\n    - |')?.path, ['spec', 'containers'])
  assert.deepEqual(at('spec:\n  a:\n    b: 1\n  |')?.path, ['spec'])
  assert.equal(at('# comm|ent'), undefined)
})

test('completions come from the schema, required first, without what is there', () => {
  const model = schema('Deployment')
  const fields = keyCompletions(model, ['spec', 'template', 'spec', 'containers'], ['name']).map((c) => c.label)
  assert.deepEqual(fields, ['image', 'imagePullPolicy', 'ports'])
  assert.equal(keyCompletions(model, ['spec'], [])[0]?.required, true)
  assert.deepEqual(valueCompletions(model, ['spec', 'template', 'spec', 'containers'], 'imagePullPolicy').map((c) => c.label), ['Always', 'IfNotPresent', 'Never'])
  assert.deepEqual(keyCompletions(model, ['spec', 'nonsense'], []), [])
  assert.deepEqual(keyCompletions(model, ['metadata', 'labels'], []), [], 'free names have no fields')
})

test('a hovered name is found with its parents', () => {
  const whole = `${text}image: nginx\n`
  const hovered = fieldAt(whole, whole.indexOf('image') + 2)
  assert.deepEqual([hovered?.key, hovered?.path], ['image', ['spec', 'template', 'spec', 'containers']])
})

test('broken YAML is said in plain words with its line', () => {
  assert.deepEqual(yamlProblems('a: 1\nb: [1\n').length > 0, true)
  const tab = yamlProblems('a:\n\tb: 1\n')
  assert.ok(tab.some((p) => /spaces, not tabs/.test(p.message)))
  const twice = yamlProblems('a: 1\na: 2\n')
  assert.equal(twice[0]?.message, 'This key is there twice.')
  assert.equal(twice[0]?.line, 2)
  assert.deepEqual(yamlProblems('a: 1\n---\nb: 2\n'), [])
})
