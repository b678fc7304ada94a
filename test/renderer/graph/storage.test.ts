import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../core/api/meta.ts'
import { Objects } from '../../../renderer/cluster/objects.ts'
import { groupApps } from '../../../renderer/graph/apps.ts'
import { columns } from '../../../renderer/graph/columns.ts'
import { compact } from '../../../renderer/graph/compact.ts'
import { modelOf } from '../../../renderer/graph/model.ts'
import { outlineRows } from '../../../renderer/views/home/outline-rows.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
let made = 0
const make = (kind: string, name: string, rest: Record<string, unknown>, more: Record<string, unknown> = {}): KubeObject => {
  made++
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: `uid-${kind}-${name}`, resourceVersion: String(made), creationTimestamp: '2026-11-22T11:00:00Z', ...more }, ...rest } as KubeObject
}
const pod = (name: string, owner: KubeObject, claim: string) => make('Pod', name, {
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'db:1' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
}, { labels: { app: 'db' }, ownerReferences: [{ apiVersion: 'apps/v1', kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true }] })
const claim = (name: string, phase: string, labels: Record<string, string> = {}) => make('PersistentVolumeClaim', name, {
  spec: { storageClassName: 'standard', volumeName: 'pv', resources: { requests: { storage: '4Gi' } } }, status: { phase, ...(phase === 'Bound' ? { capacity: { storage: '4Gi' } } : {}) },
}, { labels })
const service = (name: string) => make('Service', name, { spec: { clusterIP: '10.0.0.9', selector: { app: 'db' }, ports: [{ port: 80 }] } })
const ingress = (name: string, host: string, to: string) => make('Ingress', name, {
  spec: { ingressClassName: 'orrery', rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: to, port: { number: 80 } } } }] } }] }, status: { loadBalancer: { ingress: [{ ip: '127.0.0.1', ports: [{ port: 80, protocol: 'TCP' }] }] } },
})
const set = make('StatefulSet', 'db', { spec: { replicas: 2, selector: { matchLabels: { app: 'db' } }, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'db:1' }] } } }, status: { readyReplicas: 2 } }, { labels: { app: 'db' } })
const ingressClass = make('IngressClass', 'orrery', { spec: { controller: 'orrery.dev/ingress' } }, { namespace: undefined })

function load(objects: KubeObject[]) {
  const view = new Objects()
  view.apply(objects.map((object, i) => ({ type: 'ADDED' as const, object, revision: i + 1 })), objects.length)
  return groupApps(view).map((app) => modelOf(app, view, now, []))
}

test('a claim of one Pod stands as a barrel below it, and adds up where Pods are not shown', () => {
  const [app] = load([set, pod('db-0', set, 'data-db-0'), pod('db-1', set, 'data-db-1'), claim('data-db-0', 'Bound'), claim('data-db-1', 'Bound')])
  const items = columns(app!).items
  const barrels = items.filter((item) => item.face.type === 'volume')
  assert.deepEqual(barrels.map((item) => [item.ref?.name, item.face.type === 'volume' && item.face.detail]), [['data-db-0', '4 GiB'], ['data-db-1', '4 GiB']])
  for (const [i, barrel] of barrels.entries()) {
    const above = items.find((item) => item.ref?.name === `db-${i}`)!
    assert.equal(barrel.x, above.x)
    assert.ok(barrel.y > above.y + above.h / 2, 'below its Pod')
  }
  const next = items.find((item) => item.ref?.name === 'db-1')!
  assert.ok(barrels[0]!.y + barrels[0]!.h / 2 <= next.y - next.h / 2, 'clear of the next Pod')
  const summed = compact(app!, false).items.flatMap((item) => (item.face.type === 'volume' ? [`${item.face.name} ${item.face.detail}`] : []))
  assert.deepEqual(summed, ['data 2 × 4 GiB'])
})

test('a lost volume fails the app, though its Pods run; a leftover claim stays in the app', () => {
  const [app] = load([set, pod('db-0', set, 'data-db-0'), claim('data-db-0', 'Lost'), claim('data-db-7', 'Bound', { app: 'db' })])
  assert.equal(app!.state.mark, 'failing')
  assert.match(app!.state.say, /data has lost its volume/)
  assert.deepEqual(app!.loose.claims.map((one) => [one.name, one.detail]), [['data-db-7', '4 GiB, not in use']])
  const rows = outlineRows([app!], { byNamespace: false, isOpen: () => true, keeps: () => true })
  assert.ok(rows.some((row) => row.bad && /claim data-db-0, has lost its volume/.test(row.label)))
})

test('an Ingress is a way into its Service by host; one that leads nowhere keeps a box, marked', () => {
  const apps = load([set, pod('db-0', set, 'x'), claim('x', 'Bound'), service('db'), ingress('front', 'db.home.arpa', 'db'), ingress('lost', 'wiki.home.arpa', 'wiki'), ingressClass])
  const [db, lost] = [apps.find((app) => app.name === 'db')!, apps.find((app) => app.name === 'lost')!]
  assert.deepEqual(db.services[0]!.ways.map((way) => [way.title, way.ref?.name]), [['db.home.arpa', 'front']])
  assert.equal(db.services[0]!.address, 'db.home.arpa')
  const full = columns(db)
  const tag = full.items.find((item) => item.face.type === 'way')!
  assert.ok(full.lines.some((line) => line.source === tag.id && line.target === db.services[0]!.id))
  assert.equal(lost.state.mark, 'degraded')
  assert.deepEqual(lost.loose.ways.map((way) => [way.title, way.detail]), [['wiki.home.arpa', 'Service wiki is missing']])
})
