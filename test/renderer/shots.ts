/** Screenshots of the window on fixtures, to hold beside the pictures: `node --import … test/renderer/shots.ts [name…]` → test/artifacts. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const artifacts = here('../artifacts')
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

const shots: Readonly<Record<string, { query: string; width?: number; height?: number; hash?: string; keys?: readonly string[]; click?: readonly [number, number] }>> = {
  home: { query: 'scene=home&theme=dark' },
  'home-light': { query: 'scene=home&theme=light' },
  'zoomed-out': { query: 'scene=lab&theme=dark' },
  'zoomed-out-light': { query: 'scene=lab&theme=light' },
  'first-start': { query: 'scene=empty&theme=dark' },
  simulated: { query: 'scene=simulated&theme=dark' },
  unreachable: { query: 'scene=unreachable&theme=dark' },
  'read-only': { query: 'scene=read-only&theme=light' },
  'cut-off': { query: 'scene=home&theme=dark&cut' },
  narrow: { query: 'scene=home&theme=dark', width: 1000, height: 700 },
  'lab-near': { query: 'scene=lab&theme=dark', keys: ['+', '+', '+', '+', '+', '+', '+'] },
  'lab-nearer': { query: 'scene=lab&theme=dark', keys: Array.from({ length: 11 }, () => '+') },
  'home-far': { query: 'scene=home&theme=dark', keys: ['-', '-', '-'] },
  'home-farther': { query: 'scene=home&theme=dark', keys: Array.from({ length: 7 }, () => '-') },
  'home-near': { query: 'scene=home&theme=dark', keys: ['+', '+'] },
  changes: { query: 'scene=home&theme=dark', hash: '#/changes' },
  selected: { query: 'scene=home&theme=dark', hash: '#/graph?sel=Pod/default/nginx-deployment-7c9-q9d4t' },
}

if (!process.argv.includes('--no-build')) await build({ configFile: here('./vite.config.ts'), logLevel: 'warn' })
mkdirSync(artifacts, { recursive: true })
const root = join(artifacts, 'page')
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
  const page = await browser.newPage({ viewport: { width: shot.width ?? 1440, height: shot.height ?? 900 } })
  page.on('console', (message) => message.type() === 'error' && problems.push(`${name}: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`${name}: ${error.message}\n${error.stack ?? ''}`))
  await page.goto(`http://127.0.0.1:${port}/?${shot.query}${shot.hash ?? ''}`)
  await page.waitForTimeout(1_100)
  for (const key of shot.keys ?? []) {
    await page.keyboard.press(key)
    await page.waitForTimeout(260)
  }
  if (shot.click) await page.mouse.click(...shot.click)
  if (shot.keys || shot.click) await page.waitForTimeout(500)
  await page.screenshot({ path: join(artifacts, `${name}.png`) })
  await page.close()
}
await browser.close()
server.close()
process.stdout.write(problems.length === 0 ? 'no errors in the console\n' : `${problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
