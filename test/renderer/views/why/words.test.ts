import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chainNodes, clipped } from '../../../../renderer/views/why/chain.ts'
import { conditionSentences, containerSentence, probeSentence } from '../../../../renderer/views/inspector/sentences.ts'
import { eventsOf } from '../../../../renderer/views/inspector/events-of.ts'
import { factsOf } from '../../../../renderer/views/inspector/facts/facts-of.ts'
import { relationsOf } from '../../../../renderer/views/inspector/relations/relations-of.ts'
import { resultWords, reviewWords } from '../../../../renderer/views/deploy/review-words.ts'
import { actorWords } from '../../../../renderer/words/actors.ts'
import { worldOf } from '../../../../renderer/words/world.ts'
import { typo, typoNow } from '../../fixture/typo.ts'

test('the chain leads from you to what stands in the way', () => {
  const nodes = chainNodes(typo().why!, ['nginx:1.62'])
  assert.deepEqual(nodes.map((n) => [n.type, n.title]), [['person', 'You'], ['object', 'Deployment'], ['object', 'ReplicaSet'], ['object', 'Pod'], ['obstacle', 'nginx:1.62']])
  assert.equal(nodes[0]?.say, 'tag 1.26 to 1.62')
  assert.equal(nodes.at(-2)?.state?.mark, 'failing')
  assert.equal(clipped('a sentence that is much too long to stand there', 20), 'a sentence that is…')
})

test('of trouble the chain tells how it began; where all is well again, how that came', () => {
  const why = typo().why!
  const pod = why.chain.at(-1)!
  const became = { ...pod, say: 'became ready', why: 'GET / answered', atMs: pod.atMs + 60_000 }
  const below = (mark: 'failing' | 'ready') => chainNodes({ ...why, chain: [...why.chain, became], state: { ...why.state, mark } }, []).findLast(({ ref }) => ref?.kind === 'Pod')
  assert.equal(below('ready')?.say, 'became ready')
  assert.notEqual(below('failing')?.say, 'became ready')
})

test('conditions and containers are sentences', () => {
  assert.deepEqual(conditionSentences('Pod', [{ type: 'Ready', status: 'False', message: 'not yet' }])[0], { mark: 'degraded', text: 'It takes no traffic.', detail: 'not yet' })
  assert.equal(conditionSentences('Node', [{ type: 'DiskPressure', status: 'True' }])[0]?.text, 'Its disk runs out.')
  assert.equal(conditionSentences('Node', [{ type: 'Ready', status: 'Unknown' }])[0]?.mark, 'unreachable')
  const oom = { name: 'c', image: '', imageID: '', ready: false, restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-22T12:00:00Z' } } }
  const said = containerSentence(oom, Date.parse('2026-11-22T12:00:30Z'))
  assert.deepEqual([said.mark, said.detail], ['failing', 'Before that it was ended: it needed more memory than its limit, 30 s ago.'])
  assert.match(probeSentence('readiness', { httpGet: { path: '/', port: 80 }, periodSeconds: 5 }), /Takes traffic while GET \/ on port 80 answers, asked every 5 s; none after 3 misses/)
})

test('facts, relations and Events of an object', () => {
  const scene = typo()
  const world = worldOf(scene.objects)
  const pod = scene.objects.find((o) => o.metadata.name.endsWith('p9x4k'))!
  assert.deepEqual(factsOf(world, pod, typoNow).slice(0, 2).map((f) => f.value), ['1 min 19 s', 'none'])
  assert.deepEqual(relationsOf(world, pod).map((r) => r.say), ['made by', 'part of', 'runs on', 'gets traffic from'])
  const events = eventsOf(world, pod)
  assert.deepEqual(events.map((e) => e.reason), ['BackOff', 'Failed', 'Pulling', 'Scheduled'])
  assert.equal(events[0]?.count, 4)
})

test('reviews and half-done results say what was and was not written', () => {
  const document = (index: number, action: 'create' | 'change' | 'same' | 'invalid') => ({ index, ref: { kind: 'ConfigMap', name: `c${index}` }, fromLine: 1, toLine: 2, action, changes: [], problems: [] })
  assert.equal(reviewWords({ ok: true, documents: [document(0, 'create'), document(1, 'change'), document(2, 'same')] }).title, 'Applying this creates c0 and changes c1.')
  assert.equal(reviewWords({ ok: true, documents: [document(0, 'same')] }).changed, 0)
  assert.equal(reviewWords({ ok: false, documents: [document(0, 'invalid')] }).mark, 'failing')
  const result = resultWords({ written: [{ ref: { kind: 'Secret', name: 'a' }, action: 'create' }], failed: { ref: { kind: 'Service', name: 'b' }, status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'no' } }, notWritten: [{ kind: 'Pod', name: 'c' }] })
  assert.deepEqual(result, { title: 'Part of it was written', written: 'Secret a', left: 'Service b and Pod c', why: 'no' })
})

test('actors have plain names', () => {
  assert.deepEqual(['user:admin', 'controller:deployment-controller', 'node:mini-pc', 'scheduler', 'system'].map(actorWords), ['You', 'Deployment', 'mini-pc', 'Scheduler', 'Orrery'])
})
