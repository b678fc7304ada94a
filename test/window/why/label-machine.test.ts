import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StateView } from '../../../core/api/state/view.ts'
import type { Node, NodeSelectorTerm, Pod } from '../../../core/api/types/core.ts'
import { labelFixes } from '../../../core/window/why/label-machine.ts'

const node = (name: string, labels: Record<string, string> = {}, change: { cpu?: string; unschedulable?: boolean; taint?: string; ready?: string } = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'amd64', ...labels } },
    spec: { ...(change.unschedulable ? { unschedulable: true } : {}), ...(change.taint ? { taints: [{ key: change.taint, effect: 'NoSchedule' }] } : {}) },
    status: { allocatable: { cpu: change.cpu ?? '4', memory: '8Gi' }, conditions: [{ type: 'Ready', status: change.ready ?? 'True' }] },
  }) as unknown as Node

const pod = (spec: { nodeSelector?: Record<string, string>; terms?: NodeSelectorTerm[] }) =>
  ({
    metadata: { name: 'p' },
    spec: {
      containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }],
      ...(spec.nodeSelector ? { nodeSelector: spec.nodeSelector } : {}),
      ...(spec.terms ? { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: spec.terms } } } } : {}),
    },
  }) as unknown as Pod

const nobody: Pick<StateView, 'podsOn'> = { podsOn: () => [] }
const offers = (one: Pod, nodes: Node[]) => labelFixes(one, nodes, nobody).map((fix) => (fix.do === 'label' ? [fix.ref.name, fix.labels] : []))

test('machines that lack least are offered, at most two, those first whose labels need no change', () => {
  const wants = pod({ nodeSelector: { disk: 'ssd', zone: 'a' } })
  assert.deepEqual(offers(wants, [node('hdd', { disk: 'hdd', zone: 'a' }), node('bare'), node('near', { zone: 'a' })]), [['near', { disk: 'ssd' }], ['bare', { disk: 'ssd', zone: 'a' }]])
  const [fix] = labelFixes(wants, [node('hdd', { disk: 'hdd', zone: 'a' })], nobody)
  assert.deepEqual([fix!.label, fix!.say], ['Label hdd disk=ssd', 'No machine has what the Pod wants; hdd has room for it, and disk=hdd now'])
})

test('nothing is offered where a machine fits already, or where a label would not let the Pod run', () => {
  const wants = pod({ nodeSelector: { disk: 'ssd' } })
  assert.deepEqual(offers(wants, [node('fits', { disk: 'ssd' }), node('other')]), [])
  assert.deepEqual(offers(wants, [node('closed', {}, { unschedulable: true }), node('full', {}, { cpu: '500m' }), node('tainted', {}, { taint: 'gpu' }), node('silent', {}, { ready: 'Unknown' })]), [])
  assert.deepEqual(offers(pod({}), [node('any')]), [])
})

test('facts about a machine are not made up', () => {
  for (const key of ['kubernetes.io/hostname', 'kubernetes.io/arch', 'kubernetes.io/os']) assert.deepEqual(offers(pod({ nodeSelector: { [key]: 'x' } }), [node('n')]), [], key)
  const zone = 'topology.kubernetes.io/zone'
  assert.deepEqual(offers(pod({ nodeSelector: { [zone]: 'a' } }), [node('in-b', { [zone]: 'b' }), node('nowhere')]), [['nowhere', { [zone]: 'a' }]])
})

test('of the terms of an affinity the one that lacks least is met; what asks for absence, or for another machine, is not', () => {
  const terms: NodeSelectorTerm[] = [
    { matchExpressions: [{ key: 'a', operator: 'Exists' }, { key: 'b', operator: 'Exists' }] },
    { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['3'] }] },
    { matchExpressions: [{ key: 'old', operator: 'DoesNotExist' }] },
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['elsewhere'] }] },
  ]
  assert.deepEqual(offers(pod({ terms }), [node('n', { old: '1' })]), [['n', { cores: '4' }]])
  assert.deepEqual(offers(pod({ terms: terms.slice(2) }), [node('n', { old: '1' })]), [])
})
