import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../../core/api/types/core.ts'
import { nodeState } from '../../../core/api/state/node-state.ts'
import { podState } from '../../../core/api/state/pod-state.ts'
import { bytes, duration, goDuration, imageVersion, quantityValue, shortImage } from '../../../core/api/state/sentences.ts'
import { stateOf } from '../../../core/api/state/state-of.ts'
import { Objects } from '../../../renderer/cluster/objects.ts'
import { Maker } from '../../renderer/fixture/objects.ts'
import type { KubeObject } from '../../../core/api/meta.ts'
import type { Node } from '../../../core/api/types/core.ts'

const now = Date.UTC(2026, 10, 22, 12, 0, 0)
const view = (make: Maker) => {
  const objects = new Objects()
  objects.apply(make.objects.map((object) => ({ type: 'ADDED' as const, object, revision: 1 })), 1)
  return objects
}
const lonePod = (status: Record<string, unknown>, spec: Record<string, unknown> = {}, meta: Record<string, unknown> = {}): Pod =>
  new Maker(now).add('Pod', 'v1', 'default', 'web', { spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'nginx:1.26' }], ...spec }, status }, meta) as KubeObject as Pod
const waiting = (reason: string, message: string) => ({ phase: 'Pending', containerStatuses: [{ name: 'main', image: 'nginx:1.99', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason, message } } }] })
const say = (pod: Pod) => {
  const { mark, say: words, why } = podState(pod, { now })
  return [mark, words, why]
}

test('a Pod: ready, starting, waiting for its check, failing its check', () => {
  const make = new Maker(now)
  assert.deepEqual(say(lonePod(make.ready('nginx'))), ['ready', 'ready', undefined])
  assert.deepEqual(say(lonePod({ phase: 'Pending' })), ['moving', 'starting', 'waits for n1 to take it'])
  const probed = { containers: [{ name: 'main', image: 'nginx', readinessProbe: { httpGet: { path: '/ok', port: 'http' }, initialDelaySeconds: 5, periodSeconds: 2 }, ports: [{ name: 'http', containerPort: 8080 }] }] }
  assert.deepEqual(say(lonePod(make.running('nginx', now - 3_000), probed)), ['moving', 'first check in 2 s', 'must answer GET /ok on port 8080'])
  assert.deepEqual(say(lonePod(make.running('nginx', now - 8_000), probed)), ['moving', 'starting', 'must answer GET /ok on port 8080'])
  assert.deepEqual(say(lonePod(make.running('nginx', now - 60_000), probed)), ['degraded', 'runs, but is not ready', 'does not answer GET /ok on port 8080'])
})

test('a crash loop says the code, how often, and when it is tried again', () => {
  const make = new Maker(now)
  assert.deepEqual(say(lonePod(make.crashing('nginx', 6, '2m40s', 160_000, 112_000))), ['failing', 'exits with code 1', '6 times; next try in 1:52'])
  const memory = make.crashing('nginx', 1, '10s', 10_000, -1)
  const container = (memory['containerStatuses'] as { lastState: { terminated: Record<string, unknown> } }[])[0]!
  container.lastState.terminated['reason'] = 'OOMKilled'
  assert.deepEqual(say(lonePod(memory)), ['failing', 'runs out of memory', 'once; trying again now'])
})

test('an image that cannot be had: one sentence why', () => {
  assert.deepEqual(say(lonePod(waiting('ErrImagePull', 'manifest for nginx:1.99 not found: manifest unknown'))), ['failing', 'cannot pull nginx:1.99', 'the registry has no such image'])
  assert.deepEqual(say(lonePod(waiting('ErrImagePull', 'dial tcp: lookup registry: no such host'))), ['failing', 'cannot pull nginx:1.99', 'the registry does not answer'])
  assert.deepEqual(say(lonePod(waiting('ImagePullBackOff', 'Back-off pulling image'))), ['failing', 'cannot pull nginx:1.99', 'trying again, with growing pauses'])
  assert.deepEqual(say(lonePod(waiting('InvalidImageName', 'x'))), ['failing', 'cannot pull nginx:1.99', 'that is no image name'])
})

test('leaving, finished, evicted, and a machine out of reach', () => {
  assert.deepEqual(say(lonePod(new Maker(now).ready('nginx'), {}, { deletionTimestamp: '2026-11-22T12:00:03Z' })), ['leaving', 'stopping, ends in 3 s at most', undefined])
  assert.deepEqual(say(lonePod({ phase: 'Succeeded' })), ['finished', 'finished', undefined])
  assert.deepEqual(say(lonePod({ phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' })), ['failing', 'was evicted', 'the node was low on memory'])
  const node = new Maker(now).node('n1', { cpu: '1', memory: '1Gi', ready: 'Unknown' }) as Node
  assert.equal(podState(lonePod(new Maker(now).ready('nginx')), { now, node }).mark, 'unreachable')
  assert.equal(nodeState(node, now).mark, 'unreachable')
})

test('init containers: which step of how many', () => {
  const spec = { initContainers: [{ name: 'schema', image: 'a' }, { name: 'seed', image: 'a' }] }
  const init = (first: object, second: object) => ({ phase: 'Pending', initContainerStatuses: [{ name: 'schema', image: 'a', imageID: '', ready: true, restartCount: 0, state: first }, { name: 'seed', image: 'a', imageID: '', ready: false, restartCount: 0, state: second }] })
  assert.deepEqual(say(lonePod(init({ terminated: { exitCode: 0 } }, { running: {} }), spec)), ['moving', 'prepares: step 2 of 2, seed', 'its containers start when this ends'])
  assert.deepEqual(say(lonePod(init({ terminated: { exitCode: 3 } }, {}), spec)), ['failing', 'schema exits with code 3', 'the first time'])
})

test('a Pod too big: both numbers, and the machine that comes closest', () => {
  const make = new Maker(now)
  make.node('mini-pc', { cpu: '4', memory: '2Gi' })
  make.node('laptop', { cpu: '8', memory: '4Gi' })
  make.add('Pod', 'v1', 'default', 'there', { spec: { nodeName: 'laptop', containers: [{ name: 'a', image: 'a', resources: { requests: { memory: '2662Mi' } } }] }, status: { phase: 'Running' } })
  const pod = make.add('Pod', 'v1', 'default', 'big', {
    spec: { containers: [{ name: 'a', image: 'a', resources: { requests: { memory: '3Gi' } } }] },
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.' }] },
  })
  const state = stateOf(pod, view(make), now)
  assert.deepEqual([state.mark, state.say], ['waiting', 'needs 3 GiB, most free is 2 GiB on mini-pc'])
  assert.equal(state.why, 'displacing other Pods would not help')
  const nominated = { ...pod, status: { ...(pod['status'] as object), nominatedNodeName: 'laptop' } }
  assert.deepEqual(stateOf(nominated, view(make), now), { mark: 'waiting', say: 'waits for room on laptop', why: 'Pods of lower priority leave it first' })
})

test('a Deployment: ready, scaling, a typo while old Pods serve, paused, scaled to 0', () => {
  const make = new Maker(now)
  const web = make.deployment('default', 'web', { app: 'web', replicas: 3, image: 'nginx:1.99', revision: 2 })
  const fresh = make.set(web, 'b', { revision: 2, replicas: 1, ready: 0 })
  const old = make.set(web, 'a', { revision: 1, replicas: 3, image: 'nginx:1.26' })
  make.pod(fresh, 'n', 'n1', waiting('ErrImagePull', 'not found'))
  for (const suffix of ['x', 'y', 'z']) make.pod(old, suffix, 'n1', make.ready('nginx:1.26'))
  const state = stateOf(web, view(make), now)
  assert.deepEqual([state.mark, state.say, state.why], ['failing', 'cannot pull nginx:1.99', 'the registry has no such image; 3 of 3 keep serving'])
  const paused = { ...web, spec: { ...(web['spec'] as object), paused: true } } as KubeObject
  const calm = new Maker(now)
  calm.objects.push(paused, { ...fresh, spec: { ...(fresh['spec'] as object), replicas: 0 }, status: { replicas: 0 } } as KubeObject, old)
  for (const suffix of ['x', 'y', 'z']) calm.pod(old, suffix, 'n1', make.ready('nginx:1.26'))
  assert.equal(stateOf(paused, view(calm), now).mark, 'waiting')
  const none = new Maker(now)
  assert.equal(stateOf(none.deployment('default', 'web', { app: 'web', replicas: 0, image: 'a' }), view(none), now).say, 'scaled to 0')
  const two = new Maker(now)
  const small = two.deployment('default', 'web', { app: 'web', replicas: 3, image: 'a' })
  const set = two.set(small, 'a', { revision: 1, replicas: 3, ready: 1 })
  two.pod(set, 'x', 'n1', two.ready('a'))
  two.pod(set, 'y', 'n1', { phase: 'Pending' })
  assert.deepEqual([stateOf(small, view(two), now).mark, stateOf(small, view(two), now).why], ['moving', '1 of 3 ready'])
})

test('a Service says who answers', () => {
  const make = new Maker(now)
  const web = make.deployment('default', 'web', { app: 'web', replicas: 2, image: 'a' })
  const set = make.set(web, 'a', { revision: 1, replicas: 2 })
  const x = make.pod(set, 'x', 'n1', make.ready('a'))
  const y = make.pod(set, 'y', 'n1', { phase: 'Pending' })
  const service = make.service('default', 'web', 'web', 'web', [{ pod: x, ready: true }, { pod: y, ready: false }])
  assert.equal(stateOf(service, view(make), now).say, '2 ready'.replace('2', '1') + ', 1 starting')
  const lost = new Maker(now)
  const nobody = lost.service('default', 'web', 'web', 'web', [])
  assert.deepEqual([stateOf(nobody, view(lost), now).mark, stateOf(nobody, view(lost), now).why], ['degraded', 'no Pod has app=web, tier=web'])
})

test('numbers as sentences say them', () => {
  assert.deepEqual([duration(4_000), duration(112_000), duration(7_500_000), duration(200_000_000)], ['4 s', '1:52', '2 h 5 min', '2 d'])
  assert.deepEqual([bytes(2 * 1024 ** 3), bytes(1.4 * 1024 ** 3), bytes(212 * 1024 ** 2)], ['2 GiB', '1.4 GiB', '212 MiB'])
  assert.deepEqual([quantityValue('250m'), quantityValue('2Gi'), quantityValue('1.5'), quantityValue('nonsense')], [0.25, 2 * 1024 ** 3, 1.5, 0])
  assert.deepEqual([goDuration('2m40s'), goDuration('10s'), goDuration('x')], [160_000, 10_000, undefined])
  assert.deepEqual([shortImage('ghcr.io/a/b:1.2'), imageVersion('localhost:5000/nginx'), imageVersion('nginx@sha256:0123456789'), imageVersion('nginx:1.26')], ['b:1.2', 'latest', '01234567', '1.26'])
})

test('a DaemonSet and a ReplicationController', () => {
  const make = new Maker(now)
  const counts = { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3, numberMisscheduled: 0, observedGeneration: 1 }
  const daemons = (status: Record<string, unknown>, updateStrategy = 'RollingUpdate', generation = 1) => {
    const ds = make.add('DaemonSet', 'apps/v1', 'default', 'agent', { spec: { updateStrategy: { type: updateStrategy }, template: { spec: { containers: [{ name: 'main', image: 'agent:2' }] } } }, status: { ...counts, ...status } }, { generation })
    make.add('Pod', 'v1', 'default', 'agent-a', { spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'agent:1' }] }, status: make.ready('agent:1') }, { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: ds.metadata.uid, controller: true }] })
    const { mark, say, why } = stateOf(ds, view(make), now)
    return [mark, say, why]
  }
  assert.deepEqual(daemons({}), ['ready', '3 of 3 ready', undefined])
  assert.deepEqual(daemons({ updatedNumberScheduled: 1, numberReady: 2 }), ['moving', 'rolling out 2', '1 of 3 replaced'])
  assert.deepEqual(daemons({ updatedNumberScheduled: 2 }, 'OnDelete'), ['ready', '3 of 3 ready', '1 Pod is old until somebody deletes it'])
  assert.deepEqual(daemons({ numberReady: 2 }), ['moving', '2 of 3 ready', '3 nodes suit it'])
  assert.deepEqual(daemons({ numberMisscheduled: 1 }), ['ready', '3 of 3 ready', '1 more on nodes that no longer suit'])
  assert.deepEqual(daemons({}, 'RollingUpdate', 2), ['moving', 'changing', undefined])
  const rc = make.add('ReplicationController', 'v1', 'default', 'rc', { spec: { replicas: 0 }, status: { replicas: 0 } })
  assert.equal(stateOf(rc, view(make), now).say, 'scaled to 0')
})
