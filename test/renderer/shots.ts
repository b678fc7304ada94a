/** Screenshots of the window on fixtures, to hold beside the pictures: `node test/renderer/shots.ts [name…] [--no-build]`, into test/artifacts. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { servePage } from './static-server.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const artifacts = here('../artifacts')
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
const { url, server } = await servePage(join(artifacts, 'page'))
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const problems: string[] = []
for (const [name, shot] of Object.entries(shots)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const page = await browser.newPage({ viewport: { width: shot.width ?? 1440, height: shot.height ?? 900 } })
  page.on('console', (message) => message.type() === 'error' && problems.push(`${name}: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`${name}: ${error.message}\n${error.stack ?? ''}`))
  await page.goto(`${url}?${shot.query}${shot.hash ?? ''}`)
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
