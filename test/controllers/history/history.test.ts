/** The history of Pod templates: found, brought back, made, cut short. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewObject } from '../../../core/api/meta.ts'
import type { ControllerRevision, StatefulSet } from '../../../core/api/types/apps.ts'
import type { PodTemplateSpec } from '../../../core/api/types/core.ts'
import { deepFreeze } from '../../../core/base/freeze.ts'
import { chooseRevision, dropOldRevisions, revisionData, revisionHash, revisionsOf, templateOf } from '../../../core/controllers/history/history.ts'
import { Cache } from '../../../core/loop/cache.ts'

const meta = (name: string, more: object = {}) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...more })
const template = (image: string): PodTemplateSpec => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } })
const owner = deepFreeze({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: meta('web', { annotations: { note: 'kept' } }),
  spec: { selector: { matchLabels: { app: 'web' } }, template: template('nginx:2') },
  status: { replicas: 0 },
} as unknown as StatefulSet)
const mine = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'web', controller: true, blockOwnerDeletion: true }], labels: { app: 'web' } }

const revision = (name: string, number: number, image: string, more: object = mine): ControllerRevision =>
  deepFreeze({ apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: meta(name, more), revision: number, data: revisionData(template(image)) } as ControllerRevision)

function world(...revisions: ControllerRevision[]) {
  const cache = new Cache()
  cache.replace([owner, ...revisions], 1)
  return cache
}

const choose = (snapshot: Cache, image: string, collisionCount?: number) =>
  chooseRevision({ owner, template: template(image), revisions: revisionsOf(owner, owner.spec.selector, snapshot).revisions, collisionCount, hashLabel: 'controller.kubernetes.io/hash', snapshot })

test('the first template is made revision 1, named for the owner and a hash', () => {
  const chosen = choose(world(), 'nginx:1')
  assert.match(chosen.name, /^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
  assert.equal(chosen.number, 1)
  const [step] = chosen.steps
  assert.ok(step?.do === 'create')
  const object = step.object as NewObject & ControllerRevision
  assert.deepEqual(object.data, { spec: { template: { ...template('nginx:1'), $patch: 'replace' } } })
  assert.deepEqual(object.metadata.labels, { app: 'web', 'controller.kubernetes.io/hash': chosen.name.slice(4) })
  assert.deepEqual(object.metadata.annotations, { note: 'kept' })
  assert.deepEqual(object.metadata.ownerReferences, mine.ownerReferences)
  assert.deepEqual(templateOf(object), template('nginx:1'))
})

test('the newest of the same data stays; an older one is brought back with the next number', () => {
  const history = world(revision('web-a', 1, 'nginx:1'), revision('web-b', 4, 'nginx:2'))
  assert.deepEqual(choose(history, 'nginx:2').steps, [])
  assert.equal(choose(history, 'nginx:2').number, 4)
  const back = choose(history, 'nginx:1')
  assert.deepEqual([back.name, back.number, back.stored?.revision], ['web-a', 5, 1])
  assert.deepEqual(back.steps.map((step) => step.do === 'patch' && step.patch), [{ metadata: { resourceVersion: '1' }, revision: 5 }])
  assert.equal(choose(history, 'nginx:3').number, 5)
})

test('defaults that the server learned since make no new revision', () => {
  const full = choose(world(), 'nginx:1')
  assert.equal(full.steps.length, 1)
  const defaulted: PodTemplateSpec = {
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [{ name: 'web', image: 'nginx:1', imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      schedulerName: 'default-scheduler',
    },
  }
  const snapshot = world(revision('web-a', 1, 'nginx:1'))
  const chosen = chooseRevision({ owner, template: defaulted, revisions: revisionsOf(owner, owner.spec.selector, snapshot).revisions, collisionCount: 0, hashLabel: 'h', snapshot })
  assert.deepEqual([chosen.name, chosen.steps.length], ['web-a', 0])
})

test('a name taken by other data counts as a collision; taken by the same data it is used', () => {
  const name = `web-${revisionHash(template('nginx:1'), 0)}`
  const collided = choose(world(revision(name, 1, 'nginx:other', {})), 'nginx:1')
  assert.equal(collided.collisionCount, 1)
  assert.equal(collided.name, `web-${revisionHash(template('nginx:1'), 1)}`)
  const shared = choose(world(revision(name, 7, 'nginx:1', {})), 'nginx:1')
  assert.deepEqual([shared.collisionCount, shared.name, shared.steps], [0, name, []])
})

test('orphans that match are adopted, owned ones that no longer match are passed over or released', () => {
  const snapshot = world(revision('web-orphan', 1, 'nginx:1', { labels: { app: 'web' } }), revision('web-other', 2, 'nginx:2', { ...mine, labels: { app: 'other' } }), revision('web-c', 3, 'nginx:3'))
  const kept = revisionsOf(owner, owner.spec.selector, snapshot)
  assert.deepEqual(kept.revisions.map(({ metadata }) => metadata.name), ['web-orphan', 'web-c'])
  assert.deepEqual(kept.steps.map(({ because }) => because.code), ['Adopted'])
  assert.deepEqual(revisionsOf(owner, owner.spec.selector, snapshot, { releases: true }).steps.map(({ because }) => because.code), ['Released', 'Adopted'])
})

test('old revisions beyond the limit go, oldest first, never one in use', () => {
  const revisions = ['a', 'b', 'c', 'd'].map((name, i) => revision(name, i + 1, `nginx:${i}`))
  const dropped = (live: string[], limit: number) => dropOldRevisions(revisions, new Set(live), limit).map((step) => step.do === 'delete' && step.ref.name)
  assert.deepEqual(dropped(['d'], 1), ['a', 'b'])
  assert.deepEqual(dropped(['a', 'd'], 0), ['b', 'c'])
  assert.deepEqual(dropped(['d'], 3), [])
  assert.deepEqual(dropped(['d'], -1), [])
})
