/** The window's actions on workloads, scaling and budgets, as a person does them; on simulated machines. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Screen } from './harness/browser.ts'
import { eventually, noBrowser, noKubectl, type Orrery, type KubeJson } from './harness/orrery.ts'
import { withWindow } from './harness/window.ts'

const manifest = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, labels: {app: shop}}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {tier: db}}
  template:
    metadata: {labels: {app: shop, tier: db}}
    spec: {containers: [{name: pg, image: 'postgres:16'}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: shop}}
spec:
  replicas: 2
  selector: {matchLabels: {tier: web}}
  template:
    metadata: {labels: {app: shop, tier: web}, annotations: {simulate.orrery.dev/shared-cpu: 'web=330m'}}
    spec: {containers: [{name: c, image: 'nginx:1.26', resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {minAvailable: 2, selector: {matchLabels: {tier: db}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {name: agent}}
  template: {metadata: {labels: {name: agent}}, spec: {containers: [{name: a, image: 'agent:1'}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup}
spec:
  schedule: '30 3 * * *'
  timeZone: Europe/Berlin
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: r, image: 'restic:0.17'}]}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  backoffLimit: 0
  template: {metadata: {annotations: {simulate.orrery.dev/exit-code: '3'}}, spec: {restartPolicy: Never, containers: [{name: r, image: busybox}]}}
`

describe('workloads in the window', { skip: noBrowser || noKubectl }, () => {
  let orrery: Orrery
  let screen: Screen
  let page: Page
  const open = async (kind: string, name: string) => {
    await page.evaluate((hash) => { location.hash = hash }, `#/open/${kind}/${kind === 'Node' ? '-' : 'default'}/${name}`)
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  }
  const action = async (name: string) => {
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: new RegExp(`^${name}`) }).click()
  }
  const confirm = (name: string | RegExp) => page.getByRole('dialog').getByRole('button', { name }).click()
  withWindow(['--nodes', 'simulated:3'], (opened) => ({ orrery, screen, page } = opened), manifest)

  test('every workload is an app on the graph, what it made with it', async () => {
    await screen.row(/^app shop, \d of \d ready/).waitFor()
    await screen.row(/^app agent, 3 of 3 ready/).waitFor()
    await screen.row(/^app backup, next run in/).waitFor()
    await screen.row(/^app migrate, 0 of 1 done, failed/).waitFor()
    await page.keyboard.press('f')
    await screen.settle()
    await screen.shoot('workloads-graph')
  })

  test('a CronJob runs now, is suspended and goes on', async () => {
    await open('CronJob', 'backup')
    await page.getByText('At 03:30, by the clock of Europe/Berlin.').waitFor()
    await action('Run now')
    const job = await eventually('a Job by hand', async () => (await orrery.json<{ items: KubeJson[] }>('get', 'jobs')).items.find((one) => one.metadata.annotations?.['cronjob.kubernetes.io/instantiate'] === 'manual'))
    assert.match(job.metadata.name, /^backup-manual-/)
    await page.getByRole('main').getByText('by hand').waitFor()
    await page.getByText('complete', { exact: true }).first().waitFor()
    await action('Suspend')
    await eventually('it is suspended', async () => (await orrery.json<KubeJson>('get', 'cronjob', 'backup')).spec['suspend'] === true)
    await action('Go on')
    await eventually('it goes on', async () => (await orrery.json<KubeJson>('get', 'cronjob', 'backup')).spec['suspend'] === false)
    await screen.shoot('workloads-cron-job')
  })

  test('a failed Job is run again', async () => {
    await open('Job', 'migrate')
    await page.getByRole('main').getByText('exit code 3').waitFor()
    await action('Run again')
    await eventually('a second Job', async () => (await orrery.json<{ items: KubeJson[] }>('get', 'jobs')).items.some((one) => one.metadata.name.startsWith('migrate-again-')))
  })

  test('a StatefulSet is updated and rolled back by its ControllerRevision, and scaled', async () => {
    await orrery.kubectl('rollout', 'status', 'sts/db', '--timeout=60s')
    await orrery.kubectl('set', 'image', 'sts/db', 'pg=postgres:17')
    await orrery.kubectl('rollout', 'status', 'sts/db', '--timeout=60s')
    await open('StatefulSet', 'db')
    await page.getByRole('main').getByText('db-1', { exact: true }).first().waitFor()
    await action('Roll back')
    await page.getByRole('radio', { name: /Revision 1/ }).waitFor()
    await confirm(/^Roll back to revision 1/)
    await eventually('the old image is back', async () => (await orrery.json<KubeJson>('get', 'sts', 'db')).spec['template'].spec.containers[0].image === 'postgres:16')
    await orrery.kubectl('rollout', 'status', 'sts/db', '--timeout=60s')
    await action('Restart')
    await confirm('Restart')
    await orrery.kubectl('rollout', 'status', 'sts/db', '--timeout=60s')
    await screen.shoot('workloads-stateful-set')
  })

  test('an autoscaler is tried out on its curve and tuned', async () => {
    await open('HorizontalPodAutoscaler', 'web')
    await page.getByRole('img', { name: /Pods by load: 2 to 4/ }).waitFor()
    await page.getByRole('slider', { name: 'At most' }).fill('6')
    await page.getByRole('button', { name: 'Keep 2 to 6 at 60 %' }).waitFor()
    await page.getByRole('slider', { name: 'At most' }).press('ArrowRight')
    await page.getByRole('button', { name: 'Keep 2 to 7 at 60 %' }).waitFor()
    await page.getByRole('spinbutton', { name: 'At most' }).fill('11')
    await page.getByRole('slider', { name: 'Target' }).press('ArrowRight')
    await page.getByRole('button', { name: 'Keep 2 to 11 at 61 %' }).waitFor()
    await page.getByRole('spinbutton', { name: 'Target' }).fill('60')
    await page.getByRole('spinbutton', { name: 'At most' }).fill('7')
    await page.getByRole('button', { name: 'Keep 2 to 7 at 60 %' }).click()
    await eventually('the maximum is written', async () => (await orrery.json<KubeJson>('get', 'hpa', 'web')).spec['maxReplicas'] === 7)
    await page.getByRole('img', { name: /Pods by load: 2 to 7/ }).waitFor()
    await screen.shoot('workloads-autoscaler')
  })

  test('a Pod is resized in place', async () => {
    const [pod] = await orrery.pods('tier=web')
    await open('Pod', pod!.metadata.name)
    await action('Resize')
    assert.deepEqual(await Promise.all(['CPU, asks for', 'Memory, asks for'].map((name) => page.getByLabel(name).inputValue())), ['0.1 CPU', '64 MiB'])
    await page.getByLabel('CPU, asks for').fill('0.15 CPU')
    await page.getByText('Written as 150m').waitFor()
    await page.getByText('nothing restarts').waitFor()
    await confirm('Resize')
    const resized = await eventually('it has its new size', async () => {
      const now = await orrery.json<KubeJson>('get', 'pod', pod!.metadata.name)
      return now.spec['containers'][0].resources.requests.cpu === '150m' && now
    })
    assert.equal(resized.metadata['uid'], pod!.metadata['uid'])
  })

  test('a drain names the budget that holds it, waits, and goes on when the budget allows it', async () => {
    const [pod] = await orrery.pods('tier=db')
    const node = String(pod!.spec['nodeName'])
    await open('Node', node)
    await action('Move Pods away')
    await page.getByRole('dialog').getByText(/budget db keeps 2 healthy and has 2/).waitFor()
    await confirm(/^Move \d+ Pods? away/)
    const progress = page.getByRole('region', { name: `Moving Pods away from ${node}` })
    await progress.getByText(/waits: budget db needs 2 healthy Pods and has 2/).waitFor()
    await screen.shoot('workloads-drain')
    await orrery.kubectl('patch', 'pdb', 'db', '--type=merge', '-p', '{"spec":{"minAvailable":1}}')
    await progress.waitFor({ state: 'detached', timeout: 30_000 })
    await eventually('its Pods run elsewhere', async () => (await orrery.pods('tier=db')).every((one) => one.spec['nodeName'] !== node))
  })

  test('no warning and no error was written to the console all the while', () => screen.assertCalm())
})
