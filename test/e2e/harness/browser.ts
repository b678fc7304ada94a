/** The window in real Chromium, as a person has it before them: found by role and name, at 1440 × 900, in dark and light. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import { root } from './orrery.ts'

export const artifacts = join(root, 'test/artifacts/window')

/** A port that was free a moment ago: for a process that must come back at the same address. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

export class Screen {
  readonly browser: Browser
  readonly context: BrowserContext
  readonly page: Page
  /** Warnings, errors and uncaught exceptions that the page wrote, but for those a cut connection is expected to write. */
  readonly complaints: string[] = []
  cutOff = false

  private constructor(browser: Browser, context: BrowserContext, page: Page) {
    this.browser = browser
    this.context = context
    this.page = page
    page.on('console', (message) => {
      if (!['warning', 'error'].includes(message.type())) return
      // The browser drops what it fetches when Pods change the machine's networks; the window fetches it again.
      if (message.text().includes('ERR_NETWORK_CHANGED')) return
      if (this.cutOff && /WebSocket|ERR_CONNECTION|ERR_SOCKET|Failed to load resource/.test(message.text())) return
      this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url}:${message.location().lineNumber}, at ${page.url().replace(/^[^#]*/, '')})`)
    })
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.stack ?? error.message}`))
  }

  static async open(ui: string, options: BrowserContextOptions = {}): Promise<Screen> {
    const browser = await chromium.launch({ executablePath: process.env['ORRERY_TEST_BROWSER'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--force-color-profile=srgb', '--font-render-hinting=none'] })
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'en-GB', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(15_000)
    const screen = new Screen(browser, context, page)
    await page.goto(ui)
    return screen
  }

  close(): Promise<void> {
    return this.browser.close()
  }

  /** One picture in dark and one in light, kept as artefacts. */
  async shoot(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true })
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme })
      await this.settle()
      await this.page.screenshot({ path: join(artifacts, `${name}-${colorScheme}.png`), animations: 'disabled' })
    }
  }

  /** After a test: what was on screen where it failed. */
  async failed(test: { name: string; passed: boolean }): Promise<void> {
    if (test.passed) return
    mkdirSync(artifacts, { recursive: true })
    await this.page.screenshot({ path: join(artifacts, `failed ${test.name.replace(/[^\w ]/g, '').slice(0, 60)}.png`) }).catch(() => undefined)
  }

  /** Two frames: what was asked to be painted is painted. */
  async settle(): Promise<void> {
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  }

  async paste(text: string): Promise<void> {
    await this.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await this.page.evaluate((words) => navigator.clipboard.writeText(words), text)
    await this.page.keyboard.press('Control+v')
  }

  place(name: 'Graph' | 'Machines' | 'Logs' | 'Changes' | 'Objects'): Promise<void> {
    return this.page.getByRole('tablist', { name: 'Places' }).getByRole('tab', { name }).click()
  }

  row(name: string | RegExp): Locator {
    return this.page.getByRole('tree', { name: 'What runs on the cluster' }).getByRole('treeitem', { name })
  }

  get side(): Locator {
    return this.page.getByRole('complementary')
  }

  /** How many pixels of a token's colour the graph has, by the colour the theme resolves to. */
  inked(token: string): Promise<number> {
    return this.page.evaluate((name) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[role=application] > canvas')
      if (!canvas) return 0
      const probe = document.createElement('i')
      probe.style.color = `var(--${name})`
      document.body.append(probe)
      const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g)!.map(Number)
      probe.remove()
      // A copy: reading from the graph's own canvas would slow it down from then on.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!
      copy.drawImage(canvas, 0, 0)
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height)
      let found = 0
      for (let i = 0; i < data.length; i += 4) if (data[i + 3]! > 250 && Math.abs(data[i]! - r!) < 3 && Math.abs(data[i + 1]! - g!) < 3 && Math.abs(data[i + 2]! - b!) < 3) found++
      return found
    }, token)
  }

  assertCalm(): void {
    assert.deepEqual(this.complaints, [], 'the page wrote warnings or errors')
  }
}
