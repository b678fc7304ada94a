import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../../core/api/meta.ts'
import type { PersistentVolumeClaim } from '../../../../core/api/types/core.ts'
import { deletePlan } from '../../../../renderer/actions/delete.ts'
import { growPlan, growth } from '../../../../renderer/actions/grow.ts'
import { makeDefaultPlan } from '../../../../renderer/actions/make-default.ts'
import { grouped } from '../../../../renderer/kinds/groups.ts'
import { Objects } from '../../../../renderer/cluster/objects.ts'
import { partsOf } from '../../../../renderer/views/inspector/parts/parts-of.ts'
import { neighboursOf } from '../../../../renderer/views/inspector/relations/neighbours.ts'
import { ingressUrls } from '../../../../renderer/words/ingress.ts'
import { worldOf, type World } from '../../../../renderer/words/world.ts'
import type { Ingress } from '../../../../core/api/types/networking.ts'

const make = (kind: string, name: string, rest: Record<string, unknown>, namespace: string | null = 'default'): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { name, ...(namespace === null ? {} : { namespace }), uid: `${kind}-${name}`, resourceVersion: '1', creationTimestamp: '2026-11-22T11:00:00Z' }, ...rest }) as KubeObject

const claim = make('PersistentVolumeClaim', 'data', { spec: { storageClassName: 'standard', volumeName: 'pv-1', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '4Gi' } } }, status: { phase: 'Bound', capacity: { storage: '4Gi' } } })
const volume = make('PersistentVolume', 'pv-1', {
  spec: { capacity: { storage: '4Gi' }, persistentVolumeReclaimPolicy: 'Delete', csi: { driver: 'docker-volume.orrery.dev', volumeHandle: 'orrery-pv-1' }, claimRef: { namespace: 'default', name: 'data', uid: claim.metadata.uid }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }] }] } } },
  status: { phase: 'Bound' },
}, null)
const standard = { ...make('StorageClass', 'standard', { provisioner: 'docker-volume.orrery.dev', allowVolumeExpansion: true, reclaimPolicy: 'Delete', volumeBindingMode: 'WaitForFirstConsumer' }, null) }
standard.metadata = { ...standard.metadata, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }
const fast = make('StorageClass', 'fast', { provisioner: 'fast.example.com', reclaimPolicy: 'Retain' }, null)
const user = make('Pod', 'db-0', { spec: { nodeName: 'n1', containers: [{ name: 'c', volumeMounts: [{ name: 'v', mountPath: '/var/lib/db' }] }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] }, status: { phase: 'Running' } })
const world = worldOf([claim, volume, standard, fast, user])
/** States of others are told by CronJobs alone, and none is here. */
const panel = (all: World, object: KubeObject) => partsOf(all, new Objects(), object, Date.parse('2026-11-22T12:00:00Z'))

test('a claim says who mounts it, where its data lives and what becomes of it', () => {
  const parts = panel(world, claim)
  assert.deepEqual(parts.map((part) => part.title), ['Space', 'Mounted by', 'Where the data lives', 'When it is deleted'])
  assert.deepEqual(parts[1]!.table!.rows[0]!.map((one) => one.text), ['db-0', '/var/lib/db', 'n1'])
  assert.equal(parts[2]!.say, 'In a volume of the container engine, on one machine: Pods that use it run there.')
  assert.match(parts[3]!.say!, /deleted with the claim. That is final/)
  const pending = make('PersistentVolumeClaim', 'spare', { spec: { storageClassName: 'standard', resources: { requests: { storage: '1Gi' } } }, status: { phase: 'Pending' } })
  assert.deepEqual(panel(world, pending)[0]!.facts!.map((fact) => [fact.label, fact.cell.mark]), [['Class', 'finished'], ['Pod on a machine', 'waiting'], ['Volume', 'waiting']])
})

test('a range counts its own addresses; a slice says who answers; an account and a namespace say who and what', () => {
  const address = (name: string, service: string) => make('IPAddress', name, { spec: { parentRef: { resource: 'services', namespace: 'default', name: service } } }, null)
  const range = make('ServiceCIDR', 'small', { spec: { cidrs: ['10.96.0.0/24'] } }, null)
  const slice = make('EndpointSlice', 'web-abcde', { addressType: 'IPv4', ports: [{ port: 80 }], endpoints: [{ addresses: ['10.244.0.7'], conditions: { ready: false }, nodeName: 'n1', targetRef: { kind: 'Pod', name: 'web-1' } }] })
  const account = make('ServiceAccount', 'shopper', {})
  const pod = make('Pod', 'web-1', { spec: { serviceAccountName: 'shopper', containers: [] } })
  const here = worldOf([range, address('10.96.0.9', 'web'), address('10.97.0.1', 'far'), slice, account, pod])
  const [about, taken] = panel(here, range)
  assert.match(about!.say!, /1 address of this range is taken/)
  assert.deepEqual(taken!.table!.rows.map((row) => row.map((one) => one.text)), [['10.96.0.9', 'web', 'default']])
  assert.deepEqual(panel(here, slice)[1]!.table!.rows[0]!.map((one) => one.text), ['10.244.0.7', 'web-1', 'n1', 'not ready'])
  assert.deepEqual(panel(here, account)[1]!.table!.rows.map((row) => row[0]!.text), ['web-1'])
  assert.deepEqual(panel(here, make('Namespace', 'default', {}, null))[0]!.facts!.map((fact) => `${fact.cell.text} ${fact.label}`), ['1 Pods'])
  assert.equal(panel(here, make('Namespace', 'empty', {}, null))[0]!.say, 'Nothing yet.')
})

test('a volume of a class that is only a name is not broken', () => {
  const alone = make('PersistentVolume', 'nas', { spec: { storageClassName: 'manual', capacity: { storage: '1Gi' }, nfs: { server: 'nas', path: '/x' } }, status: { phase: 'Available' } }, null)
  const cell = panel(worldOf([alone]), alone)[0]!.facts!.find((fact) => fact.label === 'Class')!.cell
  assert.deepEqual([cell.text, cell.ref, cell.mark], ['manual', undefined, undefined])
})

test('deleting a claim whose volume goes with it says that this is final', () => {
  const plan = deletePlan(world, [claim])
  assert.equal(plan.confirm!.verb, 'Delete data and its data')
  assert.ok(plan.confirm!.lines.some((line) => line.mark === 'failing' && /4 GiB of data. That is final/.test(line.text)))
  assert.ok(plan.confirm!.lines.some((line) => line.mark === 'waiting' && /db-0 uses it/.test(line.text)))
  assert.ok(!plan.confirm!.lines.some((line) => line.mark === 'returns'))
})

test('a claim grows where its class lets it, and never shrinks', () => {
  const of = (typed: string) => growth(world, claim as PersistentVolumeClaim, typed)
  assert.equal(of('10 GiB').to, '10Gi')
  assert.match(of('1 GiB').problem!, /cannot shrink/)
  assert.equal(of('4 GiB').to, undefined)
  assert.match(of('many').problem!, /A size/)
  assert.match(growth(world, { ...claim, spec: { ...(claim as PersistentVolumeClaim).spec, storageClassName: 'fast' } } as PersistentVolumeClaim, '9Gi').problem!, /does not let its volumes grow/)
  assert.deepEqual(growPlan(claim as PersistentVolumeClaim, '10Gi').calls[0], { call: 'patch', arg: { ref: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: claim.metadata.uid }, patch: { type: 'merge', body: { spec: { resources: { requests: { storage: '10Gi' } } } } }, say: 'grew data from 4 GiB to 10 GiB' } })
})

test('another default class: the one before gives way', () => {
  const plan = makeDefaultPlan(world, fast)
  assert.deepEqual(plan.calls.map((call) => call.call === 'patch' && [call.arg.ref.name, call.arg.patch.type]), [['fast', 'merge'], ['standard', 'merge']])
  assert.equal(plan.confirm!.keep, 'Keep standard')
})

test('a quota: the fullest first, and who uses most of it', () => {
  const quota = make('ResourceQuota', 'team', { spec: { hard: { pods: '10', 'requests.memory': '2Gi' } }, status: { used: { pods: '1', 'requests.memory': '1Gi' } } })
  const big = make('Pod', 'big', { spec: { containers: [{ name: 'c', resources: { requests: { memory: '1Gi' } } }] }, status: {} })
  const [meters, who] = panel(worldOf([quota, big]), quota)
  assert.deepEqual(meters!.meters!.map((one) => [one.label, one.text]), [['Memory asked for', '1 of 2 GiB'], ['Pods', '1 of 10']])
  assert.deepEqual(who!.table!.rows[0]!.map((one) => one.text), ['big', '1 GiB', '50 %'])
})

test('an Ingress: each path, its Service, who answers, and a link', () => {
  const ingress = make('Ingress', 'web', {
    spec: { ingressClassName: 'orrery', rules: [{ host: 'web.home.arpa', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }, { path: '/api', pathType: 'Exact', backend: { service: { name: 'api', port: { number: 80 } } } }] } }] },
    status: { loadBalancer: { ingress: [{ ip: '127.0.0.1', ports: [{ port: 8080, protocol: 'TCP' }] }] } },
  })
  const slice = { ...make('EndpointSlice', 'web-1', { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }, { addresses: ['10.0.0.2'], conditions: { ready: false } }] }) }
  slice.metadata = { ...slice.metadata, labels: { 'kubernetes.io/service-name': 'web' } }
  const [where] = panel(worldOf([ingress, slice, make('Service', 'web', { spec: {} })]), ingress)
  assert.deepEqual(where!.table!.rows.map((row) => row.map((one) => one.text)), [['web.home.arpa', '/', 'web', '1 of 2 Pods'], ['web.home.arpa', '/api', 'api', 'nobody']])
  assert.deepEqual(ingressUrls(ingress as Ingress).map(({ url }) => url), ['http://web.home.arpa:8080/', 'http://web.home.arpa:8080/api'])
})

test('an autoscaler: measures from elsewhere say what they are now', () => {
  const metric = { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } } }
  const rows = (status: object) => {
    const scaler = make('HorizontalPodAutoscaler', 'web', { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3, metrics: [metric] }, status })
    return panel(worldOf([scaler]), scaler).find(({ title }) => title === 'What it measures')!.table!.rows.map((row) => row.map(({ text }) => text))
  }
  assert.deepEqual(rows({}), [['queue', 'nobody offers this measure', '10 a Pod']])
  assert.deepEqual(rows({ currentMetrics: [{ type: 'External', external: { metric: { name: 'queue' }, current: { averageValue: '12500m' } } }] }), [['queue', '12.5 a Pod', '10 a Pod']])
})

test('a volume of a driver and the machine it is attached to stand with each other', () => {
  const disk = make('PersistentVolume', 'disk', { spec: { csi: { driver: 'disks.example.com', volumeHandle: 'd' } } }, null)
  const attachment = make('VolumeAttachment', 'csi-1', { spec: { attacher: 'disks.example.com', nodeName: 'n1', source: { persistentVolumeName: 'disk' } } }, null)
  const machine = make('Node', 'n1', {}, null)
  const drivers = make('CSINode', 'n1', { spec: { drivers: [{ name: 'disks.example.com', nodeID: 'i' }] } }, null)
  const all = worldOf([disk, attachment, machine, drivers])
  const told = (object: KubeObject) => neighboursOf(all, object).filter(([, refs]) => refs.length > 0).map(([say, refs]) => `${say} ${refs.map(({ kind, name }) => `${kind}/${name}`).join()}`)
  assert.deepEqual(told(attachment), ['volume PersistentVolume/disk', 'machine Node/n1'])
  assert.deepEqual(told(disk), ['attachment VolumeAttachment/csi-1'])
  assert.deepEqual(told(machine), ['attached PersistentVolume/disk', 'drivers CSINode/n1'])
})

test('kinds stand in groups, in the order of use', () => {
  assert.deepEqual(grouped(['StorageClass', 'Pod', 'Widget', 'PersistentVolumeClaim', 'Deployment']), [{ group: 'Workloads', kinds: ['Deployment', 'Pod'] }, { group: 'Storage', kinds: ['PersistentVolumeClaim', 'StorageClass'] }, { group: 'Other', kinds: ['Widget'] }])
})
