/** EndpointSlices hold exactly the Pods that their Service selects, at most 100 in each, each Pod once. */
import assert from 'node:assert/strict'
import type { Node, Pod, Service } from '../../core/api/types/core.ts'
import type { EndpointSlice } from '../../core/api/types/discovery.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel } from './model.ts'
import { below, pick } from './random.ts'

const services = ['web', 'shop'] as const
const near = [null, 'PreferSameZone', 'PreferSameNode', 'PreferClose']
const zone = 'topology.kubernetes.io/zone'
const mode = 'service.kubernetes.io/topology-mode'
const merge = (body: unknown) => ({ type: 'merge' as const, body })
const service = (name: string) => ({ kind: 'Service', namespace: 'default', name })
const slicesOf = (now: Snapshot, name: string) => now.labelled<EndpointSlice>('EndpointSlice', 'default', { 'kubernetes.io/service-name': name })

const newService = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
})

const newPod = (app: string, port: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: `${app}-`, namespace: 'default', labels: { app } },
  spec: { containers: [{ name: 'c', image: 'nginx', ports: [{ name: 'http', containerPort: port }] }] },
})

checkModel({
  name: 'endpoint slices',
  controllers: ['endpointslice-controller', 'garbage-collector-controller'],
  async setup({ user, random }) {
    for (const name of services) await user.create(newService(name))
    for (let i = 0; i < 3; i++) await user.create(newPod(pick(random, services)!, 8080))
  },
  deeds: {
    'new Pod': [2, ({ user, random }) => user.create(newPod(pick(random, services)!, 8080 + below(random, 2)))],
    'Pod deleted': [1, async ({ user, random, now }) => {
      const pod = pick(random, now.list<Pod>('Pod'))
      if (pod) await user.delete({ kind: 'Pod', namespace: 'default', name: pod.metadata.name })
    }],
    'Pod fails': [0.4, async ({ user, random, now }) => {
      const pod = pick(random, now.list<Pod>('Pod').filter(({ status }) => status.phase === 'Running'))
      if (pod) await user.patch({ kind: 'Pod', namespace: 'default', name: pod.metadata.name }, merge({ status: { phase: 'Failed' } }), { subresource: 'status' })
    }],
    'Pod relabelled': [0.7, async ({ user, random, now }) => {
      const pod = pick(random, now.list<Pod>('Pod'))
      if (pod) await user.patch({ kind: 'Pod', namespace: 'default', name: pod.metadata.name }, merge({ metadata: { labels: { app: pick(random, services) } } }))
    }],
    'Service changed': [0.7, async ({ user, random, now }) => {
      const name = pick(random, services)!
      if (!now.get('Service', 'default', name)) return
      await user.patch(service(name), merge({ metadata: { labels: { tier: String(below(random, 2)) } }, spec: { trafficDistribution: pick(random, near), publishNotReadyAddresses: random() < 0.3 } }))
    }],
    'hints by CPU': [0.5, async ({ user, random, now }) => {
      const name = pick(random, services)!
      if (now.get('Service', 'default', name)) await user.patch(service(name), merge({ metadata: { annotations: { 'service.kubernetes.io/topology-mode': random() < 0.6 ? 'Auto' : null } } }))
    }],
    'node moved': [0.5, async ({ user, random, now }) => {
      const node = pick(random, now.list<Node>('Node'))
      if (node) await user.patch({ kind: 'Node', name: node.metadata.name }, merge({ metadata: { labels: { [zone]: pick(random, ['east', 'west', null]) } } }))
    }],
    'Service made anew': [0.3, async ({ user, random, now }) => {
      const name = pick(random, services)!
      if (now.get('Service', 'default', name)) await user.delete(service(name))
      else await user.create(newService(name))
    }],
    'slice deleted': [0.3, async ({ user, random, now }) => {
      const slice = pick(random, now.list<EndpointSlice>('EndpointSlice'))
      if (slice) await user.delete({ kind: 'EndpointSlice', namespace: 'default', name: slice.metadata.name })
    }],
    'slice tampered with': [0.3, async ({ user, random, now }) => {
      const slice = pick(random, now.list<EndpointSlice>('EndpointSlice'))
      if (slice) await user.patch({ kind: 'EndpointSlice', namespace: 'default', name: slice.metadata.name }, merge({ endpoints: [] }))
    }],
  },
  // Every second one is never ready.
  kubelet: { broken: ({ metadata }) => /[02468]$/.test(metadata.uid) },
  lateDeeds: 4,
  always(now) {
    for (const { endpoints } of now.list<EndpointSlice>('EndpointSlice')) assert.ok((endpoints ?? []).length <= 100)
  },
  settled(now) {
    for (const name of services) {
      const owner = now.get<Service>('Service', 'default', name)
      const slices = slicesOf(now, name)
      if (!owner) {
        assert.equal(slices.length, 0, 'slices go with their Service')
        continue
      }
      assert.ok(slices.length > 0, 'even nothing is said in a slice')
      const wanted = now.list<Pod>('Pod', 'default').filter(({ metadata, status }) => metadata.labels?.['app'] === name && status.podIP && status.phase !== 'Failed' && status.phase !== 'Succeeded')
      const listed = slices.flatMap(({ endpoints }) => endpoints ?? [])
      assert.deepEqual(listed.map(({ targetRef }) => targetRef?.name).sort(), wanted.map(({ metadata }) => metadata.name).sort(), `Service ${name}`)
      for (const { endpoints, ports } of slices) for (const { addresses, conditions, targetRef } of endpoints ?? []) {
        const pod = now.byUid<Pod>(targetRef?.uid ?? '')!
        const serving = pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
        assert.deepEqual({ addresses, conditions }, { addresses: [pod.status.podIP], conditions: { ready: serving || owner.spec.publishNotReadyAddresses === true, serving, terminating: false } }, pod.metadata.name)
        assert.equal(ports?.[0]?.port, pod.spec.containers[0]?.ports?.[0]?.containerPort, `port of ${pod.metadata.name}`)
      }
      for (const { conditions, hints, nodeName } of listed) {
        const byCpu: boolean = owner.metadata.annotations?.[mode] === 'Auto'
        if (byCpu && conditions?.ready !== true) assert.equal(hints, undefined)
        const hinted: boolean = !byCpu && conditions?.ready === true && owner.spec.trafficDistribution === 'PreferSameNode'
        assert.deepEqual(hints?.forNodes, hinted && nodeName ? [{ name: nodeName }] : undefined)
      }
      if (owner.metadata.annotations?.[mode] === 'Auto') {
        const ready = listed.filter(({ conditions }) => conditions?.ready === true)
        const zones = new Set(ready.map(({ hints }) => hints?.forZones?.[0]?.name))
        assert.ok(!zones.has(undefined) || zones.size === 1, 'all have hints or none')
        for (const { metadata } of slices) assert.equal(metadata.annotations?.['orrery.dev/topology-hints'] === 'on', !zones.has(undefined) && ready.length > 0)
      }
    }
  },
})
