import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAmounts } from '../../core/api/amounts.ts'
import { cpuAndMemoryRequests, podRequests } from '../../core/api/pod-resources.ts'
import type { Container, Pod, PodStatus } from '../../core/api/types/core.ts'

const GiB = 2 ** 30
const asks = (memory: string, change: Partial<Container> = {}): Container => ({ name: 'one', resources: { requests: { memory, cpu: '250m' } }, ...change }) as Container
const pod = (spec: Partial<Pod['spec']>, status: PodStatus = {}): Pod => ({ metadata: { name: 'web' }, spec: { containers: [], ...spec }, status }) as unknown as Pod
const memory = (spec: Partial<Pod['spec']>) => cpuAndMemoryRequests(pod(spec)).memory / GiB

test('requests: containers together, or the largest init container; sidecars stay; overhead comes on top', () => {
  assert.deepEqual(cpuAndMemoryRequests(pod({ containers: [asks('1Gi'), asks('512Mi')] })), { cpu: 0.5, memory: 1.5 * GiB })
  assert.equal(memory({ containers: [asks('1Gi'), asks('1Gi')], initContainers: [asks('3Gi')] }), 3)
  assert.equal(memory({ containers: [asks('1Gi')], initContainers: [asks('1Gi', { restartPolicy: 'Always' }), asks('1Gi')] }), 2)
  assert.equal(memory({ containers: [asks('1Gi')], overhead: { memory: '1Gi' } }), 2)
  assert.equal(memory({ containers: [asks('1Gi')], resources: { requests: { memory: '4Gi' } } }), 4)
  assert.deepEqual(cpuAndMemoryRequests(pod({ containers: [{ name: 'free' } as Container] })), { cpu: 0, memory: 0 })
})

test('requests: a resize counts with the larger amount until it is done, and what can’t be is not counted', () => {
  const resizing = (allocated: string, reason?: string) =>
    formatAmounts(podRequests(pod({ containers: [asks('2Gi')] }, { containerStatuses: [{ name: 'one', resources: { requests: { memory: allocated, cpu: '250m' } }, allocatedResources: { memory: allocated, cpu: '250m' } }], ...(reason ? { conditions: [{ type: 'PodResizePending', status: 'True', reason }] } : {}) } as unknown as PodStatus)))
  assert.deepEqual(resizing('2Gi'), { memory: '2Gi', cpu: '250m' })
  assert.deepEqual(resizing('3Gi'), { memory: '3Gi', cpu: '250m' })
  assert.deepEqual(resizing('1Gi'), { memory: '2Gi', cpu: '250m' })
  assert.deepEqual(resizing('1Gi', 'Infeasible'), { memory: '1Gi', cpu: '250m' })
})
