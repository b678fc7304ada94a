/**
 * Takes the README's pictures from the real window on real containers, into this folder. By hand, after `npm run build`:
 * `node test/pictures/take.ts` (Node 24; needs a container engine, kubectl and Chromium; about a minute).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Screen } from '../e2e/harness/browser.ts'
import { eventually, isReady, Orrery, root } from '../e2e/harness/orrery.ts'
import { WindowClient } from '../e2e/harness/window-client.ts'
import { clientImage, ensureImages } from '../images/ensure-images.ts'

const check = 'readinessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 3, periodSeconds: 2}'
const app = (name: string, replicas: number, image: string, more = '') => `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}}, spec: {replicas: ${replicas}, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: ${name}, image: "${image}", ports: [{containerPort: 80}], resources: {requests: {cpu: 50m, memory: 256Mi}}${more}}]}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {selector: {app: ${name}}, ports: [{port: 80}]}}
---`

const manifests = `${app('notes', 2, 'nginx:1.26')}${app('photos', 1, 'nginx:1.26')}
{apiVersion: v1, kind: ConfigMap, metadata: {name: nginx-conf}, data: {GREETING: hello}}
---${app('nginx', 3, 'nginx:1.25', `, envFrom: [{configMapRef: {name: nginx-conf}}], ${check}`)}
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, labels: {app: db}}, spec: {serviceName: db, replicas: 2, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {terminationGracePeriodSeconds: 1, containers: [{name: db, image: "${clientImage}", command: [sleep, infinity], volumeMounts: [{name: data, mountPath: /data}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 4Gi}}}}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: db, labels: {app: db}}, spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: db}, spec: {minAvailable: 1, selector: {matchLabels: {app: db}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: notes}, spec: {minReplicas: 2, maxReplicas: 6, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: notes}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: backup}, spec: {schedule: "30 3 * * *", timeZone: Europe/Berlin, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: backup, image: "${clientImage}", command: ["true"]}]}}}}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: bridge-env}, data: {BROKER: "192.168.1.20:1883"}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: mqtt-bridge}, spec: {selector: {matchLabels: {app: mqtt-bridge}}, template: {metadata: {labels: {app: mqtt-bridge}}, spec: {containers: [{name: bridge, image: "${clientImage}", command: [sh, -c, 'echo "cannot reach $BROKER: refused"; sleep 1; exit 1'], envFrom: [{configMapRef: {name: bridge-env}}]}]}}}}
`

await ensureImages()
const folder = mkdtempSync(join(tmpdir(), 'orrery-pictures-'))
mkdirSync(join(folder, 'home'))
const orrery = new Orrery(['--nodes', 'docker:2'], join(folder, 'home'))
await orrery.start()
const screen = await Screen.open(orrery.ui)
const { page } = screen
const client = await WindowClient.connect(orrery)

async function picture(name: string, colorScheme: 'dark' | 'light' = 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.mouse.move(720, 892)
  await screen.settle()
  await page.screenshot({ path: join(root, 'test/pictures', `${name}.png`), animations: 'disabled' })
}
const ready = (name: string, count: number) => eventually(`${count} of ${name}`, async () => (await orrery.pods(`app=${name}`)).filter(isReady).length === count, 60_000)

try {
  await orrery.apply(manifests)
  for (const [name, count] of [['notes', 2], ['photos', 1], ['nginx', 3], ['db', 2]] as const) await ready(name, count)
  const { url } = await client.call('openPort', { ref: { kind: 'Service', namespace: 'default', name: 'nginx' }, port: 80 })
  await eventually('the autoscaler has measured', async () => ((await orrery.json('get', 'hpa', 'notes')).status['conditions'] ?? []).some((one: { type: string; status: string }) => one.type === 'ScalingActive' && one.status === 'True'), 120_000)
  await page.reload()
  await screen.row(/^app mqtt-bridge.*exit/).waitFor({ timeout: 60_000 })
  await screen.row(/^app nginx, 3 of 3/).waitFor()
  await page.keyboard.press('f')

  await orrery.kubectl('set', 'image', 'deployment/nginx', 'nginx=nginx:1.26')
  await screen.row(/^app nginx.*1 of 3 replaced/).waitFor({ timeout: 60_000 })
  await page.getByRole('feed').getByText('Deployment added a second 1.26 Pod').waitFor()
  await page.getByRole('button', { name: 'Tidy' }).click()
  await picture('home-dark')
  await picture('home-light', 'light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await eventually('updated', async () => {
    const pods = await orrery.pods('app=nginx')
    return pods.length === 3 && pods.every((pod) => isReady(pod) && pod.spec['containers'][0].image === 'nginx:1.26')
  }, 90_000)

  await screen.place('Machines')
  await page.getByRole('region', { name: /^Machine / }).nth(1).waitFor()
  await page.getByText(/MiB/).first().waitFor()
  await picture('machines')

  const visit = async (paths: readonly string[]) => {
    for (const path of paths) await fetch(new URL(path, url), { headers: { 'user-agent': 'home/1.0' } })
  }
  const pages = ['/', '/index.html', '/', '/', '/index.html', '/']
  await visit([...pages, ...pages, '/menu', ...pages])
  await orrery.kubectl('scale', 'deployment/nginx', '--replicas=4')
  await ready('nginx', 4)
  await visit([...pages, '/favicon.ico', '/index.html', '/'])
  await screen.place('Graph')
  await screen.row(/^app nginx/).click()
  await page.keyboard.press('l')
  await page.getByRole('log').getByText('/favicon.ico').first().waitFor()
  await page.getByLabel('Search the log').fill('index')
  await page.getByRole('status').filter({ hasText: /^1 of \d/ }).waitFor()
  await picture('logs')

  await page.getByRole('banner').getByRole('button', { name: 'Deploy' }).click()
  await page.getByLabel('Image', { exact: true }).fill('nginx:1.26')
  await page.getByLabel('Name', { exact: true }).fill('recipes')
  await page.getByRole('button', { name: 'One more' }).click()
  await page.getByRole('textbox', { name: 'Port 1' }).fill('80')
  await page.getByRole('radio', { name: /a port of each machine/ }).check({ force: true })
  await page.getByRole('textbox', { name: 'Memory' }).fill('256 MiB')
  await page.getByRole('status').filter({ hasText: '2 Pods and 1 Service' }).waitFor()
  await picture('deploy')
  await page.getByRole('button', { name: 'Discard draft' }).click()

  await orrery.kubectl('set', 'image', 'deployment/nginx', 'nginx=nginx:1.2x')
  await screen.place('Graph')
  await screen.row(/^app nginx.*cannot pull/).waitFor({ timeout: 60_000 })
  await screen.row(/^app nginx/).click()
  await page.keyboard.press('w')
  await page.getByRole('heading', { name: /cannot pull nginx:1\.2x/ }).waitFor()
  await page.getByRole('img', { name: /You: / }).waitFor()
  await picture('why')
} finally {
  client.close()
  await screen.close()
  await orrery.purge()
  rmSync(folder, { recursive: true, force: true })
}
