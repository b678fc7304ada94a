/** ResourceQuotas, LimitRanges, PriorityClasses and RuntimeClasses: good ones and what is wrong with others. One fault each where the real server's order is chance. */
import type { Json } from '../../core/base/json.ts'

const quota = (spec: Json): Json => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'x' }, spec })
const hard = (amounts: Json, more: Record<string, Json> = {}): Json => quota({ hard: amounts, ...more })
const selector = (requirement: Json, amounts: Json = { pods: '1' }): Json => hard(amounts, { scopeSelector: { matchExpressions: [requirement] } })
const range = (...limits: Json[]): Json => ({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'x' }, spec: { limits } })
const priority = (name: string, fields: Record<string, Json>): Json => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, ...fields })
const runtime = (fields: Record<string, Json>): Json => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'x' }, ...fields })

export const policyCases: Readonly<Record<string, Json>> = {
  'quota/plain': hard({ pods: '10', 'requests.cpu': '1500m', 'limits.memory': '1024Mi', 'count/deployments.apps': '3', 'requests.nvidia.com/gpu': '2', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' }),
  'quota/status given': { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'x' }, spec: { hard: { pods: '1' } }, status: { used: { pods: '1' } } },
  'quota/empty': quota({}),
  'quota/unknown name': hard({ bananas: '1' }),
  'quota/bad name': hard({ 'Not A Name': '1' }),
  'quota/negative': hard({ cpu: '-1' }),
  'quota/fraction of a Pod': hard({ pods: '1500m' }),
  'quota/scopes': hard({ pods: '1' }, { scopes: ['Terminating', 'NotBestEffort'] }),
  'quota/unknown scope': hard({ pods: '1' }, { scopes: ['Sometimes'] }),
  'quota/scope that does not fit': hard({ services: '1' }, { scopes: ['BestEffort'] }),
  'quota/opposite scopes': hard({ pods: '1' }, { scopes: ['BestEffort', 'NotBestEffort'] }),
  'quota/selector': selector({ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }),
  'quota/selector without values': selector({ scopeName: 'PriorityClass', operator: 'In' }),
  'quota/selector with values too many': selector({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }),
  'quota/selector with a wrong operator': selector({ scopeName: 'PriorityClass', operator: 'Near' }),
  'quota/selector that only exists': selector({ scopeName: 'Terminating', operator: 'DoesNotExist' }),
  'quota/selector that does not fit': selector({ scopeName: 'VolumeAttributesClass', operator: 'Exists' }),
  'limits/container': range({ type: 'Container', max: { cpu: '2' }, min: { cpu: '100m', memory: '10Mi' }, default: { memory: '1Gi' }, maxLimitRequestRatio: { cpu: '4' } }),
  'limits/pod and claim': range({ type: 'Pod', max: { cpu: '2' } }, { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } }),
  'limits/empty': range(),
  'limits/unknown type': range({ type: 'Banana' }),
  'limits/own type': range({ type: 'example.com/thing', max: { 'example.com/x': '1' } }),
  'limits/twice': range({ type: 'Pod', max: { cpu: '1' } }, { type: 'Pod', max: { cpu: '1' } }),
  'limits/pod with defaults': range({ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }),
  'limits/claim without storage': range({ type: 'PersistentVolumeClaim', min: { cpu: '1' } }),
  'limits/not of containers': range({ type: 'Container', max: { storage: '1' } }),
  'limits/min above max': range({ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }),
  'limits/request above limit': range({ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }),
  'limits/request below min': range({ type: 'Container', min: { cpu: '1' }, defaultRequest: { cpu: '500m' } }),
  'limits/limit above max': range({ type: 'Container', max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '1' } }),
  'limits/ratio below one': range({ type: 'Container', maxLimitRequestRatio: { cpu: '500m' } }),
  'limits/ratio too large': range({ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
  'limits/not twice': range({ type: 'Container', default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } }),
  'priority/plain': priority('x', { value: 10 }),
  'priority/zero': priority('x', { value: 0, description: 'none', preemptionPolicy: 'Never' }),
  'priority/reserved name': priority('system-x', { value: 10 }),
  'priority/system with another value': priority('system-node-critical', { value: 10 }),
  'priority/too high': priority('x', { value: 1_000_000_001 }),
  'priority/unknown policy': priority('x', { value: 1, preemptionPolicy: 'Sometimes' }),
  'runtime/plain': runtime({ handler: 'vm', overhead: { podFixed: { cpu: '10m', memory: '20Mi' } }, scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'x', operator: 'Exists' }] } }),
  'runtime/without handler': runtime({ handler: '' }),
  'runtime/bad handler': runtime({ handler: 'A_B' }),
  'runtime/bad overhead': runtime({ handler: 'vm', overhead: { podFixed: { pods: '1' } } }),
  'runtime/bad selector': runtime({ handler: 'vm', scheduling: { nodeSelector: { a: '-' } } }),
  'runtime/bad toleration': runtime({ handler: 'vm', scheduling: { tolerations: [{ operator: 'Equal' }] } }),
  'runtime/toleration twice': runtime({ handler: 'vm', scheduling: { tolerations: [{ key: 'a', operator: 'Exists' }, { key: 'a', operator: 'Exists', tolerationSeconds: 5, effect: 'NoExecute' }, { key: 'a', operator: 'Exists' }] } }),
}
