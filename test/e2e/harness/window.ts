/** The frame of every test of the window: one Orrery and its page for all of them, a picture where one fails, all gone after the last. */
import { after, afterEach, before, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { ensureImages } from '../../images/ensure-images.ts'
import { freePort, Screen } from './browser.ts'
import { Orrery } from './orrery.ts'

interface Opened { orrery: Orrery; screen: Screen; page: Page }

/** Within a `describe`; `opened` is called before its first test. `manifest`: what the cluster holds when the window opens. */
export function withWindow(args: readonly string[], opened: (all: Opened) => void, manifest?: string): void {
  let orrery: Orrery | undefined
  let screen: Screen | undefined
  before(async () => {
    if (args.includes('docker')) await ensureImages()
    // The window comes back to the same address when its cluster does.
    orrery = new Orrery([...args, '--ui-port', String(await freePort())])
    await orrery.start()
    if (manifest !== undefined) await orrery.apply(manifest)
    screen = await Screen.open(orrery.ui)
    opened({ orrery, screen, page: screen.page })
  })
  afterEach((test) => screen?.failed(test as TestContext))
  after(async () => {
    await screen?.close()
    await orrery?.purge()
  })
}
