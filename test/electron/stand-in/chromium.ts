/** The one Chromium of a stand-in process, started with its first window; a spec connects to it by its debugging port. */
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { onCommand } from './control.ts'

let browser: Promise<Browser> | undefined
let context: Promise<BrowserContext> | undefined

const debuggingPort = process.env['ORRERY_STAND_IN_CDP_PORT'] ?? '0'

export function openContext(): Promise<BrowserContext> {
  browser ??= chromium.launch({ executablePath: process.env['ORRERY_TEST_BROWSER'] ?? '/usr/bin/chromium', args: ['--no-sandbox', `--remote-debugging-port=${debuggingPort}`] })
  context ??= browser.then((one) => one.newContext({ viewport: { width: 1440, height: 900 } }))
  return context
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close()
}

onCommand('chromium.ready', async () => {
  await openContext()
  return Number(debuggingPort)
})
