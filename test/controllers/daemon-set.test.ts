import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timestamp, type NewObject } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { ControllerRevision, DaemonSet, ReplicaSet } from '../../core/api/types/apps.ts'
import type { Event, Node, Pod, PodSpec } from '../../core/api/types/core.ts'
import { daemonTolerations, targetNode } from '../../core/controllers/daemon-set/daemon-pod.ts'
import { eligibilityOf } from '../../core/controllers/daemon-set/eligibility.ts'
import { updateLimits } from '../../core/controllers/daemon-set/limits.ts'
import { allControllers, namespace, startCluster, type Cluster } from './cluster.ts'

const agent = { kind: 'DaemonSet', namespace: 'default', name: 'agent' }
const template = { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'agent:1' }] } }
const daemonSet = (spec: Record<string, unknown> = {}): NewObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'agent' } }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, revisionHistoryLimit: 10, template, ...spec },
})
const node = (name: string, spec: Record<string, unknown> = {}, labels: Record<string, string> = {}): NewObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec, status: {} })

const started = (...names: string[]): Promise<Cluster> =>
  startCluster(allControllers().filter(({ name }) => names.includes(name)), (world) => {
    world.put(namespace('default'))
    for (const name of ['n1', 'n2', 'n3']) world.put(node(name))
  })
const pods = ({ world }: Cluster) => world.list<Pod>('Pod')
const reasons = ({ world }: Cluster) => new Set(world.list<Event>('Event').map(({ reason }) => reason))

/** Plays scheduler and kubelet until nothing changes; `outcome` says how each Pod fares. */
async function run(cluster: Cluster, outcome: (pod: Pod) => 'ready' | 'Failed' = () => 'ready'): Promise<void> {
  const client = cluster.world.client('node')
  for (let quiet = 0; quiet < 5; ) {
    const before = cluster.world.revision
    for (const pod of pods(cluster)) {
      const ref = { kind: 'Pod', namespace: 'default', name: pod.metadata.name }
      if (pod.metadata.deletionTimestamp !== undefined) await client.delete(ref, { gracePeriodSeconds: 0 })
      else if (!pod.spec.nodeName) await client.bind(ref, targetNode(pod) ?? '')
      else if (pod.status.phase === 'Pending') {
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(cluster.clock.now()) }]
        const fate = outcome(pod)
        await client.patch(ref, { type: 'merge', body: { status: fate === 'ready' ? { phase: 'Running', conditions } : { phase: 'Failed' } } }, { subresource: 'status' })
      }
    }
    await cluster.clock.run(50)
    quiet = cluster.world.revision === before ? quiet + 1 : 0
  }
}

test('a new node gets its Pod, a tainted one keeps it or loses it', async () => {
  const cluster = await started('daemonset-controller')
  cluster.apply(daemonSet())
  await run(cluster)
  assert.deepEqual(pods(cluster).map(({ spec }) => spec.nodeName).sort(), ['n1', 'n2', 'n3'])
  cluster.world.put(node('n4'))
  await run(cluster)
  assert.equal(pods(cluster).length, 4)
  const taint = (name: string, effect: string) => cluster.world.client('user:me').patch({ kind: 'Node', name }, { type: 'merge', body: { spec: { taints: [{ key: 'k', effect }] } } })
  await taint('n1', 'NoSchedule')
  await taint('n2', 'NoExecute')
  await run(cluster)
  assert.deepEqual(pods(cluster).map(({ spec }) => spec.nodeName).sort(), ['n1', 'n3', 'n4'])
  const { desiredNumberScheduled, numberMisscheduled } = cluster.world.get<DaemonSet>('DaemonSet', 'default', 'agent')!.status
  assert.deepEqual([desiredNumberScheduled, numberMisscheduled], [2, 1])
  await cluster.stop()
})

test('a Pod that fails again and again is tried after 1 s, 2 s, 4 s …; a new template is tried at once', async () => {
  const cluster = await started('daemonset-controller')
  const failing = (pod: Pod) => (pod.spec.nodeName === 'n2' && pod.spec.containers[0]?.image === 'agent:1' ? 'Failed' : 'ready')
  const startedAt: number[] = []
  let seen = ''
  cluster.cache.subscribe(() => {
    const uid = pods(cluster).find((pod) => targetNode(pod) === 'n2' && pod.status.phase === 'Pending')?.metadata.uid
    if (uid && uid !== seen) startedAt.push(cluster.clock.now())
    seen = uid ?? seen
  })
  cluster.apply(daemonSet())
  const start = cluster.clock.now()
  while (cluster.clock.now() - start < 20_000) await run(cluster, failing)
  // Of creation times only whole seconds are known: a wait may be up to one shorter.
  const waits = startedAt.slice(1).map((at, i) => (at - startedAt[i]!) / 1000)
  for (const [i, wait] of [0, 1, 2, 4, 8].entries()) assert.ok(waits[i] !== undefined && waits[i]! > wait - 1 && waits[i]! < wait + 0.7, `waits ${waits.join(', ')}`)
  assert.ok(reasons(cluster).has('FailedDaemonPod'))
  const before = startedAt.length
  await cluster.world.client('user:me').patch(agent, { type: 'merge', body: { spec: { template: { spec: { containers: [{ name: 'agent', image: 'agent:2' }] } } } } })
  await run(cluster, failing)
  assert.equal(startedAt.length, before + 1)
  assert.equal(cluster.world.get<DaemonSet>('DaemonSet', 'default', 'agent')?.status.numberReady, 3)
  assert.equal(cluster.world.list<ControllerRevision>('ControllerRevision').length, 2)
  await cluster.stop()
})

const exceeded = 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'

test('what quota refuses is told by conditions and Events, and both end with it', async () => {
  for (const [kind, name] of [['ReplicaSet', 'replicaset-controller'], ['ReplicationController', 'replicationcontroller-controller']] as const) {
    const cluster = await started(name)
    const { world } = cluster
    world.refuse = (verb, { kind: what }) => {
      if (verb === 'create' && what === 'Pod' && pods(cluster).length >= 2) throw new ApiError('Forbidden', exceeded)
    }
    cluster.apply({ apiVersion: kind === 'ReplicaSet' ? 'apps/v1' : 'v1', kind, metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 3, selector: kind === 'ReplicaSet' ? { matchLabels: { app: 'agent' } } : { app: 'agent' }, template } })
    const status = () => world.get<ReplicaSet>(kind, 'default', 'web')!.status
    await cluster.clock.run(1_000)
    assert.deepEqual(status().conditions?.map(({ type, status: value, reason, message }) => [type, value, reason, message]), [['ReplicaFailure', 'True', 'FailedCreate', exceeded]])
    assert.equal(status().replicas, 2)
    await cluster.recorder.flush()
    assert.equal(world.list<Event>('Event').find(({ reason }) => reason === 'FailedCreate')?.message, `Error creating: ${exceeded}`)
    assert.equal(world.list<Event>('Event')[0]?.source?.component ?? world.list<Event>('Event')[0]?.reportingComponent, kind === 'ReplicaSet' ? 'replicaset-controller' : 'replication-controller')
    await world.client('user:me').patch({ kind, namespace: 'default', name: 'web' }, { type: 'merge', body: { spec: { replicas: 2 } } })
    await cluster.clock.run(1_000)
    assert.equal(status().conditions, undefined)
    await cluster.stop()
  }
})

test('a DaemonSet whose Pods are refused says so, and goes on when it can', async () => {
  const cluster = await started('daemonset-controller')
  cluster.world.refuse = (verb, { kind }) => {
    if (verb === 'create' && kind === 'Pod') throw new ApiError('Forbidden', exceeded)
  }
  cluster.apply(daemonSet())
  await cluster.clock.run(1_000)
  await cluster.recorder.flush()
  assert.ok(reasons(cluster).has('FailedCreate'))
  assert.equal(cluster.world.get<DaemonSet>('DaemonSet', 'default', 'agent')?.status.desiredNumberScheduled, 3)
  cluster.world.refuse = undefined
  await cluster.clock.run(30_000)
  assert.equal(pods(cluster).length, 3)
  await cluster.stop()
})

test('daemons tolerate what befalls nodes; a host network daemon also that there is no network', () => {
  const keys = (spec: Pick<PodSpec, 'tolerations' | 'hostNetwork'>) => daemonTolerations(spec).map(({ key, effect }) => `${key}:${effect}`)
  assert.equal(keys({}).length, 6)
  assert.ok(keys({ hostNetwork: true }).includes('node.kubernetes.io/network-unavailable:NoSchedule'))
  // One that is there already is brought into shape, not doubled.
  assert.equal(keys({ tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }] }).length, 6)
})

test('nodeName, selector and affinity of the template choose the nodes', () => {
  const on = (spec: Record<string, unknown>, name: string, labels = {}) => {
    const { runs } = eligibilityOf({ ...daemonSet({ template: { ...template, spec: { ...template.spec, ...spec } } }), status: {} } as unknown as DaemonSet)
    return runs(node(name, {}, labels) as unknown as Node)
  }
  assert.ok(on({ nodeName: 'a' }, 'a') && !on({ nodeName: 'a' }, 'b'))
  assert.ok(on({ nodeSelector: { disk: 'ssd' } }, 'a', { disk: 'ssd' }) && !on({ nodeSelector: { disk: 'ssd' } }, 'a'))
  const terms = (nodeSelectorTerms: unknown[]) => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } })
  const field = terms([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }])
  assert.ok(on(field, 'a') && !on(field, 'b'))
  assert.ok(!on(terms([]), 'a') && !on(terms([{}]), 'a'), 'no term, or an empty one, matches nothing')
  const gpus = terms([{ matchExpressions: [{ key: 'gpus', operator: 'Gt', values: ['2'] }] }])
  assert.ok(on(gpus, 'a', { gpus: '4' }) && !on(gpus, 'a', { gpus: 'many' }))
})

test('shares are rounded up, and nothing at all means one', () => {
  const limits = (maxUnavailable: unknown, maxSurge: unknown) => updateLimits({ ...daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge } } }), status: {} } as unknown as DaemonSet, 5)
  assert.deepEqual(limits('30%', 0), { surge: 0, unavailable: 2 })
  assert.deepEqual(limits(0, '10%'), { surge: 1, unavailable: 0 })
  assert.deepEqual(limits(0, 0), { surge: 0, unavailable: 1 })
})
