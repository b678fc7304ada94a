/**
 * Storage, ways in, quotas and decisions in the window, on simulated machines: barrels and tags on the outline, a claim that
 * grows and says what deleting it costs, why a Pod waits and until when. Needs a browser, no container engine.
 */
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import assert from 'node:assert/strict'
import type { Screen } from './harness/browser.ts'
import { eventually, noBrowser, noKubectl, type Orrery } from './harness/orrery.ts'
import { withWindow } from './harness/window.ts'

const manifest = `
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {serviceName: db, replicas: 2, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: pg, image: "postgres:17", resources: {requests: {memory: 256Mi}}, volumeMounts: [{name: data, mountPath: /data}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 4Gi}}}}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {selector: {app: db}, ports: [{port: 5432}]}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: front}, spec: {rules: [{host: db.home.arpa, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: db, port: {number: 5432}}}}]}}]}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: team}, spec: {hard: {persistentvolumeclaims: "4", requests.memory: 1Gi}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: spare}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: choosy}, spec: {nodeSelector: {disk: ssd}, containers: [{name: c, image: "nginx:1.26", resources: {requests: {memory: 64Mi}}}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: gated}, spec: {schedulingGates: [{name: example.com/licence}], containers: [{name: c, image: "nginx:1.26", resources: {requests: {memory: 64Mi}}}]}}
`

describe('storage, ways in, quotas and decisions in the window', { skip: noBrowser || noKubectl }, () => {
  let orrery: Orrery
  let screen: Screen
  let page: Page
  withWindow(['--nodes', 'simulated:3', '--ingress-port', '0'], (opened) => ({ orrery, screen, page } = opened), manifest)

  const open = async (name: string, kind: string): Promise<void> => {
    await page.keyboard.press('Control+k')
    const find = page.getByRole('combobox', { name: 'Find or run anything' })
    await find.fill(`${name} ${kind}`)
    await page.getByRole('option', { name: new RegExp(`^${name}\\s*${kind}`) }).first().click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
  }
  const main = () => page.getByRole('main')

  test('the outline has claims and ways in with their states; the graph draws them', async () => {
    await screen.row(/^app db, 2 of 2 ready/).waitFor()
    await screen.row(/^app db, /).click()
    await page.keyboard.press('ArrowRight')
    await screen.row(/^claim data-db-0, has 4 GiB/).waitFor()
    await screen.row(/^Ingress front, served at /).waitFor()
    await page.keyboard.press('f')
    await screen.settle()
    await screen.shoot('storage-graph')
  })

  test('a claim: who mounts it, where its data lives; it grows, and deleting it is final', async () => {
    await open('data-db-0', 'PersistentVolumeClaim')
    await main().getByRole('heading', { name: 'Where the data lives' }).waitFor()
    await main().getByText('deleted with the claim. That is final.').waitFor()
    await screen.shoot('storage-claim')
    await main().getByRole('button', { name: 'Grow', exact: true }).click()
    await page.getByLabel('Size').fill('1 GiB')
    await page.getByText('A claim cannot shrink').waitFor()
    await page.getByLabel('Size').fill('6 GiB')
    await page.getByRole('button', { name: 'Grow to 6 GiB' }).click()
    await eventually('the claim has grown', async () => (await orrery.json('get', 'pvc', 'data-db-0')).status['capacity']?.['storage'] === '6Gi')
    await page.keyboard.press('Escape')
    await open('data-db-1', 'PersistentVolumeClaim')
    await page.getByRole('heading', { level: 1, name: 'data-db-1' }).click()
    await page.keyboard.press('Delete')
    await page.getByRole('dialog').getByText('That is final').waitFor()
    await page.getByRole('button', { name: 'Keep it' }).click()
  })

  test('a claim that waits says for what, step by step', async () => {
    await open('spare', 'PersistentVolumeClaim')
    await main().getByText('no Pod uses it yet').waitFor()
  })

  test('an Ingress: each path, its Service and who answers', async () => {
    await open('front', 'Ingress')
    await main().getByRole('link', { name: 'db.home.arpa' }).waitFor()
    await main().getByRole('cell', { name: '2 Pods' }).waitFor()
  })

  test('a quota: meters, and who uses most', async () => {
    await open('team', 'ResourceQuota')
    await main().getByRole('meter', { name: 'Claims on storage: 3 of 4' }).waitFor()
    await main().getByText(/Who uses most of it/).waitFor()
    await screen.shoot('storage-quota')
  })

  test('why a Pod waits: the queue, every verdict, what each planner decided', async () => {
    await open('choosy', 'Pod')
    await main().getByRole('tab', { name: 'Why' }).click()
    await main().getByText(/Waits until something helps: .*Tried again in/).waitFor()
    await main().getByRole('button', { name: 'All verdicts on sim-1' }).click()
    await main().getByText('TaintToleration').waitFor()
    await main().getByRole('heading', { name: 'What each one decided last' }).waitFor()
    await screen.shoot('storage-why')
    await open('gated', 'Pod')
    await main().getByRole('tab', { name: 'Why' }).click()
    await main().getByText('Held by 1 scheduling gate: example.com/licence').waitFor()
  })

  test('a machine is given the label that a Pod wants: what changes is seen before, and the Pod starts', async () => {
    await open('choosy', 'Pod')
    await main().getByRole('tab', { name: 'Why' }).click()
    const ways = main().getByRole('region', { name: 'Ways out' })
    await ways.getByText('labels.disk').first().waitFor()
    await ways.getByText('No machine has what the Pod wants; sim-1 has room for it.').waitFor()
    await ways.getByText('kubectl label node sim-1 disk=ssd').waitFor()
    await screen.shoot('storage-label-before')
    await ways.getByRole('button', { name: 'Label sim-1 disk=ssd' }).click()
    await page.getByText('sim-1 is labelled disk=ssd').waitFor()
    await eventually('it runs there', async () => {
      const { spec, status } = await orrery.json('get', 'pod', 'choosy')
      return spec['nodeName'] === 'sim-1' && status['phase'] === 'Running'
    })
    await main().getByRole('heading', { name: 'choosy is ready' }).waitFor()
    await main().getByText('Nothing has to be done.').waitFor()
    await screen.shoot('storage-label-after')
  })

  test('every kind is in the tables, in groups; the palette knows short names', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find or run anything' }).fill('sc')
    await page.getByRole('option', { name: /^All StorageClasses/ }).click()
    await page.getByRole('grid', { name: 'StorageClasses' }).getByText('standard').first().waitFor()
    const kinds = page.getByRole('navigation', { name: 'Kinds' })
    for (const group of ['Workloads', 'Network', 'Storage', 'Config', 'Policy', 'Devices', 'Cluster']) await kinds.getByRole('heading', { name: group, exact: true }).waitFor()
    assert.ok((await kinds.getByRole('button').count()) >= 40)
  })

  test('a volume that is lost shows in the app, in the bar and in the outline', async () => {
    const volume = (await orrery.json('get', 'pvc', 'data-db-1')).spec['volumeName'] as string
    await orrery.kubectl('delete', 'pv', volume, '--wait=false')
    await orrery.kubectl('patch', 'pv', volume, '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
    await screen.place('Graph')
    await screen.row(/^app db, 2 of 2 ready, data has lost its volume/).waitFor()
    await page.getByRole('banner').getByRole('button', { name: '1 failing' }).waitFor()
    await screen.shoot('storage-lost')
  })

  test('no warning and no error was written to the console all the while', () => screen.assertCalm())
})
