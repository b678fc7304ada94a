/** Addresses of Services: never two Services with one; each is recorded once, for as long as it is held; ranges outlive their use. */
import assert from 'node:assert/strict'
import type { Service } from '../../core/api/types/core.ts'
import type { IPAddress, ServiceCIDR } from '../../core/api/types/networking.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel } from './model.ts'
import { below, pick } from './random.ts'

const names = ['a', 'b', 'c', 'd'] as const
const more = { kind: 'ServiceCIDR', name: 'more' }
const held = (now: Snapshot) => now.list<Service>('Service').flatMap(({ spec }) => (spec.clusterIP && spec.clusterIP !== 'None' ? [spec.clusterIP] : []))
const ref = (name: string) => ({ kind: 'Service', namespace: 'default', name })

checkModel({
  name: 'service addresses',
  controllers: ['service-cidr-controller', 'ipallocator-repair-controller', 'ipaddress-release-controller', 'garbage-collector-controller'],
  setup: ({ user }) => user.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'default' }, spec: { ports: [{ port: 80 }] } }),
  deeds: {
    'Service made': [2, async ({ user, random, now }) => {
      const name = pick(random, names)!
      if (now.get('Service', 'default', name)) return
      const wish = [undefined, '10.96.0.7', '10.96.0.8', '10.200.0.3', '10.200.0.3', '10.200.0.4', 'None'][below(random, 7)]
      // Refused where somebody has it, or its range is not there.
      await user.create({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...(wish === undefined ? {} : { clusterIP: wish }) } }).catch(() => {})
    }],
    'Service deleted': [1, async ({ user, random, now }) => {
      const name = pick(random, names)!
      if (now.get('Service', 'default', name)) await user.delete(ref(name))
    }],
    // One that becomes a mere name gives its address back.
    'Service of another type': [0.5, async ({ user, random, now }) => {
      const found = now.get<Service>('Service', 'default', pick(random, names)!)
      if (!found) return
      const spec = found.spec.type === 'ExternalName' ? { type: 'ClusterIP', externalName: null } : { type: 'ExternalName', externalName: 'example.com', clusterIP: null, clusterIPs: null }
      await user.patch(ref(found.metadata.name), { type: 'merge', body: { spec } })
    }],
    // Above all one that a range which is to go waits for: the Service holds it all the same.
    'address taken away': [1, async ({ user, random, now }) => {
      const recorded = now.list<IPAddress>('IPAddress')
      const awaited = now.get('ServiceCIDR', undefined, 'more')?.metadata.deletionTimestamp === undefined ? [] : recorded.filter(({ metadata }) => metadata.name.startsWith('10.200.'))
      const address = pick(random, awaited.length > 0 ? awaited : recorded)
      if (address) await user.delete({ kind: 'IPAddress', name: address.metadata.name })
    }],
    'range added': [0.7, async ({ user, now }) => {
      if (!now.get('ServiceCIDR', undefined, 'more')) await user.create({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/28'] } })
    }],
    'range deleted': [0.4, async ({ user, now }) => {
      const range = now.get('ServiceCIDR', undefined, 'more')
      if (range && range.metadata.deletionTimestamp === undefined) await user.delete(more)
    }],
  },
  always(now) {
    const all = held(now)
    assert.equal(new Set(all).size, all.length, `an address is held twice: ${all.join(' ')}`)
    const inMore = all.some((ip) => ip.startsWith('10.200.'))
    assert.ok(!inMore || now.get('ServiceCIDR', undefined, 'more'), 'a range in use is gone')
  },
  lateDeeds: 6,
  settled(now) {
    assert.deepEqual(now.list<IPAddress>('IPAddress').map(({ metadata }) => metadata.name).sort(), held(now).sort())
    for (const { metadata } of now.list<ServiceCIDR>('ServiceCIDR')) if (metadata.deletionTimestamp !== undefined) assert.ok(held(now).some((ip) => ip.startsWith('10.200.')), `no address of ${metadata.name} is in use, and yet it does not go`)
    const own = now.get<ServiceCIDR>('ServiceCIDR', undefined, 'kubernetes')
    assert.equal(own?.status.conditions?.[0]?.status, 'True')
  },
})
