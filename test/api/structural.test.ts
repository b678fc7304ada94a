import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../core/base/freeze.ts'
import { kubernetesFacts as facts } from '../../core/api/schema/kubernetes-facts.ts'
import { decode, DecodeError, strictDetail } from '../../core/api/schema/structural.ts'

const pod = facts.model('io.k8s.api.core.v1.Pod')

test('the input is left alone and the result is a copy that may be changed', () => {
  const input = deepFreeze({ metadata: { name: 'x', labels: { a: 'b' } }, spec: { containers: [{ name: 'c', args: ['1'] }] } })
  const { value } = decode(pod, input)
  ;((value['spec'] as { containers: { args: string[] }[] }).containers[0]!.args as string[]).push('2')
  assert.deepEqual(input.spec.containers[0]!.args, ['1'])
})

test('what Kubernetes never stores is dropped, what it always stores is added', () => {
  const { value } = decode(pod, { metadata: { labels: {}, name: 'x', generateName: '' }, spec: { hostNetwork: false, subdomain: '', tolerations: [], automountServiceAccountToken: false, containers: [{ env: [null] }] } })
  assert.deepEqual(value, { metadata: { name: 'x' }, spec: { automountServiceAccountToken: false, containers: [{ env: [{ name: '' }], name: '', resources: {} }] }, status: {} })
})

test('unknown fields are named with their way and left out', () => {
  const { value, unknown } = decode(pod, { foo: {}, spec: { containers: [{ name: 'a' }, { name: 'b', ports: [{ containerport: 1 }], livenessProbe: { bar: 1 } }] } })
  assert.deepEqual(unknown, ['foo', 'spec.containers[1].ports[0].containerport', 'spec.containers[1].livenessProbe.bar'])
  assert.ok(!('foo' in value))
  assert.equal(strictDetail(unknown.slice(0, 1), ['spec.x']), 'duplicate field "spec.x", unknown field "foo"')
})

test('values that are no objects are refused', () => {
  for (const input of [null, [], 'x', 5, true]) assert.throws(() => decode(pod, input), DecodeError)
})

test('a key named like a part of every object is just a key', () => {
  const { value } = decode(facts.model('io.k8s.api.core.v1.ConfigMap'), JSON.parse('{"data":{"constructor":"a","toString":"b"}}'))
  assert.deepEqual(value['data'], { constructor: 'a', toString: 'b' })
})

test('lists say how their items are owned and merged', () => {
  const containers = facts.model('io.k8s.api.core.v1.PodSpec').fields.get('containers')!
  assert.deepEqual(containers.topology, { list: 'map', keys: ['name'] })
  assert.equal(containers.mergeKey, 'name')
  const ports = facts.model('io.k8s.api.core.v1.Container').fields.get('ports')!
  assert.deepEqual(ports.topology, { list: 'map', keys: ['containerPort', 'protocol'] })
  assert.deepEqual(facts.model('io.k8s.api.core.v1.Container').fields.get('args')!.topology, { list: 'atomic' })
  assert.deepEqual(facts.model('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta').fields.get('finalizers')!.topology, { list: 'set' })
  assert.ok(facts.model('io.k8s.api.core.v1.ServiceSpec').fields.get('selector')!.atomic)
  assert.ok(facts.model('io.k8s.api.apps.v1.DeploymentSpec').fields.get('strategy')!.retainKeys)
  assert.ok(facts.model('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector').atomic)
})
