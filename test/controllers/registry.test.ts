/** The controllers on the real registry over the memory store: what they write passes decoding, validation and admission. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timestamp, type KubeObject } from '../../core/api/meta.ts'
import { kindList } from '../../core/api/kinds.ts'
import { kubernetesFacts } from '../../core/api/schema/kubernetes-facts.ts'
import type { Deployment } from '../../core/api/types/apps.ts'
import type { Event, Namespace, Pod } from '../../core/api/types/core.ts'
import { logger } from '../../core/base/log.ts'
import { controllers } from '../../core/controllers/controllers.ts'
import { localClient } from '../../core/local-client.ts'
import { Cache } from '../../core/loop/cache.ts'
import { Decisions } from '../../core/loop/decisions.ts'
import { listWatch } from '../../core/loop/list-watch.ts'
import { Recorder } from '../../core/loop/recorder.ts'
import { reflect } from '../../core/loop/reflector.ts'
import { Runner } from '../../core/loop/runner.ts'
import { GenericRegistry } from '../../core/server/registry/generic-registry.ts'
import { memoryStore } from '../../core/store/memory.ts'
import { FakeClock, settle } from '../loop/fake-clock.ts'
import { deploymentOf } from './cluster.ts'

async function start() {
  const clock = new FakeClock()
  const store = memoryStore(clock)
  const registry = new GenericRegistry({ store, clock, facts: kubernetesFacts, kinds: kindList, services: { addresses: '10.96.0.0/16', nodePorts: { from: 30_000, to: 32_767 } } })
  await registry.ready
  const clientFor = (actor: string) => localClient({ registry, actor, user: { name: actor, groups: ['system:masters'] } })
  const complaints: string[] = []
  const log = logger((level, message, fields) => {
    if (level === 'warn' || level === 'error') complaints.push(`${message} ${JSON.stringify(fields)}`)
  })
  const abort = new AbortController()
  const cache = new Cache()
  const stored = kindList.filter((kind) => kind.verbs?.includes('list') ?? true)
  const following = reflect({ source: listWatch(clientFor('system'), stored.map(({ kind }) => kind)), sink: cache, clock, log, signal: abort.signal })
  const recorder = new Recorder({ client: clientFor('system'), clock, log })
  const list = controllers({ kinds: stored, certificate: 'CA', apiServer: { address: '192.0.2.1', port: 6443, clusterIP: '10.96.0.1' }, serviceCidrs: ['10.96.0.0/16'], secretToken: (namespace, account, secret) => `token of ${namespace}/${account.name} in ${secret}` })
  const running = new Runner({ cache, clientFor, clock, log, decisions: new Decisions(), recorder }).run(list, abort.signal)
  await settle()
  const me = clientFor('user:me')
  const stop = async () => {
    abort.abort()
    await Promise.all([following, running])
    await recorder.flush()
  }
  return { clock, cache, me, node: clientFor('node:n1'), complaints, stop, store }
}
type Server = Awaited<ReturnType<typeof start>>

/** Plays scheduler and kubelet for every Pod at once. */
async function nodesAct({ cache, node, clock }: Server): Promise<void> {
  for (const pod of cache.list<Pod>('Pod')) {
    const ref = { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
    if (pod.metadata.deletionTimestamp) await node.delete(ref, { gracePeriodSeconds: 0 })
    else if (!pod.spec.nodeName) await node.bind(ref, 'n1')
    else if (pod.status.phase === 'Pending') {
      const at = timestamp(clock.now())
      const ip = `10.0.0.${(cache.revision % 250) + 1}`
      const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }] }
      await node.patch(ref, { type: 'merge', body: { status } }, { subresource: 'status' })
    }
  }
}

async function rest(server: Server): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    const { revision } = server.store
    await nodesAct(server)
    await server.clock.run(300)
    quiet = server.store.revision === revision ? quiet + 1 : 0
  }
}
const get = <T extends KubeObject>({ cache }: Server, kind: string, name: string): T | undefined => cache.get<T>(kind, 'default', name)

test('on an empty store a Deployment starts, rolls, goes back, and leaves with its Namespace', async () => {
  const server = await start()
  const { me, cache, clock, complaints } = server
  await clock.run(1_000)
  assert.deepEqual(cache.list('Namespace').map(({ metadata }) => metadata.name).sort(), ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
  await server.node.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timestamp(clock.now() + 3_600_000), lastTransitionTime: timestamp(clock.now()) }] },
  })

  await me.create(deploymentOf())
  await me.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
  await rest(server)
  const web = () => get<Deployment>(server, 'Deployment', 'web')!
  assert.equal(web().status.availableReplicas, 3)
  assert.equal(web().metadata.annotations?.['deployment.kubernetes.io/revision'], '1')
  assert.equal(web().metadata.generation, 1, 'the revision annotation is no new generation')

  const setImage = (image: string) => me.patch({ kind: 'Deployment', namespace: 'default', name: 'web' }, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } } })
  await setImage('nginx:1.26')
  await rest(server)
  assert.ok(cache.list<Pod>('Pod').every(({ spec }) => spec.containers[0]?.image === 'nginx:1.26'))
  await setImage('nginx:1.25')
  await rest(server)
  assert.equal(cache.list('ReplicaSet').length, 2, 'the old ReplicaSet is found again, defaults and all')
  assert.equal(web().metadata.annotations?.['deployment.kubernetes.io/revision'], '3')
  assert.ok(cache.list<Event>('Event').some(({ reason }) => reason === 'ScalingReplicaSet'))
  assert.equal(cache.list('EndpointSlice', 'default').length, 2)

  await me.delete({ kind: 'Deployment', namespace: 'default', name: 'web' }, { propagationPolicy: 'Foreground' })
  await rest(server)
  assert.deepEqual([cache.list('Deployment').length, cache.list('ReplicaSet').length, cache.list('Pod').length], [0, 0, 0])

  await me.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
  await me.create({ ...deploymentOf({ replicas: 2 }), metadata: { name: 'web', namespace: 'shop' } })
  await rest(server)
  assert.equal(cache.list('Pod', 'shop').length, 2)
  await me.delete({ kind: 'Namespace', name: 'shop' })
  await rest(server)
  assert.equal(cache.get<Namespace>('Namespace', undefined, 'shop'), undefined)
  assert.equal(cache.list('Event', 'shop').length + cache.list('ConfigMap', 'shop').length, 0)

  assert.deepEqual(complaints, [])
  const { revision } = server.store
  await clock.run(1_800_000)
  assert.equal(server.store.revision, revision, 'at rest')
  await server.stop()
})
