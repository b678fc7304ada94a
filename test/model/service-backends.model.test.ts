/** Endpoints say what their Service selects, and those written by hand are mirrored as slices, address by address, for as long as they stand. */
import assert from 'node:assert/strict'
import { refOf } from '../../core/api/meta.ts'
import type { Endpoints, Pod, Service } from '../../core/api/types/core.ts'
import type { EndpointSlice } from '../../core/api/types/discovery.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, chance, pick, type Random } from './random.ts'

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const names = ['web', 'shop'] as const
const byHand = ['outside', 'legacy'] as const
const mirrorManager = 'endpointslicemirroring-controller.k8s.io'
const service = (name: string, selector?: Record<string, string>) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ...(selector ? { selector } : {}), ports: [{ name: 'http', port: 80 }] } })
const isReady = ({ status }: Pod) => status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true

const addresses = (random: Random) => Array.from({ length: below(random, 4) }, () => ({ ip: `192.0.2.${1 + below(random, 9)}` }))
const unique = (list: { ip: string }[]) => [...new Map(list.map((one) => [one.ip, one])).values()]
function subsets(random: Random): object[] {
  const ready = unique(addresses(random))
  const not = unique(addresses(random)).filter(({ ip }) => !ready.some((one) => one.ip === ip))
  if (ready.length + not.length === 0) return []
  return [{ ...(ready.length > 0 ? { addresses: ready } : {}), ...(not.length > 0 ? { notReadyAddresses: not } : {}), ports: [{ name: 'db', port: 5_432 + below(random, 2) }] }]
}

const makeOrBreak: Deed = [0.6, async ({ user, random, now }) => {
  const name = pick(random, [...names, ...byHand])!
  const selected = names.some((one) => one === name)
  const found = now.get<Service>('Service', 'default', name)
  if (!found) await user.create(service(name, selected ? { app: name } : undefined))
  else if (chance(random, 0.5)) await user.delete(refOf(found))
  else if (!selected) await user.patch(refOf(found), merge({ metadata: { labels: { tier: String(below(random, 2)) } } }))
}]
const write: Deed = [4, async ({ user, random, now }) => {
  const name = pick(random, byHand)!
  const found = now.get<Endpoints>('Endpoints', 'default', name)
  const labels = chance(random, 0.2) ? { 'endpointslice.kubernetes.io/skip-mirror': 'true' } : {}
  if (!found) await user.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace: 'default', labels }, subsets: subsets(random) })
  else if (chance(random, 0.2)) await user.delete(refOf(found))
  else await user.patch(refOf(found), merge({ metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': null, ...labels } }, subsets: subsets(random) }))
}]
const meddle: Deed = [0.4, async ({ user, random, now }) => {
  const slice = pick(random, now.list<EndpointSlice>('EndpointSlice', 'default'))
  if (slice && chance(random, 0.5)) await user.delete(refOf(slice))
  else if (slice) await user.patch(refOf(slice), merge({ endpoints: [{ addresses: ['198.51.100.7'] }] }))
  const own = now.get<Endpoints>('Endpoints', 'default', pick(random, names)!)
  if (own) await user.patch(refOf(own), merge({ subsets: null }))
}]
const newPod: Deed = [2, ({ user, random }) => user.create({ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'p-', namespace: 'default', labels: { app: pick(random, names)! } }, spec: { containers: [{ name: 'c', image: 'i' }] } })]
const changePod: Deed = [1, async ({ user, random, now }) => {
  const pod = pick(random, now.list<Pod>('Pod', 'default'))
  if (!pod) return
  if (chance(random, 0.5)) await user.delete(refOf(pod))
  else await user.patch(refOf(pod), merge({ metadata: { labels: { app: pick(random, names) } } }))
}]

function settled(now: Snapshot): void {
  for (const name of names) {
    const found = now.get<Endpoints>('Endpoints', 'default', name)
    if (!now.get('Service', 'default', name)) {
      assert.equal(found, undefined, `Endpoints ${name} stay without their Service`)
      continue
    }
    const behind = now.list<Pod>('Pod', 'default').filter(({ metadata, status }) => metadata.labels?.['app'] === name && status.podIP && status.phase === 'Running')
    const listed = (of: 'addresses' | 'notReadyAddresses') => (found?.subsets ?? []).flatMap((subset) => subset[of] ?? []).map(({ targetRef }) => targetRef?.name).sort()
    const expected = (ready: boolean) => behind.filter((pod) => isReady(pod) === ready).map(({ metadata }) => metadata.name).sort()
    assert.deepEqual([listed('addresses'), listed('notReadyAddresses')], [expected(true), expected(false)], `Service ${name}`)
  }
  for (const name of byHand) {
    const own = now.get<Endpoints>('Endpoints', 'default', name)
    const mirrored = now.get('Service', 'default', name) && own?.metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] === undefined ? own : undefined
    const slices = now.labelled<EndpointSlice>('EndpointSlice', 'default', { 'kubernetes.io/service-name': name }).filter(({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === mirrorManager)
    const there = slices.flatMap(({ endpoints, ports }) => (endpoints ?? []).map((one) => `${one.addresses[0]}:${ports?.[0]?.port} ${one.conditions?.ready}`)).sort()
    const wanted = (mirrored?.subsets ?? []).flatMap(({ addresses: ready = [], notReadyAddresses = [], ports }) => [...ready.map(({ ip }) => `${ip}:${ports?.[0]?.port} true`), ...notReadyAddresses.map(({ ip }) => `${ip}:${ports?.[0]?.port} false`)]).sort()
    assert.deepEqual(there, wanted, `slices of ${name}`)
  }
}

checkModel({
  name: 'endpoints, and slices mirrored from those by hand',
  controllers: ['endpoints-controller', 'endpointslice-mirroring-controller', 'garbage-collector-controller'],
  setup: async ({ user }) => {
    for (const name of names) await user.create(service(name, { app: name }))
    for (const name of byHand) await user.create(service(name))
  },
  deeds: { 'Service made or gone': makeOrBreak, 'Endpoints by hand': write, 'somebody meddles': meddle, 'new Pod': newPod, 'Pod changed': changePod },
  kubelet: { broken: ({ metadata }) => /[02468]$/.test(metadata.uid) },
  settled,
})
