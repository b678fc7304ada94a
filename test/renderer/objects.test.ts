import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Objects } from '../../renderer/cluster/objects.ts'
import { mergeEntries, storiesOf } from '../../renderer/cluster/stories.ts'
import { formatAddress, parseAddress } from '../../renderer/state/address.ts'
import { comboOf } from '../../renderer/state/keyboard.ts'
import { actorOf } from '../../renderer/cluster/actors.ts'
import { tellingSteps } from '../../renderer/cluster/telling.ts'
import { feedOf } from '../../renderer/views/home/feed.ts'
import { shortNames, spoken } from '../../renderer/words/spoken.ts'
import { home } from './fixture/home.ts'

const scene = home()
const added = scene.objects.map((object) => ({ type: 'ADDED' as const, object, revision: Number(object.metadata.resourceVersion) }))

test('indexes follow additions, changes and removals', () => {
  const objects = new Objects()
  objects.apply(added, 5_000)
  assert.equal(objects.size, scene.objects.length)
  const set = objects.get('ReplicaSet', 'default', 'nginx-deployment-7c9')!
  assert.equal(objects.ownedBy(set.metadata.uid, 'Pod').length, 2)
  assert.equal(objects.podsOn('laptop').length, 2)
  const pod = objects.get('Pod', 'default', 'nginx-deployment-7c9-q9d4t')!
  const moved = { ...pod, spec: { ...(pod['spec'] as object), nodeName: 'raspberry' } }
  const kinds = objects.apply([{ type: 'MODIFIED', object: moved, revision: 5_001 }], 5_001)
  assert.deepEqual([...kinds], ['Pod'])
  assert.equal(objects.podsOn('laptop').length, 1)
  assert.equal(objects.podsOn('raspberry').some((one) => one.metadata.uid === pod.metadata.uid), true)
  objects.apply([{ type: 'DELETED', object: moved, revision: 5_002 }], 5_002)
  assert.equal(objects.byUid(pod.metadata.uid), undefined)
  assert.equal(objects.ownedBy(set.metadata.uid, 'Pod').length, 1)
  assert.equal(objects.revision, 5_002)
})

test('an array is the same one until its kind changes', () => {
  const objects = new Objects()
  objects.apply(added, 5_000)
  const pods = objects.list('Pod')
  const node = objects.list('Node')[0]!
  objects.apply([{ type: 'MODIFIED', object: { ...node }, revision: 5_001 }], 5_001)
  assert.equal(objects.list('Pod'), pods)
})

test('entries are kept once and in order, whatever order they come in', () => {
  const { journal } = scene
  const merged = mergeEntries(journal.slice(5), [...journal.slice(0, 8)], 1_000)
  assert.deepEqual(merged.map((entry) => entry.revision), journal.map((entry) => entry.revision))
  assert.equal(mergeEntries(journal, [], 10), journal)
  assert.equal(mergeEntries(journal, [{ ...journal[0]!, revision: 99_999 }], 3).length, 3)
})

test('stories: by root, newest first, a person named as such', () => {
  const [first] = storiesOf(scene.journal)
  assert.equal(first!.byUser, true)
  assert.equal(first!.steps[0]!.say, 'updated nginx to 1.26')
  assert.equal(first!.steps.length, 9)
})

test('an address comes back as it was written', () => {
  for (const hash of ['#/graph', '#/objects?kind=Pod', '#/open/Pod/default/web-1/logs', '#/open/Node/-/mini-pc', '#/graph?sel=Pod%2Fdefault%2Fweb-1', '#/deploy']) {
    const { address, selection } = parseAddress(hash)
    assert.equal(formatAddress(address, selection), hash)
  }
  assert.equal(parseAddress('#/open/Pod').address.view, 'graph')
  assert.equal(parseAddress('#/nowhere').address.view, 'graph')
  assert.deepEqual(parseAddress('#/open/Pod/a%2Fb/c').address.ref, { kind: 'Pod', namespace: 'a/b', name: 'c' })
})

test('keys: mod is Ctrl, or the command key on a Mac', () => {
  const event = { key: 'k', ctrlKey: true, metaKey: false, altKey: false, shiftKey: false }
  assert.equal(comboOf(event, false), 'mod+k')
  assert.equal(comboOf(event, true), 'ctrl+k')
  assert.equal(comboOf({ ...event, ctrlKey: false, altKey: true, key: 'ArrowLeft' }, false), 'alt+left')
  assert.equal(comboOf({ ...event, ctrlKey: false, shiftKey: true, key: '+' }, false), '+')
})

test('labels are found by index and follow changes', () => {
  const objects = new Objects()
  objects.apply(added, 5_000)
  assert.equal(objects.labelled('Pod', 'default', { app: 'nginx' }).length, 5)
  assert.equal(objects.labelled('Pod', 'default', { app: 'nginx', tier: 'nginx-deployment' }).length, 5)
  assert.equal(objects.labelled('Pod', 'other', { app: 'nginx' }).length, 0)
  const pod = objects.get('Pod', 'default', 'nginx-deployment-7c9-q9d4t')!
  objects.apply([{ type: 'MODIFIED', object: { ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } }, revision: 5_001 }], 5_001)
  assert.equal(objects.labelled('Pod', 'default', { app: 'nginx' }).length, 4)
})

test('the feed: what goes on is a story, the rest one row each, repetitions folded, bookkeeping left to Changes', () => {
  const stories = storiesOf(scene.journal)
  const feed = feedOf(stories, scene.nowMs, new Map(), 12)
  assert.deepEqual(feed.active.map((story) => story.steps[0]!.say), ['updated nginx to 1.26'])
  assert.deepEqual(feed.settled.map((row) => `${row.subject} ${row.say}`), ['raspberry exited again, code 1', 'You deployed jellyfin', 'raspberry was out of reach for 41 s', 'You gave gitea-db 512 MiB more memory'])
  assert.equal(feed.settled[0]!.why, 'cannot reach 192.168.1.20:1883: refused; 3 times')
  const run = (minute: number) => ({ ...scene.journal.find(({ led }) => led.length === 0)!, revision: 9_900 + minute, root: 9_900 + minute, led: [], actor: 'controller:cronjob-controller', code: 'SuccessfulCreate', say: `started backup-2992287${minute}`, why: 'its minute has come', ref: { kind: 'Job', namespace: 'default', name: `backup-2992287${minute}` } })
  assert.equal(feedOf(storiesOf([...scene.journal, run(1), run(2)]), scene.nowMs, new Map(), 12).settled.filter((row) => row.say.startsWith('started backup')).length, 1, 'runs by the clock are one row')
  const { steps, told } = stories[0]!
  assert.equal(told.length, 8)
  const noted = { ...steps[1]!, revision: 9_000, verb: 'update' as const, code: 'StatusUpdated', say: 'waiting for 1 of 3 Pods' }
  const made = { ...steps[1]!, revision: 9_001, actor: 'controller:replicaset-controller', code: 'SuccessfulCreate', say: 'started a Pod', led: [steps[1]!.revision] }
  assert.equal(tellingSteps([...steps, noted, { ...made, led: [] }]).length, 9, 'a ReplicaSet that acts by itself is told')
  assert.equal(tellingSteps([...steps.map((step) => (step === steps[1] ? { ...step, code: 'ScalingReplicaSet' } : step)), noted, made]).length, 8, 'one that was told to is not')
  assert.deepEqual(spoken({ actor: 'node:vm', code: 'Ready', say: 'gv4sm is ready', why: 'port 80 answers', ref: { kind: 'Pod', name: 'web-68bf9f694d-gv4sm' } }), { who: 'gv4sm', say: 'is ready', why: 'port 80 answers' })
  assert.equal(shortNames('placed web-68bf9f694d-gv4sm on sim-3'), 'placed gv4sm on sim-3')
  assert.equal(actorOf('user:kubernetes-admin').name, 'You')
  assert.equal(actorOf('user:maria').name, 'maria')
})
