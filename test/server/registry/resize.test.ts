/** pods/resize in the words of the real server: what it opens, what it passes over, what it refuses. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../../../core/api/status.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import { openRegistry, type Opened } from './open-registry.ts'

const pod = (name: string, resources: Record<string, unknown>, more: Record<string, unknown> = {}) => ({ kind: 'Pod', apiVersion: 'v1', metadata: { name } as { namespace?: string }, spec: { containers: [{ name: 'c', image: 'x', resources }], initContainers: [{ name: 'i', image: 'x', resources: { requests: { cpu: '100m' } } }], ...more } })
const asking = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } }
const resize = async (opened: Opened, name: string, container: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  (await opened.patch('Pod', name, { type: 'strategic', body: { spec: { containers: [{ name: 'c', ...container }] }, ...more } }, { subresource: 'resize' })).object as Pod
const refusal = (work: Promise<unknown>): Promise<string> => work.then(() => 'granted', (error: unknown) => (error instanceof ApiError ? error.message : assert.fail(String(error))))

describe('pods/resize', () => {
  it('changes CPU and memory, and passes over whatever else was sent', async () => {
    const opened = await openRegistry()
    await opened.create(pod('g', asking))
    const changed = await resize(opened, 'g', { image: 'y', resources: { requests: { cpu: '300m' } } }, { metadata: { labels: { a: 'b' } } })
    assert.deepEqual([changed.metadata.generation, changed.spec.containers[0]?.resources?.requests, changed.spec.containers[0]?.image, changed.metadata.labels], [2, { cpu: '300m', memory: '64Mi' }, 'x', undefined])
    assert.match(await refusal(opened.patch('Pod', 'g', { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '400m' } } }] } } })), /pod updates may not change fields other than/)
  })

  it('refuses in upstream’s words', async () => {
    const opened = await openRegistry()
    await opened.create(pod('g', asking))
    await opened.create({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'be' } as { namespace?: string }, spec: { containers: [{ name: 'c', image: 'x' }] } })
    const said = (container: Record<string, unknown>) => refusal(resize(opened, 'g', container))
    assert.equal(await refusal(resize(opened, 'be', { resources: { requests: { cpu: '200m' } } })), 'Pod "be" is invalid: spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing')
    assert.equal(await said({ resources: { requests: { cpu: null } } }), 'Pod "g" is invalid: spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed')
    assert.equal(await said({ resources: { requests: { 'ephemeral-storage': '1Gi' } } }), 'Pod "g" is invalid: spec: Forbidden: only cpu and memory resources are mutable')
    assert.equal(await said({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }), 'Pod "g" is invalid: spec: Forbidden: only cpu and memory resources are mutable')
    assert.equal(await said({ resources: { requests: { memory: '1Gi' } } }), 'Pod "g" is invalid: spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 128Mi')
    assert.match(await refusal(opened.patch('Pod', 'g', { type: 'strategic', body: { spec: { containers: [{ name: 'd', image: 'z' }] } } }, { subresource: 'resize' })), /containers may not be added or removed on resize/)
  })

  it('refuses what the node could never grant', async () => {
    const opened = await openRegistry()
    await opened.create({ kind: 'Node', apiVersion: 'v1', metadata: { name: 'n1' } as { namespace?: string }, status: { allocatable: { cpu: '2', memory: '4Gi' } } })
    await opened.create(pod('g', asking, { nodeName: 'n1' }))
    assert.equal(await refusal(resize(opened, 'g', { resources: { requests: { cpu: '3' } } })), `pods "g" is forbidden: node didn't have enough allocatable resources: cpu, requested: 3000, allocatable: 2000`)
    assert.equal((await resize(opened, 'g', { resources: { requests: { cpu: '2' } } })).metadata.generation, 2)
  })
})
