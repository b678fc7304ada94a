/** What is photographed: the scene, where the window stands, and what is done before the picture. */
import type { Page } from 'playwright-core'

interface Shot { query: string; hash?: string; steps?: (page: Page) => Promise<void>; width?: number; height?: number }

const pod = 'Pod/default/nginx-deployment-5c8d7f9b64-p9x4k'
const gitea = 'Deployment/default/gitea'
const giteaPod = 'Pod/default/gitea-5d8-k2v9x'

const press = (key: string, times: number) => async (page: Page) => {
  for (let i = 0; i < times; i++) {
    await page.keyboard.press(key)
    await page.waitForTimeout(260)
  }
  await page.waitForTimeout(500)
}
const fillDeploy = async (page: Page) => {
  await page.getByLabel('Image', { exact: true }).fill('caddy:2.10')
  await page.getByLabel('Name', { exact: true }).fill('blog')
  await page.getByRole('button', { name: 'One more' }).click()
  await page.getByText('a port of each machine').click()
  await page.getByRole('button', { name: 'Variable' }).click()
  await page.getByLabel('Name', { exact: true }).nth(1).fill('SITE_ADDRESS')
  await page.getByLabel('Value of SITE_ADDRESS').fill(':80')
  await page.getByRole('button', { name: 'Variable' }).click()
  await page.getByLabel('Name', { exact: true }).nth(2).fill('ADMIN_TOKEN')
  await page.getByLabel('Value of ADMIN_TOKEN').fill('secret value')
  await page.getByRole('textbox', { name: 'Memory' }).fill('128 MiB')
  await page.getByText('every 10 s').click()
  await page.getByRole('textbox', { name: 'CPU' }).fill('0.25 CPU')
  await page.waitForTimeout(900)
}
const fillDeployWrong = async (page: Page) => {
  await page.getByLabel('Image', { exact: true }).fill('Nginx:1')
  await page.getByLabel('Name', { exact: true }).fill('My App')
  await page.getByRole('textbox', { name: 'Memory' }).fill('lots')
  await page.getByRole('button', { name: /^Deploy/ }).last().click()
  await page.waitForTimeout(700)
}
const yaml = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
spec:
  replicas: 2
  selector:
    matchLabels: { app: nginx, tier: nginx-deployment }
  template:
    metadata:
      labels: { app: nginx, tier: nginx-deployment }
    spec:
      containers:
        - name: main
          image: nginx:1.26
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: site
data:
  greeting: hello
`
const write = (text: string) => async (page: Page) => {
  await page.locator('.cm-content').click()
  await page.keyboard.insertText(text)
  await page.waitForTimeout(1_200)
}
const review = async (page: Page) => {
  await write(yaml)(page)
  await page.getByRole('button', { name: 'Review what changes' }).click()
  await page.waitForTimeout(300)
}

export const shots: Readonly<Record<string, Shot>> = {
  home: { query: 'scene=home&theme=dark' },
  'home-light': { query: 'scene=home&theme=light' },
  'home-far': { query: 'scene=home&theme=dark', steps: press('-', 3) },
  'home-farther': { query: 'scene=home&theme=dark', steps: press('-', 7) },
  'home-near': { query: 'scene=home&theme=dark', steps: press('+', 2) },
  'zoomed-out': { query: 'scene=lab&theme=dark' },
  'zoomed-out-light': { query: 'scene=lab&theme=light' },
  'lab-near': { query: 'scene=lab&theme=dark', steps: press('+', 7) },
  'lab-nearer': { query: 'scene=lab&theme=dark', steps: press('+', 11) },
  narrow: { query: 'scene=home&theme=dark', width: 1000, height: 700 },
  selected: { query: 'scene=home&theme=dark', hash: '#/graph?sel=Pod/default/nginx-deployment-7c9-q9d4t' },
  side: { query: 'scene=typo&theme=dark', hash: `#/graph?sel=${pod}` },
  'first-start': { query: 'scene=empty&theme=dark' },
  simulated: { query: 'scene=simulated&theme=dark' },
  'simulated-light': { query: 'scene=simulated&theme=light' },
  unreachable: { query: 'scene=unreachable&theme=dark' },
  'read-only': { query: 'scene=read-only&theme=light' },
  'cut-off': { query: 'scene=home&theme=dark&cut' },
  'cut-off-objects': { query: 'scene=home&theme=dark&cut', hash: '#/objects?kind=Pod' },
  changes: { query: 'scene=home&theme=dark', hash: '#/changes' },
  deploy: { query: 'scene=home&theme=dark', hash: '#/deploy', steps: fillDeploy },
  'deploy-light': { query: 'scene=home&theme=light', hash: '#/deploy', steps: fillDeploy },
  'deploy-errors': { query: 'scene=home&theme=dark', hash: '#/deploy', steps: fillDeployWrong },
  yaml: { query: 'scene=typo&theme=dark', hash: '#/deploy/yaml', steps: write(yaml.replace('replicas: 2', 'replica: 2')) },
  review: { query: 'scene=typo&theme=dark', hash: '#/deploy/yaml', steps: review },
  'review-failed': { query: 'scene=typo&theme=light', hash: '#/deploy/yaml', steps: async (page) => { await review(page); await page.getByRole('button', { name: /^Apply/ }).click(); await page.waitForTimeout(300) } },
  complete: { query: 'scene=typo&theme=dark', hash: '#/deploy/yaml', steps: async (page) => { await write('apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: x\n        im')(page); await page.keyboard.press('Control+Space'); await page.waitForTimeout(700) } },
  overview: { query: 'scene=typo&theme=dark', hash: `#/open/${pod}` },
  events: { query: 'scene=typo&theme=dark', hash: `#/open/${pod}/events` },
  why: { query: 'scene=typo&theme=dark', hash: `#/open/${pod}/why` },
  'why-light': { query: 'scene=typo&theme=light', hash: '#/open/Deployment/default/nginx-deployment/why' },
  pending: { query: 'scene=pending&theme=dark', hash: '#/open/Deployment/default/paperless/why' },
  edit: { query: 'scene=home&theme=dark', hash: `#/open/${gitea}/yaml` },
  terminal: { query: 'scene=home&theme=dark', hash: `#/open/${giteaPod}/terminal`, steps: async (page) => { await page.keyboard.type('ls -la\r'); await page.waitForTimeout(300) } },
  logs: { query: 'scene=home&theme=dark', hash: `#/open/${giteaPod}/logs`, steps: async (page) => { await page.getByLabel('Search the log').fill('connection refused'); await page.keyboard.press('Enter'); await page.waitForTimeout(400) } },
  'logs-light': { query: 'scene=home&theme=light', hash: '#/open/Deployment/default/nginx-deployment/logs' },
  'logs-narrow': { query: 'scene=home&theme=dark', hash: `#/open/${giteaPod}/logs`, width: 1000 },
  'logs-place': { query: 'scene=home&theme=dark', hash: '#/logs' },
  node: { query: 'scene=home&theme=dark', hash: '#/open/Node/-/mini-pc' },
  service: { query: 'scene=home&theme=dark', hash: '#/open/Service/default/nginx-service' },
  machines: { query: 'scene=home&theme=dark', hash: '#/machines' },
  'machines-light': { query: 'scene=home&theme=light', hash: '#/machines' },
  objects: { query: 'scene=home&theme=dark', hash: '#/objects?kind=Pod' },
  'objects-light': { query: 'scene=lab&theme=light', hash: '#/objects?kind=Pod', steps: async (page) => { await page.locator('.line .pick').nth(1).click(); await page.locator('.line .pick').nth(3).click(); await page.waitForTimeout(200) } },
  palette: { query: 'scene=home&theme=dark', hash: '#/graph?sel=Deployment/default/nginx-deployment', steps: async (page) => { await page.keyboard.press('Control+k'); await page.waitForTimeout(500); await page.keyboard.type('ro'); await page.waitForTimeout(300) } },
  settings: { query: 'scene=home&theme=dark', hash: '#/settings' },
  delete: { query: 'scene=home&theme=dark', hash: `#/open/${gitea}`, steps: async (page) => { await page.keyboard.press('Delete'); await page.waitForTimeout(400) } },
  drain: { query: 'scene=home&theme=dark', hash: '#/machines', steps: async (page) => { await page.getByRole('button', { name: /Move Pods away/ }).nth(1).click(); await page.waitForTimeout(400) } },
  scale: { query: 'scene=home&theme=light', hash: `#/open/${gitea}`, steps: async (page) => { await page.keyboard.press('s'); await page.waitForTimeout(300); await page.getByRole('button', { name: 'One more' }).click(); await page.waitForTimeout(200) } },
  'roll-back': { query: 'scene=typo&theme=dark', hash: '#/open/Deployment/default/nginx-deployment', steps: async (page) => { await page.getByRole('button', { name: 'More actions' }).click(); await page.getByRole('menuitem', { name: 'Roll back' }).click(); await page.waitForTimeout(400) } },
}
