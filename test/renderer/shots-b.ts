/** Screenshots of the views on fixtures, with steps: `node test/renderer/shots-b.ts [--no-build] [name…]` → test/artifacts. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from 'playwright-core'
import { build } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const artifacts = here('../artifacts')
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

interface Shot { query: string; hash: string; steps?: (page: Page) => Promise<void>; width?: number }
const pod = 'Pod/default/nginx-deployment-5c8d7f9b64-p9x4k'
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
const shots: Readonly<Record<string, Shot>> = {
  'b-deploy': { query: 'scene=home&theme=dark', hash: '#/deploy', steps: fillDeploy },
  'b-deploy-light': { query: 'scene=home&theme=light', hash: '#/deploy', steps: fillDeploy },
  'b-deploy-errors': { query: 'scene=home&theme=dark', hash: '#/deploy', steps: async (page) => { await page.getByLabel('Image', { exact: true }).fill('Nginx:1'); await page.getByLabel('Name', { exact: true }).fill('My App'); await page.getByRole('textbox', { name: 'Memory' }).fill('lots'); await page.getByRole('button', { name: /^Deploy/ }).last().click(); await page.waitForTimeout(700) } },
  'b-yaml': { query: 'scene=typo&theme=dark', hash: '#/deploy/yaml', steps: async (page) => { await page.locator('.cm-content').click(); await page.evaluate((text) => navigator.clipboard?.writeText(text).catch(() => undefined), yaml); await page.keyboard.insertText(yaml.replace('replicas: 2', 'replica: 2')); await page.waitForTimeout(1200) } },
  'b-review': { query: 'scene=typo&theme=dark', hash: '#/deploy/yaml', steps: async (page) => { await page.locator('.cm-content').click(); await page.keyboard.insertText(yaml); await page.waitForTimeout(1200); await page.getByRole('button', { name: 'Review what changes' }).click(); await page.waitForTimeout(300) } },
  'b-review-failed': { query: 'scene=typo&theme=light', hash: '#/deploy/yaml', steps: async (page) => { await page.locator('.cm-content').click(); await page.keyboard.insertText(yaml); await page.waitForTimeout(1200); await page.getByRole('button', { name: 'Review what changes' }).click(); await page.waitForTimeout(300); await page.getByRole('button', { name: /^Apply/ }).click(); await page.waitForTimeout(300) } },
  'b-complete': { query: 'scene=typo&theme=dark', hash: '#/deploy/yaml', steps: async (page) => { await page.locator('.cm-content').click(); await page.keyboard.insertText('apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: x\n        im'); await page.keyboard.press('Control+Space'); await page.waitForTimeout(700) } },
  'b-overview': { query: 'scene=typo&theme=dark', hash: `#/open/${pod}` },
  'b-logs': { query: 'scene=home&theme=dark', hash: '#/open/Pod/default/gitea-5d8-k2v9x/logs', steps: async (page) => { await page.getByLabel('Search the log').fill('connection refused'); await page.keyboard.press('Enter'); await page.waitForTimeout(400) } },
  'b-logs-light': { query: 'scene=home&theme=light', hash: '#/open/Deployment/default/nginx-deployment/logs' },
  'b-logs-place': { query: 'scene=home&theme=dark', hash: '#/logs' },
  'b-why': { query: 'scene=typo&theme=dark', hash: `#/open/${pod}/why` },
  'b-why-light': { query: 'scene=typo&theme=light', hash: '#/open/Deployment/default/nginx-deployment/why' },
  'b-pending': { query: 'scene=pending&theme=dark', hash: '#/open/Deployment/default/paperless/why' },
  'b-events': { query: 'scene=typo&theme=dark', hash: `#/open/${pod}/events` },
  'b-terminal': { query: 'scene=home&theme=dark', hash: '#/open/Pod/default/gitea-5d8-k2v9x/terminal', steps: async (page) => { await page.keyboard.type('ls -la\r'); await page.waitForTimeout(300) } },
  'b-edit': { query: 'scene=home&theme=dark', hash: '#/open/Deployment/default/gitea/yaml' },
  'b-machines': { query: 'scene=home&theme=dark', hash: '#/machines' },
  'b-machines-light': { query: 'scene=home&theme=light', hash: '#/machines' },
  'b-objects': { query: 'scene=home&theme=dark', hash: '#/objects?kind=Pod' },
  'b-objects-light': { query: 'scene=lab&theme=light', hash: '#/objects?kind=Pod', steps: async (page) => { await page.locator('.line .pick').nth(1).click(); await page.locator('.line .pick').nth(3).click(); await page.waitForTimeout(200) } },
  'b-palette': { query: 'scene=home&theme=dark', hash: '#/graph?sel=Deployment/default/nginx-deployment', steps: async (page) => { await page.keyboard.press('Control+k'); await page.waitForTimeout(500); await page.keyboard.type('ro'); await page.waitForTimeout(300) } },
  'b-settings': { query: 'scene=home&theme=dark', hash: '#/settings' },
  'b-first': { query: 'scene=empty&theme=dark', hash: '#/graph' },
  'b-first-sim': { query: 'scene=simulated&theme=light', hash: '#/graph' },
  'b-delete': { query: 'scene=home&theme=dark', hash: '#/open/Deployment/default/gitea', steps: async (page) => { await page.keyboard.press('Delete'); await page.waitForTimeout(400) } },
  'b-drain': { query: 'scene=home&theme=dark', hash: '#/machines', steps: async (page) => { await page.getByRole('button', { name: /Move Pods away/ }).nth(1).click(); await page.waitForTimeout(400) } },
  'b-scale': { query: 'scene=home&theme=light', hash: '#/open/Deployment/default/gitea', steps: async (page) => { await page.keyboard.press('s'); await page.waitForTimeout(300); await page.getByRole('button', { name: 'One more' }).click(); await page.waitForTimeout(200) } },
  'b-rollback': { query: 'scene=typo&theme=dark', hash: '#/open/Deployment/default/nginx-deployment', steps: async (page) => { await page.getByRole('button', { name: 'More actions' }).click(); await page.getByRole('menuitem', { name: 'Roll back' }).click(); await page.waitForTimeout(400) } },
  'b-side': { query: 'scene=typo&theme=dark', hash: `#/graph?sel=${pod}` },
  'b-node': { query: 'scene=home&theme=dark', hash: '#/open/Node/-/mini-pc' },
  'b-service': { query: 'scene=home&theme=dark', hash: '#/open/Service/default/nginx-service' },
  'b-cut': { query: 'scene=home&theme=dark&cut', hash: '#/objects?kind=Pod' },
  'b-narrow': { query: 'scene=home&theme=dark', hash: '#/open/Pod/default/gitea-5d8-k2v9x/logs', width: 1000 },
}

if (!process.argv.includes('--no-build')) await build({ configFile: here('./vite-b.config.ts'), logLevel: 'warn' })
mkdirSync(artifacts, { recursive: true })
const root = join(artifacts, 'page-b')
const server = createServer((request, response) => {
  const path = (request.url ?? '/').split('?')[0]!
  try {
    const file = readFileSync(join(root, path === '/' ? 'index.html' : path))
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/html', 'content-security-policy': policy })
    response.end(file)
  } catch {
    response.writeHead(404).end()
  }
})
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
const address = server.address()
const port = typeof address === 'object' && address ? address.port : 0
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const problems: string[] = []
for (const [name, shot] of Object.entries(shots)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const page = await browser.newPage({ viewport: { width: shot.width ?? 1440, height: 900 } })
  page.on('console', (message) => message.type() === 'error' && problems.push(`${name}: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`${name}: ${error.message}\n${(error.stack ?? '').split('\n').slice(0, 6).join('\n')}`))
  await page.goto(`http://127.0.0.1:${port}/?${shot.query}${shot.hash}`)
  await page.waitForTimeout(1_000)
  try {
    await shot.steps?.(page)
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  }
  await page.screenshot({ path: join(artifacts, `${name}.png`) })
  await page.close()
}
await browser.close()
server.close()
process.stdout.write(problems.length === 0 ? 'no errors in the console\n' : `${problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
