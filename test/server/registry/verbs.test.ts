import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isReason, ApiError } from '../../../core/api/status.ts'
import type { WatchItem } from '../../../core/server/registry/registry.ts'
import { systemClock } from '../../../core/base/clock.ts'
import { randomIdentities } from '../../../core/server/registry/identities.ts'
import { body, caller, callerWith, namespace, openRegistry } from './open-registry.ts'
import type { Opened } from './open-registry.ts'

const configMap = (name: string, labels?: Record<string, string>, data: Record<string, string> = { x: '1' }) => ({
  kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, ...(labels ? { labels } : {}) } as { namespace?: string }, data,
})
const pod = (name: string, spec: Record<string, unknown> = {}) => ({
  kind: 'Pod', apiVersion: 'v1', metadata: { name } as { namespace?: string }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
const key = (name: string) => ({ namespace, name })
const fails = async (work: Promise<unknown>, reason: Parameters<typeof isReason>[1], words?: RegExp) => {
  await assert.rejects(work, (error) => error instanceof ApiError && error.reason === reason && (words === undefined || words.test(error.message)) || assert.fail(String(error)))
}
const meta = (answer: { object: { metadata: object } }) => answer.object.metadata as Record<string, unknown> & { resourceVersion: string; uid: string; name: string }

async function collect({ registry }: Opened, kind: string, params: Parameters<typeof registry.watch>[1]): Promise<{ items: WatchItem[]; stop: () => void }> {
  const items: WatchItem[] = []
  const stop = await registry.watch(registry.kind(kind), params, (batch) => items.push(...batch), (error) => assert.fail(error))
  return { items, stop }
}

describe('registry: verbs', () => {
  it('answers exactly the stored text, with the revision in it', async () => {
    const opened = await openRegistry()
    const created = await opened.create(configMap('a'))
    assert.equal(meta(created).resourceVersion, String(opened.registry.revision))
    assert.equal((await opened.get('ConfigMap', 'a')).json, created.json)
    assert.equal((await opened.registry.list(opened.registry.kind('ConfigMap'), { namespace })).items[0]?.json, created.json)
    assert.ok(Object.isFrozen((await opened.get('ConfigMap', 'a')).object.metadata))
  })

  it('writes nothing where nothing changes', async () => {
    const opened = await openRegistry()
    const created = await opened.create(configMap('a'))
    const before = opened.registry.revision
    const same = await opened.patch('ConfigMap', 'a', { type: 'merge', body: { data: { x: '1' } } })
    const put = await opened.registry.update(opened.registry.kind('ConfigMap'), key('a'), body(configMap('a')), {}, caller)
    assert.deepEqual([opened.registry.revision, same.json, put.json], [before, created.json, created.json])
  })

  it('makes names, and tries others when one is taken', async () => {
    const opened = await openRegistry()
    const named = await opened.create({ ...configMap(''), metadata: { generateName: 'web-' } as { namespace?: string } })
    assert.match(meta(named).name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('fills in anew what comes from a name that was taken', async () => {
    // The first name is taken by the first Job: both draw the same one at first.
    const draws = [...Array<number>(10).fill(0), ...Array<number>(50).fill(0.5)]
    const opened = await openRegistry(systemClock, { identities: { ...randomIdentities, random: () => draws.shift() ?? 0.9 } })
    const job = () => ({ kind: 'Job', apiVersion: 'batch/v1', metadata: { generateName: 'j-' } as { namespace?: string }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } })
    const [first, second] = [await opened.create(job()), await opened.create(job())]
    assert.notEqual(meta(first).name, meta(second).name)
    for (const { object } of [first, second]) {
      const { metadata, spec } = object as unknown as { metadata: { name: string; uid: string; labels: Record<string, string> }; spec: { selector: { matchLabels: Record<string, string> }; template: { metadata: { labels: Record<string, string> } } } }
      assert.deepEqual(spec.selector.matchLabels, { 'batch.kubernetes.io/controller-uid': metadata.uid })
      assert.equal(spec.template.metadata.labels['batch.kubernetes.io/job-name'], metadata.name)
      assert.equal(metadata.labels['job-name'], metadata.name)
    }
  })

  it('stores nothing on a dry run', async () => {
    const opened = await openRegistry()
    const before = opened.registry.revision
    const service = { kind: 'Service', apiVersion: 'v1', metadata: { name: 's' } as { namespace?: string }, spec: { ports: [{ port: 80 }] } }
    const dry = await opened.create(service, { dryRun: true })
    assert.equal(meta(dry).resourceVersion, undefined)
    assert.ok(meta(dry).uid)
    assert.equal(opened.registry.revision, before)
    await opened.create(configMap('a'))
    const patched = await opened.patch('ConfigMap', 'a', { type: 'merge', body: { data: { x: '2' } } }, { dryRun: true })
    assert.deepEqual((patched.object as unknown as { data: unknown }).data, { x: '2' })
    assert.match((await opened.get('ConfigMap', 'a')).json, /"x":"1"/)
    await opened.registry.delete(opened.registry.kind('ConfigMap'), key('a'), { dryRun: true }, caller)
    await opened.get('ConfigMap', 'a')
  })

  it('pages at one revision while writes go on, and counts what follows', async () => {
    const opened = await openRegistry()
    const { registry } = opened
    for (let i = 0; i < 7; i++) await opened.create(configMap(`m${i}`, { even: String(i % 2 === 0) }))
    const face = registry.kind('ConfigMap')
    const first = await registry.list(face, { namespace, limit: 3 })
    assert.deepEqual([first.items.length, first.remaining], [3, 4])
    await opened.create(configMap('m35'))
    await registry.delete(face, key('m4'), {}, caller)
    const second = await registry.list(face, { namespace, limit: 3, continue: first.continue! })
    assert.deepEqual(second.items.map((item) => meta(item).name), ['m3', 'm4', 'm5'])
    assert.equal(second.revision, first.revision)
    const third = await registry.list(face, { namespace, limit: 3, continue: second.continue! })
    assert.deepEqual([third.items.length, third.continue], [1, undefined])
    const selected = await registry.list(face, { namespace, limit: 2, labelSelector: 'even=true' })
    assert.deepEqual([selected.items.map((item) => meta(item).name), selected.remaining, selected.continue === undefined], [['m0', 'm2'], undefined, false])
    const rest = await registry.list(face, { namespace, limit: 2, labelSelector: 'even=true', continue: selected.continue! })
    assert.deepEqual(rest.items.map((item) => meta(item).name), ['m6'])
    await registry.machinery.store.compact(registry.revision)
    await assert.rejects(registry.list(face, { namespace, continue: first.continue! }), (error: ApiError) => error.reason === 'Expired' && error.continueToken !== undefined)
    await fails(registry.list(face, { resourceVersion: '1', resourceVersionMatch: 'Exact' }), 'Expired', /too old/)
    await fails(registry.list(face, { resourceVersion: '9999' }), 'Timeout', /Too large resource version: 9999/)
  })

  it('turns selector changes of a watch into ADDED and DELETED', async () => {
    const opened = await openRegistry()
    await opened.create(configMap('a', { app: 'x' }))
    await opened.create(configMap('b', { app: 'y' }))
    const { items, stop } = await collect(opened, 'ConfigMap', { namespace, labelSelector: 'app=x', resourceVersion: '0' })
    await opened.patch('ConfigMap', 'b', { type: 'merge', body: { metadata: { labels: { app: 'x' } } } })
    await opened.patch('ConfigMap', 'b', { type: 'merge', body: { data: { x: '2' } } })
    const left = await opened.patch('ConfigMap', 'b', { type: 'merge', body: { metadata: { labels: { app: 'z' } } } })
    await opened.registry.delete(opened.registry.kind('ConfigMap'), key('a'), {}, caller)
    stop()
    assert.deepEqual(items.map((item) => [item.type, meta(item.answer).name]), [['ADDED', 'a'], ['ADDED', 'b'], ['MODIFIED', 'b'], ['DELETED', 'b'], ['DELETED', 'a']])
    assert.equal(meta(items[3]!.answer).resourceVersion, meta(left).resourceVersion)
    assert.deepEqual((items[3]!.answer.object as unknown as { metadata: { labels: unknown } }).metadata.labels, { app: 'x' })
    assert.equal(meta(items[4]!.answer).resourceVersion, String(opened.registry.revision))
  })

  it('closes initial events with a bookmark, and says Expired for what is compacted', async () => {
    const opened = await openRegistry()
    await opened.create(configMap('a'))
    const { items, stop } = await collect(opened, 'ConfigMap', { sendInitialEvents: true, allowBookmarks: true, resourceVersionMatch: 'NotOlderThan' })
    assert.deepEqual(items.map((item) => item.type), ['ADDED', 'BOOKMARK'])
    assert.match(items[1]!.answer.json, /"k8s.io\/initial-events-end":"true"/)
    stop()
    await opened.registry.machinery.store.compact(opened.registry.revision)
    await fails(opened.registry.watch(opened.registry.kind('ConfigMap'), { resourceVersion: '1' }, () => {}, () => {}), 'Expired', /too old resource version: 1 \(\d+\)/)
  })

  it('keeps what finalizers hold, and lets it go with the last one', async () => {
    const opened = await openRegistry()
    const { registry } = opened
    const face = registry.kind('ConfigMap')
    await opened.create(configMap('a'))
    await opened.patch('ConfigMap', 'a', { type: 'merge', body: { metadata: { finalizers: ['x/y'] } } })
    const held = await registry.delete(face, key('a'), { propagationPolicy: 'Foreground' }, caller)
    assert.deepEqual([held.gone, meta(held)['finalizers'], meta(held)['deletionGracePeriodSeconds']], [false, ['x/y', 'foregroundDeletion'], 0])
    await fails(opened.create(configMap('a')), 'AlreadyExists', /^object is being deleted: configmaps "a" already exists$/)
    await opened.patch('ConfigMap', 'a', { type: 'merge', body: { metadata: { finalizers: null } } })
    await fails(opened.get('ConfigMap', 'a'), 'NotFound')
    await opened.create(configMap('b'))
    await fails(registry.delete(face, key('b'), { uid: 'other' }, caller), 'Conflict', /UID in the precondition/)
    assert.equal((await registry.delete(face, key('b'), {}, caller)).gone, true)
  })

  it('gives Pods their grace, and only lets it get shorter', async () => {
    const opened = await openRegistry()
    const { registry } = opened
    const face = registry.kind('Pod')
    await opened.create(pod('unbound'))
    assert.equal((await registry.delete(face, key('unbound'), {}, caller)).gone, true)
    await opened.create(pod('p'))
    await registry.createSubresource(face, key('p'), 'binding', body({ metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } }), {}, caller)
    const bound = (await opened.get('Pod', 'p')).object as unknown as { spec: { nodeName: string }; status: { conditions: { type: string; status: string }[] }; metadata: { generation: number } }
    assert.deepEqual([bound.spec.nodeName, bound.status.conditions[0]?.type, bound.metadata.generation], ['n1', 'PodScheduled', 1])
    await fails(registry.createSubresource(face, key('p'), 'binding', body({ metadata: { name: 'p' }, target: { name: 'n2' } }), {}, caller), 'Conflict', /already assigned to node "n1"/)
    const begun = await registry.delete(face, key('p'), {}, caller)
    assert.deepEqual([begun.gone, meta(begun)['deletionGracePeriodSeconds'], meta(begun)['generation']], [false, 30, 2])
    assert.equal((await registry.delete(face, key('p'), {}, caller)).json, begun.json)
    assert.equal(meta(await registry.delete(face, key('p'), { gracePeriodSeconds: 50 }, caller))['deletionGracePeriodSeconds'], 30)
    assert.equal(meta(await registry.delete(face, key('p'), { gracePeriodSeconds: 5 }, caller))['deletionGracePeriodSeconds'], 5)
    assert.equal((await registry.delete(face, key('p'), { gracePeriodSeconds: 0 }, caller)).gone, true)
  })

  it('evicts with the reason in the status', async () => {
    const opened = await openRegistry()
    const { registry } = opened
    const face = registry.kind('Pod')
    await opened.create(pod('p'))
    await registry.createSubresource(face, key('p'), 'binding', body({ metadata: { name: 'p' }, target: { name: 'n1' } }), {}, caller)
    const status = await registry.createSubresource(face, key('p'), 'eviction', body({ metadata: { name: 'p' }, deleteOptions: { gracePeriodSeconds: 3 } }), {}, caller)
    assert.equal(status.status, 'Success')
    const { object } = await opened.get('Pod', 'p')
    assert.equal(object.metadata.deletionGracePeriodSeconds, 3)
    assert.match(JSON.stringify(object), /"type":"DisruptionTarget","status":"True","reason":"EvictionByEvictionAPI"/)
  })

  it('deletes a collection by selector', async () => {
    const opened = await openRegistry()
    for (const name of ['a', 'b', 'c']) await opened.create(configMap(name, { keep: String(name === 'b') }))
    const face = opened.registry.kind('ConfigMap')
    const deleted = await opened.registry.deleteCollection(face, { namespace, labelSelector: 'keep!=true' }, {}, caller)
    assert.equal(deleted.items.length, 2)
    assert.deepEqual((await opened.registry.list(face, { namespace })).items.map((item) => meta(item).name), ['b'])
  })

  it('reports unknown and repeated fields as asked', async () => {
    const opened = await openRegistry()
    const warnings: string[] = []
    const face = opened.registry.kind('ConfigMap')
    const odd = { value: { ...configMap('a'), foo: 1 }, duplicates: ['data.x'] }
    await fails(opened.registry.create(face, namespace, odd, { fieldValidation: 'Strict' }, caller), 'BadRequest', /strict decoding error: (duplicate field "data.x", unknown field "foo"|unknown field "foo", duplicate field "data.x")/)
    await opened.registry.create(face, namespace, odd, { fieldValidation: 'Warn' }, callerWith(warnings))
    assert.deepEqual(warnings.sort(), ['duplicate field "data.x"', 'unknown field "foo"'])
  })

  it('answers who one is and what one may', async () => {
    const opened = await openRegistry()
    const me = await opened.create({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {} })
    assert.match(me.json, /"username":"admin"/)
    const review = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: { resourceAttributes: { verb: 'list', resource: 'pods' } } }
    assert.match((await opened.create(review)).json, /"allowed":true/)
    const account = { ...caller, user: { name: 'system:serviceaccount:default:default', groups: ['system:serviceaccounts', 'system:authenticated'] } }
    const asked = await opened.registry.create(opened.registry.face('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews')!, undefined, body(review), {}, account)
    assert.match(asked.json, /"allowed":true/)
  })

  it('keeps one Event under both its faces', async () => {
    const opened = await openRegistry()
    const { registry } = opened
    const core = registry.face('', 'v1', 'events')!
    const modern = registry.face('events.k8s.io', 'v1', 'events')!
    await registry.create(core, namespace, body({ metadata: { name: 'e' }, involvedObject: { kind: 'Pod', namespace, name: 'p' }, reason: 'R', message: 'said', type: 'Normal' }), { fieldManager: 'ed' }, caller)
    const seen = (await registry.get(modern, key('e'))).object as unknown as Record<string, unknown>
    assert.deepEqual([seen['apiVersion'], seen['note'], (seen['regarding'] as { name: string }).name], ['events.k8s.io/v1', 'said', 'p'])
    assert.equal((await registry.list(modern, { namespace, fieldSelector: 'regarding.name=p' })).items.length, 1)
  })
})
