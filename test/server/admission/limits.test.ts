/** LimitRanger, Priority and RuntimeClass as upstream's: what they add, what they refuse. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../core/api/types/core.ts'
import { namespace, openRegistry, type Opened } from '../registry/open-registry.ts'

type Fields = Record<string, unknown>
const pod = (name: string, spec: Fields = {}, resources?: Fields) => ({ kind: 'Pod', metadata: { name, namespace }, spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }], ...spec } })
const created = async ({ create }: Opened, object: Parameters<Opened['create']>[0]) => (await create(object)).object as unknown as Pod
const cluster = (kind: string, name: string, fields: Fields) => ({ kind, metadata: { name } as { namespace?: string }, ...fields })

describe('LimitRanger', () => {
  const range = (...limits: Fields[]) => ({ kind: 'LimitRange', metadata: { name: 'r', namespace }, spec: { limits } })

  it('fills in requests and limits, and says so', async () => {
    const opened = await openRegistry()
    await opened.create(range({ type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '500m' } }))
    const { metadata, spec } = await created(opened, pod('a', {}, { requests: { memory: '10Mi' } }))
    assert.deepEqual(spec.containers[0]!.resources, { requests: { memory: '10Mi', cpu: '500m' }, limits: { cpu: '1', memory: '1Gi' } })
    assert.equal(metadata.annotations?.['kubernetes.io/limit-ranger'], 'LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c')
  })

  it('refuses what is outside, with every reason', async () => {
    const opened = await openRegistry()
    await opened.create(range({ type: 'Container', min: { cpu: '100m' }, max: { cpu: '1', memory: '1Gi' }, maxLimitRequestRatio: { cpu: '2' } }))
    await assert.rejects(opened.create(pod('a', {}, { requests: { cpu: '50m', memory: '2Gi' }, limits: { cpu: '200m', memory: '2Gi' } })), {
      message:
        'pods "a" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum memory usage per Container is 1Gi, but limit is 2Gi, cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000]',
    })
    await created(opened, pod('b', {}, { requests: { cpu: '500m' } }))
  })

  it('sums up Pods', async () => {
    const opened = await openRegistry()
    await opened.create(range({ type: 'Pod', max: { cpu: '1' } }))
    await assert.rejects(opened.create(pod('a')), { message: 'pods "a" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified' })
    await assert.rejects(opened.create(pod('a', {}, { limits: { cpu: '1500m' } })), { message: 'pods "a" is forbidden: maximum cpu usage per Pod is 1, but limit is 1500m' })
  })
})

describe('Priority', () => {
  const priorityClass = (name: string, value: number, more: Fields = {}) => cluster('PriorityClass', name, { value, ...more })

  it('resolves classes, with the default where none is named', async () => {
    const opened = await openRegistry()
    assert.deepEqual(pick(await created(opened, pod('a'))), { priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
    await opened.create(priorityClass('high', 100, { preemptionPolicy: 'Never' }))
    await opened.create(priorityClass('usual', 7, { globalDefault: true }))
    assert.deepEqual(pick(await created(opened, pod('b'))), { priorityClassName: 'usual', priority: 7, preemptionPolicy: 'PreemptLowerPriority' })
    assert.deepEqual(pick(await created(opened, pod('c', { priorityClassName: 'high' }))), { priorityClassName: 'high', priority: 100, preemptionPolicy: 'Never' })
    await assert.rejects(opened.create(pod('d', { priorityClassName: 'no' })), { message: 'pods "d" is forbidden: no PriorityClass with name no was found' })
    await assert.rejects(opened.create(pod('d', { priorityClassName: 'high', priority: 5 })), /the integer value of priority \(5\) must not be provided in pod spec; priority admission controller computed 100/)
    await assert.rejects(opened.create(priorityClass('other', 8, { globalDefault: true })), { message: 'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist' })
    await assert.rejects(opened.create(priorityClass('system-x', 8)), /priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class/)
    await assert.rejects(opened.create(priorityClass('big', 1_000_000_001)), /maximum allowed value of a user defined priority is 1000000000/)
    await assert.rejects(opened.patch('PriorityClass', 'high', { type: 'merge', body: { value: 3 } }), /value: Forbidden: may not be changed in an update/)
  })
})

const pick = ({ spec }: Pod) => {
  const { priorityClassName, priority, preemptionPolicy } = spec
  return { ...(priorityClassName === undefined ? {} : { priorityClassName }), priority, preemptionPolicy }
}

describe('RuntimeClass', () => {
  it('brings overhead and placement', async () => {
    const opened = await openRegistry()
    await opened.create(cluster('RuntimeClass', 'vm', { handler: 'vm', overhead: { podFixed: { cpu: '10m' } }, scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'x', operator: 'Exists' }] } }))
    const { spec } = await created(opened, pod('a', { runtimeClassName: 'vm', nodeSelector: { c: 'd' } }))
    assert.deepEqual([spec.overhead, spec.nodeSelector], [{ cpu: '10m' }, { c: 'd', a: 'b' }])
    assert.ok(spec.tolerations?.some(({ key }) => key === 'x'))
    await assert.rejects(opened.create(pod('b', { runtimeClassName: 'no' })), { message: 'pods "b" is forbidden: pod rejected: RuntimeClass "no" not found' })
    await assert.rejects(opened.create(pod('b', { overhead: { cpu: '1m' } })), /Pod Overhead set without corresponding RuntimeClass defined Overhead/)
    await assert.rejects(opened.create(pod('b', { runtimeClassName: 'vm', overhead: { cpu: '1m' } })), /Pod's Overhead doesn't match RuntimeClass's defined Overhead/)
    await assert.rejects(opened.create(pod('b', { runtimeClassName: 'vm', nodeSelector: { a: 'c' } })), /conflict: runtimeClass.scheduling.nodeSelector\[a\] = b; pod.spec.nodeSelector\[a\] = c/)
  })
})
