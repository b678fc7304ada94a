/** Evictions against budgets: the words, the policies, and that no budget is ever overdrawn. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../../../core/api/status.ts'
import type { Pod } from '../../../core/api/types/core.ts'
import type { PodDisruptionBudget } from '../../../core/api/types/policy.ts'
import { body, caller, namespace, openRegistry, type Opened } from './open-registry.ts'

const budgetOf = (name: string, spec: Record<string, unknown> = {}) => ({ kind: 'PodDisruptionBudget', apiVersion: 'policy/v1', metadata: { name } as { namespace?: string }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec } })

async function running(opened: Opened, name: string, ready = true): Promise<void> {
  await opened.create({ kind: 'Pod', apiVersion: 'v1', metadata: { name, labels: { app: 'web' } } as { namespace?: string }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } })
  await opened.patch('Pod', name, { type: 'merge', body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } } }, { subresource: 'status' })
}

const allow = (opened: Opened, name: string, disruptionsAllowed: number, more: Record<string, unknown> = {}) =>
  opened.patch('PodDisruptionBudget', name, { type: 'merge', body: { status: { disruptionsAllowed, observedGeneration: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 3, ...more } } }, { subresource: 'status' })

const evict = ({ registry }: Opened, name: string, more: Record<string, unknown> = {}, params = {}) =>
  registry.createSubresource(registry.kind('Pod'), { namespace, name }, 'eviction', body({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...more }), params, caller)

async function refused(work: Promise<unknown>): Promise<ApiError> {
  return work.then(() => assert.fail('it was granted'), (error: unknown) => (error instanceof ApiError ? error : assert.fail(String(error))))
}
const leaving = async (opened: Opened, name: string) => ((await opened.get('Pod', name)).object as Pod).metadata.deletionTimestamp !== undefined
const statusOf = async (opened: Opened, name: string) => ((await opened.get('PodDisruptionBudget', name)).object as PodDisruptionBudget).status

describe('eviction', () => {
  it('marks the Pod, counts down the budget, and then says how many are missing', async () => {
    const opened = await openRegistry()
    for (const name of ['a', 'b']) await running(opened, name)
    await opened.create(budgetOf('web'))
    await allow(opened, 'web', 1)
    await evict(opened, 'a')
    const pod = (await opened.get('Pod', 'a')).object as Pod
    assert.ok(pod.metadata.deletionTimestamp)
    assert.equal(pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason, 'EvictionByEvictionAPI')
    const status = await statusOf(opened, 'web')
    assert.deepEqual([status.disruptionsAllowed, Object.keys(status.disruptedPods ?? {})], [0, ['a']])
    const error = await refused(evict(opened, 'b'))
    assert.equal(error.code, 429)
    assert.equal(error.message, "Cannot evict pod as it would violate the pod's disruption budget.")
    assert.deepEqual(error.details, { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods and has 1 currently' }] })
    assert.equal(await leaving(opened, 'b'), false)
  })

  it('grants no more than the budget, however many ask at the same moment', async () => {
    const opened = await openRegistry()
    const names = Array.from({ length: 12 }, (_, i) => `p${i}`)
    for (const name of names) await running(opened, name)
    await opened.create(budgetOf('web'))
    await allow(opened, 'web', 5)
    const answers = await Promise.allSettled(names.map((name) => evict(opened, name)))
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 5)
    const gone = await Promise.all(names.map((name) => leaving(opened, name)))
    assert.equal(gone.filter(Boolean).length, 5)
    const status = await statusOf(opened, 'web')
    assert.deepEqual([status.disruptionsAllowed, Object.keys(status.disruptedPods ?? {}).length], [0, 5])
  })

  it('waits for a budget that its controller has not seen', async () => {
    const opened = await openRegistry()
    await running(opened, 'a')
    await opened.create(budgetOf('web'))
    const error = await refused(evict(opened, 'a'))
    assert.deepEqual(error.details, { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget web is still being processed by the server.' }], retryAfterSeconds: 10 })
  })

  it('refuses a Pod with two budgets as upstream does', async () => {
    const opened = await openRegistry()
    await running(opened, 'a')
    for (const name of ['one', 'two']) await opened.create(budgetOf(name))
    const status = await evict(opened, 'a')
    assert.deepEqual([status.status, status.code, status.reason], ['Failure', 500, undefined])
    assert.equal(await leaving(opened, 'a'), false)
  })

  it('changes nothing on a dry run, but asks all the same', async () => {
    const opened = await openRegistry()
    await running(opened, 'a')
    await opened.create(budgetOf('web'))
    await allow(opened, 'web', 1)
    const before = opened.registry.revision
    await evict(opened, 'a', { deleteOptions: { dryRun: ['All'] } })
    await evict(opened, 'a', {}, { dryRun: true })
    assert.equal(opened.registry.revision, before)
    await allow(opened, 'web', 0)
    assert.equal((await refused(evict(opened, 'a', {}, { dryRun: true }))).code, 429)
  })

  it('lets Pods go that are pending, or unready where the policy or the health allows it', async () => {
    const opened = await openRegistry()
    await opened.create({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'pending', labels: { app: 'web' } } as { namespace?: string }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } })
    for (const name of ['sick', 'ill']) await running(opened, name, false)
    await opened.create(budgetOf('web'))
    await allow(opened, 'web', 0, { currentHealthy: 0 })
    await evict(opened, 'pending')
    assert.equal((await refused(evict(opened, 'sick'))).code, 429)
    await allow(opened, 'web', 0)
    await evict(opened, 'sick')
    await opened.patch('PodDisruptionBudget', 'web', { type: 'merge', body: { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } } })
    await allow(opened, 'web', 0, { currentHealthy: 0 })
    await evict(opened, 'ill')
    assert.deepEqual([await leaving(opened, 'pending'), await leaving(opened, 'sick'), await leaving(opened, 'ill')], [true, true, true])
    assert.equal((await statusOf(opened, 'web')).disruptedPods, undefined)
  })

  it('wants the name of the Pod in the body', async () => {
    const opened = await openRegistry()
    await running(opened, 'a')
    assert.match((await refused(evict(opened, 'a', { metadata: {} }))).message, /name in URL does not match name in Eviction object/)
  })
})
