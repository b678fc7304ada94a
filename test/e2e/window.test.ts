/**
 * The whole story in the window, in real Chromium on real containers: deploy by clicking, look, read, break, understand,
 * repair, scale, update, undo, paste, cordon, delete, lose the cluster and find it again. In order: each step goes on from
 * the one before. Pictures of every view are kept in test/artifacts/window.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Screen } from './harness/browser.ts'
import { eventually, isReady, noBrowser, noEngine, noKubectl, type Orrery } from './harness/orrery.ts'
import { withWindow } from './harness/window.ts'

const withMistake = `apiVersion: v1
kind: ConfigMap
metadata:
  name: greeting
data:
  hello: world
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: notes
spec:
  replicas: 1
  selector:
    matchLabels:
      app: notes
  template:
    metadata:
      labels:
        app: notes
    spec:
      containers:
      - name: nginx
        imaje: nginx:1.26
        ports:
        - containerPort: 80
`

describe('the window', { skip: noEngine || noBrowser || noKubectl }, () => {
  let orrery: Orrery
  let screen: Screen
  let page: Page
  /** Where the Service answers on this machine. */
  let url = ''

  withWindow(['--nodes', 'docker'], (opened) => ({ orrery, screen, page } = opened))

  const readyPods = async (app: string) => (await orrery.pods(`app=${app}`)).filter(isReady)
  const shopIs = (words: RegExp, timeout = 30_000) => screen.row(/^app shop/).and(page.getByRole('treeitem', { name: words })).waitFor({ timeout })
  const dialog = (name: string | RegExp) => page.getByRole('dialog', { name })
  const selectShop = async () => {
    await screen.row(/^Deployment shop/).click()
    await screen.side.getByRole('heading', { name: 'shop' }).waitFor()
  }
  const fromMenu = async (item: string) => {
    await selectShop()
    await screen.side.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: item }).click()
  }
  const changeImage = async (image: string) => {
    await fromMenu('Change image')
    const box = dialog('Change the image of shop')
    await box.getByLabel('Image').fill(image)
    await box.getByRole('button', { name: 'Use this image' }).click()
    await box.waitFor({ state: 'detached' })
  }
  const home = async () => {
    await screen.place('Graph')
    if (await screen.side.getByRole('tab', { name: 'Now' }).count() === 0) await page.keyboard.press('Escape')
    await screen.side.getByRole('tab', { name: 'Now' }).waitFor()
  }

  test('first start: an empty cluster says what to do; the token leaves the address', async () => {
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.getByText('Machines', { exact: true }).first().waitFor()
    assert.ok(!page.url().includes('token='), page.url())
    await screen.shoot('first-start')
  })

  test('deploy by clicking, with a preview of what will be made and where it will run', async () => {
    await page.getByRole('banner').getByRole('button', { name: 'Deploy' }).click()
    await page.getByLabel('Image', { exact: true }).fill('nginx:1.25')
    await page.getByLabel('Name', { exact: true }).fill('shop')
    const more = page.getByRole('button', { name: 'One more' })
    await more.click()
    await more.click()
    await page.getByRole('textbox', { name: 'Port 1' }).fill('80')
    await page.getByText('Already on', { exact: false }).first().waitFor()
    await page.getByRole('status').filter({ hasText: '3 Pods and 1 Service' }).waitFor()
    await page.getByRole('tablist', { name: 'Objects' }).getByRole('tab', { name: 'Deployment' }).click()
    await page.getByText('replicas: 3').waitFor()
    assert.equal((await orrery.pods('app=shop')).length, 0, 'nothing is written before the button')
    await screen.shoot('deploy')
    await page.getByRole('button', { name: 'Deploy shop' }).click()
    await page.getByRole('application', { name: /^Graph of the cluster/ }).waitFor()
  })

  test('the graph shows it ready, the top bar counts it, the outline reads it out', async () => {
    await shopIs(/3 of 3 ready/)
    await page.getByRole('banner').getByRole('button', { name: '1 ready' }).waitFor()
    assert.ok(await screen.row(/^Service shop/).count() === 1)
    await eventually('ready discs on the canvas', async () => (await screen.inked('g-ready')) > 40)
    assert.equal(await screen.inked('fail'), 0)
  })

  test('the feed tells the story in about a dozen steps', async () => {
    await home()
    const feed = page.getByRole('feed', { name: 'What happened' })
    await feed.getByRole('heading', { name: 'You deployed shop' }).waitFor()
    for (const sentence of [/Deployment started revision 1 with 3 Pods/, /Scheduler placed \w{5} on /, /started nginx:1\.25/, /\w{5} is ready/, /shop sends traffic to /]) await feed.getByText(sentence).first().waitFor()
    const text = await feed.innerText()
    assert.doesNotMatch(text, /StatusUpdated|noted the state|lists \d of|waiting for \d of|shop-[0-9a-z]{8,10}-/, 'bookkeeping stays in Changes')
    await screen.shoot('home-deployed')
  })

  test('one click opens it: the page nginx serves', async () => {
    await screen.row(/^Service shop/).click()
    const popup = page.waitForEvent('popup')
    await screen.side.getByRole('button', { name: /Open in the browser/ }).click()
    const opened = await popup
    await opened.getByText(/nginx/i).first().waitFor()
    url = opened.url()
    await opened.close()
  })

  test('logs are live, searched, and of all three Pods', async () => {
    await selectShop()
    await page.keyboard.press('l')
    const log = page.getByRole('log')
    await log.waitFor()
    for (const path of ['/hello-log', '/hello-log', '/needle']) await fetch(new URL(path, url))
    await log.getByText('/hello-log').first().waitFor()
    await page.getByLabel('Search the log').fill('needle')
    await page.getByRole('status').filter({ hasText: /^1 of \d/ }).waitFor()
    await log.locator('mark').first().waitFor()
    await page.getByText(/Following 3 Pods/).waitFor()
    await screen.shoot('logs')
  })

  test('the terminal runs a command in the container', async () => {
    await page.getByRole('tab', { name: 'Terminal' }).click()
    const shell = page.getByRole('group', { name: /^Shell in / })
    await shell.waitFor()
    await shell.getByRole('textbox').first().focus()
    await page.keyboard.type('echo made-of-$((6*7)); hostname\n')
    await shell.getByText(/made-of-42/).first().waitFor()
    await screen.shoot('terminal')
    await page.keyboard.press('Control+Shift+Escape')
    await page.getByRole('button', { name: 'Back', exact: true }).click()
  })

  test('a typo in the tag: failing is seen in graph, top bar and outline, by words and shapes', async () => {
    await home()
    await changeImage('nginx:1.2x')
    await shopIs(/cannot pull/, 60_000)
    await page.getByRole('banner').getByRole('button', { name: '1 failing' }).waitFor()
    await eventually('a failing mark on the canvas', async () => (await screen.inked('fail')) > 20)
    assert.equal((await readyPods('shop')).length, 3, 'the old Pods keep serving')
    const failing = await screen.row(/^Pod .*cannot pull/).first().locator('svg path').first().getAttribute('d')
    const ready = await screen.row(/^Pod .*ready/).first().locator('svg path').first().getAttribute('d')
    assert.notEqual(failing, ready, 'another shape, not only another colour')
    await home()
    await screen.shoot('home-failing')
  })

  test('why: the cause in one sentence, the chain, the evidence', async () => {
    await selectShop()
    await page.keyboard.press('w')
    await page.getByRole('heading', { name: /nginx:1\.2x/ }).waitFor()
    await page.getByText(/You updated shop to 1\.2x at /).first().waitFor()
    await page.getByRole('img', { name: /You: .*then / }).waitFor()
    await page.getByText(/3 other Pods keep serving/).waitFor()
    await screen.shoot('why')
  })

  test('one click repairs it', async () => {
    await page.getByRole('button', { name: 'Use nginx:1.25' }).click()
    await eventually('all three on 1.25 and nothing else', async () => {
      const pods = await orrery.pods('app=shop')
      return pods.length === 3 && pods.every(isReady)
    })
    await home()
    await shopIs(/3 of 3 ready/)
    await page.getByRole('banner').getByRole('button', { name: '1 ready' }).waitFor()
    assert.equal(await page.getByRole('banner').getByRole('button', { name: /failing/ }).count(), 0)
  })

  test('scale 3 → 5 → 1', async () => {
    for (const [to, steps, step] of [[5, 2, 'One more'], [1, 4, 'One fewer']] as const) {
      await selectShop()
      await page.keyboard.press('s')
      const box = dialog('Scale shop')
      for (let i = 0; i < steps; i++) await box.getByRole('button', { name: step }).click()
      await box.getByRole('button', { name: `Scale to ${to}` }).click()
      await box.waitFor({ state: 'detached' })
      await shopIs(new RegExp(`${to} of ${to} ready`))
      assert.equal((await readyPods('shop')).length, to)
    }
    await home()
    await page.getByRole('feed').getByText('You scaled shop from 5 to 1').first().waitFor()
  })

  test('a rolling update is told while it goes on; Ctrl Z undoes it with a preview; a revision can be rolled back to', async () => {
    await changeImage('nginx:1.26')
    await home()
    await page.getByRole('feed').getByRole('heading', { name: 'You updated shop to 1.26' }).waitFor()
    await screen.shoot('home-rolling')
    await eventually('1.26 runs', async () => (await readyPods('shop')).some((pod) => pod.spec['containers'][0].image === 'nginx:1.26'))
    await shopIs(/1 of 1 ready/)

    await page.keyboard.press('Control+z')
    const undo = dialog('Undo this?')
    await undo.getByText('nginx:1.25').first().waitFor()
    await screen.shoot('undo')
    await undo.getByRole('button', { name: 'Undo', exact: true }).click()
    await undo.waitFor({ state: 'detached' })
    await eventually('1.25 runs again', async () => (await readyPods('shop')).some((pod) => pod.spec['containers'][0].image === 'nginx:1.25'))
    await shopIs(/1 of 1 ready/)

    await fromMenu('Roll back')
    const back = dialog('Roll shop back')
    await back.getByRole('radio', { name: /nginx:1\.26/ }).click()
    await back.getByRole('button', { name: /^Roll back to revision/ }).click()
    await back.waitFor({ state: 'detached' })
    await eventually('1.26 runs', async () => (await readyPods('shop')).some((pod) => pod.spec['containers'][0].image === 'nginx:1.26'))
  })

  test('YAML with a mistake: the line is named; corrected, reviewed, applied', async () => {
    await home()
    await page.keyboard.press('d')
    await page.getByRole('radiogroup', { name: 'How' }).getByRole('radio', { name: 'YAML' }).click()
    const editor = page.getByRole('textbox', { name: 'YAML to deploy' })
    await editor.click()
    await screen.paste(withMistake)
    const problem = page.getByRole('complementary', { name: 'What it holds' }).getByRole('button', { name: /unknown field "imaje".*Did you mean image\?.*line 24/s })
    await problem.waitFor()
    await screen.shoot('yaml-mistake')
    await problem.click()
    // The problem leads to its line.
    await editor.locator('.cm-activeLine').filter({ hasText: 'imaje' }).waitFor()
    await editor.focus()
    await page.keyboard.press('Control+a')
    await screen.paste(withMistake.replace('imaje', 'image'))
    await page.getByRole('status').filter({ hasText: 'Applying this creates greeting and notes.' }).waitFor()
    await page.getByRole('button', { name: 'Review what changes' }).click()
    await page.getByText('checked by the cluster as a dry run').waitFor()
    await screen.shoot('review')
    await page.getByRole('button', { name: /^Apply/ }).click()
    await screen.row(/^app notes, 1 of 1 ready/).waitFor()
  })

  test('objects: tables with the server’s own columns', async () => {
    await screen.place('Objects')
    await page.getByRole('navigation', { name: 'Kinds' }).getByRole('button', { name: /^Pods/ }).click()
    const grid = page.getByRole('grid', { name: 'Pods' })
    for (const column of ['Name', 'Ready', 'Status', 'Restarts', 'Age']) await grid.getByRole('columnheader', { name: column, exact: true }).waitFor()
    await grid.getByRole('row', { name: /notes-.*Running/ }).waitFor()
    await page.getByRole('textbox', { name: 'Filter' }).fill('app=shop')
    await grid.getByRole('row', { name: /notes-/ }).waitFor({ state: 'detached' })
    await screen.shoot('objects')
  })

  test('machines: stop taking Pods, and take them again', async () => {
    await screen.place('Machines')
    const machine = page.getByRole('region', { name: /^Machine / })
    await machine.getByRole('button', { name: /Stop taking Pods/ }).click()
    await machine.getByRole('button', { name: /Take Pods again/ }).waitFor()
    assert.equal((await orrery.json<{ items: { spec: { unschedulable?: boolean } }[] }>('get', 'nodes')).items[0]!.spec.unschedulable, true)
    await screen.shoot('machines')
    await machine.getByRole('button', { name: /Take Pods again/ }).click()
    await machine.getByRole('button', { name: /Stop taking Pods/ }).waitFor()
  })

  test('changes keep every write, with who made it', async () => {
    await screen.place('Changes')
    await page.getByLabel('Filter changes').fill('1.2x')
    const list = page.getByRole('main').getByRole('feed')
    await list.getByText('You').first().waitFor()
    await list.getByRole('button', { name: /You updated shop to 1\.2x/ }).click()
    await list.getByText('waiting for', { exact: false }).first().waitFor()
    await screen.shoot('changes')
  })

  test('the palette finds an object and an action by typing', async () => {
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('combobox')
    await palette.fill('notes')
    // Actions on the selection come first, then objects.
    await page.getByRole('option', { name: 'Scale notes' }).waitFor()
    await screen.shoot('palette')
    await page.getByRole('option', { name: /^notes\s*Deployment/ }).click()
    await page.getByRole('main').getByRole('heading', { level: 1, name: 'notes' }).waitFor()
    await screen.shoot('inspector')
  })

  test('delete states its consequences first', async () => {
    await page.keyboard.press('Delete')
    const box = dialog('Delete notes?')
    await box.getByText(/1 Pod stops now/).waitFor()
    await box.getByText(/1 revision goes with it/).waitFor()
    await box.getByText(/Undo writes it again/).waitFor()
    await screen.shoot('delete')
    await box.getByRole('button', { name: 'Delete notes' }).click()
    await eventually('it is gone', async () => (await orrery.pods('app=notes')).length === 0)
    await home()
    await screen.row(/^app notes/).waitFor({ state: 'detached' })
  })

  test('cut off: shown as last seen, nothing can be written; back by itself when the process is', async () => {
    const before = (await orrery.pods('app=shop')).map((pod) => pod.metadata.uid)
    screen.cutOff = true
    await orrery.stop()
    await page.getByText('Cut off').first().waitFor()
    await page.getByText('Shown as last seen', { exact: false }).waitFor()
    assert.ok(await page.getByRole('banner').getByRole('button', { name: 'Deploy' }).isDisabled())
    assert.ok(await screen.row(/^app shop/).count() === 1, 'what was there is still shown')
    await screen.shoot('cut-off')
    await orrery.start()
    await page.getByText('Cut off').waitFor({ state: 'detached', timeout: 30_000 })
    screen.cutOff = false
    await shopIs(/1 of 1 ready/)
    assert.ok(await page.getByRole('banner').getByRole('button', { name: 'Deploy' }).isEnabled())
    assert.deepEqual((await orrery.pods('app=shop')).map((pod) => pod.metadata.uid), before)
    await screen.shoot('home')
  })

  test('no warning and no error was written to the console all the while', () => screen.assertCalm())
})
