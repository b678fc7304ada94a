/**
 * What must always be there is made again, whoever takes it away, and nothing else is touched: namespaces, priority and
 * storage classes, the Service `kubernetes`, service accounts with their Secrets, the CA's certificate, the ingress class.
 */
import assert from 'node:assert/strict'
import { doorAnnotation, doorOf, ownClass, publishedAs } from '../../core/api/ingress-door.ts'
import { refOf, type KubeObject, type Ref } from '../../core/api/meta.ts'
import { ApiError } from '../../core/api/status.ts'
import type { ConfigMap, Namespace, Secret, Service } from '../../core/api/types/core.ts'
import type { EndpointSlice } from '../../core/api/types/discovery.ts'
import type { Ingress, IngressClass } from '../../core/api/types/networking.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { checkModel, type Deed } from './model.ts'
import { below, chance, pick } from './random.ts'

const merge = (body: unknown) => ({ type: 'merge' as const, body })
const uidAnnotation = 'kubernetes.io/service-account.uid'
const shops = ['red', 'blue'] as const
const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const wanted: readonly Ref[] = [
  ...systemNamespaces.map((name) => ({ kind: 'Namespace', name })),
  { kind: 'PriorityClass', name: 'system-node-critical' },
  { kind: 'PriorityClass', name: 'system-cluster-critical' },
  { kind: 'StorageClass', name: 'standard' },
  { kind: 'IngressClass', name: ownClass },
  { kind: 'Service', namespace: 'default', name: 'kubernetes' },
]
const living = (now: Snapshot) => now.list<Namespace>('Namespace').filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name)

/** What the server does not allow did not happen. */
const tolerant = ([weight, act]: Deed): Deed => [weight, (context) => act(context).catch((error: unknown) => assert.ok(error instanceof ApiError, String(error)))]
const mine: readonly string[] = ['ServiceAccount', 'ConfigMap', 'Secret', 'Ingress']

/** Whose token it is, by the Secret's uid; that never becomes somebody else's. */
const claimed = new Map<string, string>()
function always(now: Snapshot, { kind, uid = '' }: Ref): void {
  if (kind !== 'Secret') return
  const whose = now.byUid<Secret>(uid)?.metadata.annotations?.[uidAnnotation]
  if (whose !== undefined) assert.equal(whose, claimed.get(uid) ?? whose, 'a token is given to another account')
  if (whose !== undefined) claimed.set(uid, whose)
}

const deeds: Record<string, Deed> = {
  'something is taken away': [1.5, async ({ user, random, now }) => {
    const pool: KubeObject[] = [...wanted.filter(({ kind }) => kind !== 'Namespace').flatMap((ref) => now.get(ref.kind, ref.namespace, ref.name) ?? []), ...mine.flatMap((kind) => [...now.list(kind)]), ...now.list('EndpointSlice')]
    const one = pick(random, pool)
    if (one) await user.delete(refOf(one))
  }],
  'a namespace comes or goes': [0.5, async ({ user, random, now }) => {
    const name = pick(random, shops)!
    if (now.get('Namespace', undefined, name)) await user.delete({ kind: 'Namespace', name })
    else await user.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }],
  'a Secret for an account': [0.8, ({ user, random, now }) => user.create({
    apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token',
    metadata: { name: `token-${below(random, 3)}`, namespace: pick(random, living(now))!, annotations: { 'kubernetes.io/service-account.name': chance(random, 0.8) ? 'default' : 'nobody', ...(chance(random, 0.2) ? { [uidAnnotation]: 'of-a-former-one' } : {}) } },
  })],
  'the certificate is changed': [0.4, async ({ user, random, now }) => {
    const map = pick(random, now.list<ConfigMap>('ConfigMap').filter(({ metadata }) => metadata.name === 'kube-root-ca.crt'))
    if (map) await user.patch(refOf(map), merge({ data: { 'ca.crt': 'forged' } }))
  }],
  'the way to the server is changed': [0.3, async ({ user, now }) => {
    const slice = now.get<EndpointSlice>('EndpointSlice', 'default', 'kubernetes')
    if (slice) await user.patch(refOf(slice), merge({ endpoints: [{ addresses: ['203.0.113.9'] }] }))
  }],
  'an Ingress': [0.5, async ({ user, random }) => {
    await user.create({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: `i${below(random, 2)}`, namespace: 'default' }, spec: { ingressClassName: pick(random, [ownClass, 'other'])!, defaultBackend: { service: { name: 'web', port: { number: 80 } } } } })
  }],
  'the door opens or closes': [0.4, async ({ user, random, now }) => {
    if (now.get('IngressClass', undefined, ownClass)) await user.patch({ kind: 'IngressClass', name: ownClass }, merge({ metadata: { annotations: { [doorAnnotation]: chance(random, 0.7) ? JSON.stringify({ address: '127.0.0.1', http: 8_080 + below(random, 2), https: 8_443 }) : null } } }))
  }],
}

function settled(now: Snapshot): void {
  for (const { kind, namespace, name } of wanted) assert.ok(now.get(kind, namespace, name), `${kind} ${name} is there`)
  for (const name of now.list<Namespace>('Namespace').map(({ metadata }) => metadata.name)) {
    assert.ok(living(now).includes(name), `Namespace ${name} does not end`)
    assert.ok(now.get('ServiceAccount', name, 'default'), `${name} has its service account`)
    assert.deepEqual(now.get<ConfigMap>('ConfigMap', name, 'kube-root-ca.crt')?.data, { 'ca.crt': 'CA' }, `${name} has the certificate`)
    for (const secret of now.list<Secret>('Secret', name)) {
      assert.equal(secret.metadata.annotations?.['kubernetes.io/service-account.name'], 'default', `${secret.metadata.name} is of an account that is there`)
      assert.equal(secret.metadata.annotations?.[uidAnnotation], now.get('ServiceAccount', name, 'default')!.metadata.uid, 'of this very account')
      assert.deepEqual(Object.keys(secret.data ?? {}).sort(), ['ca.crt', 'namespace', 'token'])
    }
  }
  const published = publishedAs(doorOf(now.get<IngressClass>('IngressClass', undefined, ownClass)))
  for (const { metadata, spec, status } of now.list<Ingress>('Ingress')) assert.deepEqual(status.loadBalancer?.ingress ?? [], spec.ingressClassName === ownClass ? published : [], `where ${metadata.name} can be reached`)
  assert.deepEqual(now.get<Service>('Service', 'default', 'kubernetes')!.spec.clusterIP, '10.96.0.1')
  assert.deepEqual(now.get<EndpointSlice>('EndpointSlice', 'default', 'kubernetes')?.endpoints?.map(({ addresses }) => addresses), [['192.0.2.1']], 'the server is where it is')
}

checkModel({
  name: 'foundations',
  controllers: [
    'system-namespaces-controller', 'system-priority-classes-controller', 'system-storage-controller', 'kubernetes-service-controller', 'serviceaccount-controller',
    'root-ca-certificate-publisher-controller', 'serviceaccount-token-controller', 'ingress-class-controller', 'ingress-status-controller', 'namespace-controller', 'garbage-collector-controller',
  ],
  setup: async () => claimed.clear(),
  always,
  // The last thing that happens is that the door moves.
  async calm({ user, now }) {
    if (now.get('IngressClass', undefined, ownClass)) await user.patch({ kind: 'IngressClass', name: ownClass }, merge({ metadata: { annotations: { [doorAnnotation]: JSON.stringify({ address: '127.0.0.1', http: 9_090, https: 8_443 }) } } }))
  },
  deeds: Object.fromEntries(Object.entries(deeds).map(([name, deed]) => [name, tolerant(deed)])),
  settled,
})
