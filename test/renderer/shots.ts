/** Screenshots of the window on fixtures, to hold beside the pictures: `node test/renderer/shots.ts [name…] [--no-build]`, into test/artifacts. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openFixturePage } from './fixture-page.ts'
import { shots } from './shot-list.ts'

const artifacts = fileURLToPath(new URL('../artifacts', import.meta.url))
mkdirSync(artifacts, { recursive: true })
const wanted = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const problems: string[] = []
const { url, browser, close } = await openFixturePage()
for (const [name, shot] of Object.entries(shots)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const page = await browser.newPage({ viewport: { width: shot.width ?? 1440, height: shot.height ?? 900 } })
  page.on('console', (message) => message.type() === 'error' && problems.push(`${name}: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`${name}: ${error.stack ?? error.message}`))
  await page.goto(`${url}?${shot.query}${shot.hash ?? ''}`)
  await page.waitForTimeout(1_100)
  try {
    await shot.steps?.(page)
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
  }
  await page.screenshot({ path: join(artifacts, `${name}.png`) })
  await page.close()
}
await close()
process.stdout.write(problems.length === 0 ? 'no errors in the console\n' : `${problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
