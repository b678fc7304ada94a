/** The desktop shell: one window on one cluster, hardened, with menus, tray, file opening and a quit that asks. */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { noBrowser } from '../e2e/harness/orrery.ts'
import { hasElectron, StandInShell, startShell, type ShellDriver } from './shell-driver.ts'

const skip = hasElectron ? false : noBrowser

describe(`the shell (${hasElectron ? 'real Electron' : 'stand-in'})`, { skip }, () => {
  let shell: ShellDriver
  before(async () => {
    shell = await startShell('--nodes', 'simulated:2')
  })
  after(async () => {
    await shell?.close()
  })

  test('the window shows the cluster over a message port', async () => {
    await shell.page.waitForSelector('[role=tree]', { timeout: 20_000 })
    await shell.page.getByText('sim-1').first().waitFor({ timeout: 10_000 })
  })

  test('the page reaches nothing of Node or Electron but the bridge', async () => {
    const seen = await shell.page.evaluate(`({ require: typeof require, process: typeof process, bridge: Object.keys(window.orrery).sort() })`)
    assert.deepEqual(seen, { require: 'undefined', process: 'undefined', bridge: ['connect', 'platform'] })
  })

  test('inline script and evaluation are refused by the policy', async () => {
    const ran = await shell.page.evaluate(`(() => { const script = document.createElement('script'); script.textContent = 'window.injected = true'; document.body.append(script); return window.injected === true })()`)
    assert.equal(ran, false)
  })

  test('a menu entry commands the window', async () => {
    await shell.menu('View', 'Objects')
    await shell.page.getByRole('tab', { name: 'Objects', selected: true }).waitFor({ timeout: 5_000 })
    await shell.menu('View', 'Graph')
    await shell.page.getByRole('tab', { name: 'Graph', selected: true }).waitFor({ timeout: 5_000 })
  })

  test('a YAML file handed over is opened for review, not applied', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'orrery-open-')), 'hello.yaml')
    writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: handed-over\n')
    await shell.secondInstance(['orrery', file])
    await shell.page.getByText('handed-over').first().waitFor({ timeout: 10_000 })
  })
})

describe('the shell’s own rules, seen through the stand-in', { skip: noBrowser }, () => {
  let shell: StandInShell
  before(async () => {
    shell = await StandInShell.start(['--nodes', 'simulated:1'])
  })
  after(async () => {
    await shell?.close()
  })

  test('sandbox, isolation and the app scheme are set before the window opens', async () => {
    assert.deepEqual(await shell.command('app.state'), { sandboxed: true, protocols: ['orrery'], quitting: false })
    const { webPreferences, url } = await shell.command<{ webPreferences: Record<string, unknown>; url: string }>('window.state')
    assert.deepEqual(webPreferences, { sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, webSecurity: true, spellcheck: false })
    assert.match(url, /^app:\/\/orrery\//)
  })

  test('pages come from the window’s folder alone, each with the policy', async () => {
    const page = await shell.command<{ status: number; csp: string }>('protocol.fetch', 'app://orrery/index.html')
    assert.equal(page.status, 200)
    assert.match(page.csp, /default-src 'none'/)
    assert.doesNotMatch(page.csp, /unsafe/)
    for (const url of ['app://orrery/..%2f..%2fpackage.json', 'app://orrery/%2e%2e/main.js', 'app://elsewhere/index.html']) {
      assert.equal((await shell.command<{ status: number }>('protocol.fetch', url)).status, 404, url)
    }
  })

  test('navigation, foreign windows, permissions and forged senders are denied', async () => {
    assert.equal(await shell.command('window.navigate', 'https://example.com/'), false)
    assert.equal(await shell.command('window.open', 'file:///etc/passwd'), 'deny')
    assert.equal(await shell.command('window.open', 'http://127.0.0.1:8080/'), 'deny')
    assert.deepEqual(await shell.command('shell.opened'), ['http://127.0.0.1:8080/'])
    assert.equal(await shell.command('permission', 'media'), false)
    assert.equal(await shell.command('permission', 'geolocation'), false)
    const before = await shell.page.evaluate('performance.now()')
    assert.ok(Number(before) > 0)
    await shell.command('window.forge-connect', 'https://example.com/')
    assert.match(shell.stderr, /a page that is not ours/)
  })

  test('the tray says how the cluster is', async () => {
    const tray = await shell.command<{ tooltip: string; items: string[] }>('tray.state')
    assert.match(tray.tooltip, /^Orrery: \d+ ready/)
    assert.ok(tray.items.includes('Quit'))
  })

  test('a closed window comes back from the tray, in its place', async () => {
    await shell.command('window.close')
    await shell.command('tray.click', ['Open Orrery'])
    const state = await shell.command<{ count: number; destroyed: boolean }>('window.state')
    assert.deepEqual({ count: state.count, destroyed: state.destroyed }, { count: 2, destroyed: false })
  })

  test('a quit without Pods asks nothing and ends with 0', async () => {
    assert.equal(await shell.quit(), 0)
  })
})

describe('quitting with Pods', { skip: noBrowser }, () => {
  test('asks, and a cancelled quit changes nothing', async () => {
    const shell = await StandInShell.start(['--nodes', 'simulated:1'])
    try {
      await shell.page.waitForSelector('[role=tree]', { timeout: 20_000 })
      const file = join(shell.home, 'pod.yaml')
      writeFileSync(file, 'apiVersion: v1\nkind: Pod\nmetadata: {name: resident}\nspec: {containers: [{name: app, image: "app:1"}]}\n')
      await shell.secondInstance(['orrery', file])
      await shell.page.getByRole('button', { name: 'Review what changes' }).click({ timeout: 15_000 })
      await shell.page.getByRole('button', { name: /^(Apply|Create|Deploy)/ }).last().click({ timeout: 15_000 })
      for (let waited = 0; waited < 10_000; waited += 100) {
        const tray = await shell.command<{ tooltip: string }>('tray.state')
        if (/1 ready/.test(tray.tooltip)) break
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      await shell.answerDialog(2)
      await shell.command('app.quit')
      await new Promise((resolve) => setTimeout(resolve, 300))
      const asked = await shell.command<{ message: string }[]>('dialog.asked')
      assert.equal(asked[0]?.message, '1 Pod is running')
      await shell.answerDialog(0)
      assert.equal(await shell.quit(), 0)
    } finally {
      await shell.close()
    }
  })
})
