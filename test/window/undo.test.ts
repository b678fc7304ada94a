import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { inversePatch, undo, undoPreview, type UndoDeps } from '../../core/window/calls/undo.ts'
import { clusterUnderTest, deployment, type ClusterUnderTest } from './cluster-under-test.ts'

describe('undo', () => {
  let cluster: ClusterUnderTest
  let deps: UndoDeps
  before(async () => {
    cluster = await clusterUnderTest()
    deps = { client: cluster.as('user:ann'), journal: cluster.journal, snapshot: () => cluster.cache }
  })
  after(() => cluster.close())
  const ref = { kind: 'Deployment', namespace: 'default', name: 'web' }
  const current = () => cluster.cache.get('Deployment', 'default', 'web')
  const revision = (object: { metadata: { resourceVersion: string } }) => Number(object.metadata.resourceVersion)

  test('a creation is taken back by a deletion, a deletion by a creation', async () => {
    const created = await deps.client.create(deployment('nginx:1.25'))
    await cluster.seen()
    assert.equal((await undoPreview(deps, revision(created))).say, 'Delete Deployment web')
    await undo(deps, revision(created))
    await cluster.seen()
    assert.equal(current(), undefined)
    const [deletion] = await cluster.journal.query({ limit: 1 })
    assert.equal(deletion?.verb, 'delete')
    await undo(deps, deletion.revision)
    await cluster.seen()
    assert.equal((current()?.['spec'] as { replicas: number }).replicas, 3)
  })

  test('a change goes back where nobody changed it since, and only the fields it changed', async () => {
    const scaled = await deps.client.patch(ref, { type: 'merge', body: { spec: { replicas: 5 } } })
    await deps.client.patch(ref, { type: 'merge', body: { metadata: { labels: { later: 'yes' } } } })
    await cluster.seen()
    const preview = await undoPreview(deps, revision(scaled))
    assert.deepEqual(preview.changes, [{ path: 'spec.replicas', before: 5, after: 3 }])
    await undo(deps, revision(scaled))
    await cluster.seen()
    assert.equal((current()?.['spec'] as { replicas: number }).replicas, 3)
    assert.equal(current()?.metadata.labels?.['later'], 'yes')
  })

  test('a field that moved on is not overwritten', async () => {
    const first = await deps.client.patch(ref, { type: 'merge', body: { spec: { replicas: 7 } } })
    await deps.client.patch(ref, { type: 'merge', body: { spec: { replicas: 8 } } })
    await cluster.seen()
    const preview = await undoPreview(deps, revision(first))
    assert.equal(preview.possible, false)
    assert.match(preview.say, /spec\.replicas has been changed again/)
    await assert.rejects(undo(deps, revision(first)), /changed again/)
  })

  test('what a controller did cannot be undone', async () => {
    const byController = await cluster.as('controller:deployment-controller').patch(ref, { type: 'merge', body: { metadata: { annotations: { a: 'b' } } } })
    await cluster.seen()
    assert.match((await undoPreview(deps, revision(byController))).say, /Only what a person did/)
  })
})

test('an inverse patch restores removed keys and removes added ones', () => {
  assert.deepEqual(inversePatch({ data: { a: '1', gone: 'x' } }, { data: { a: '2', added: 'y' } }, { data: { a: '2', added: 'y', other: 'z' } }), { patch: { data: { a: '1', gone: 'x', added: null } } })
})
