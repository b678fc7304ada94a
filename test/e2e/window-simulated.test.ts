/**
 * The window on simulated machines: what it says of that, a thousand Pods, a walk without a mouse, reduced motion, and that
 * every control has a role and a name. Needs a browser, no container engine.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Screen } from './harness/browser.ts'
import { eventually, noBrowser, noKubectl, type Orrery } from './harness/orrery.ts'
import { withWindow } from './harness/window.ts'

const apps = 40
const podsEach = 25
/** One app of each: 40 × 25 Pods. */
const manifest = Array.from({ length: apps }, (_, i) => {
  const name = `app-${String(i).padStart(2, '0')}`
  return `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}}, spec: {replicas: ${podsEach}, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: web, image: "nginx:1.26", ports: [{containerPort: 80}]}]}}}}`
}).join('\n---\n')

/** Controls without a name, ids that stand twice, tab orders by number: what a reader of the accessibility tree stumbles over. */
const faults = (): string[] => {
  const found: string[] = []
  const say = (element: Element) => element.outerHTML.slice(0, 160)
  const visible = (element: Element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true })
  const named = (element: Element): boolean => {
    if (element.getAttribute('aria-label')?.trim()) return true
    const by = element.getAttribute('aria-labelledby')
    if (by && by.split(' ').some((id) => document.getElementById(id)?.textContent?.trim())) return true
    if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) return [...(element.labels ?? [])].some((label) => label.textContent?.trim())
    return Boolean(element.textContent?.trim()) || Boolean(element.getAttribute('title')?.trim())
  }
  const controls = 'button, a[href], input:not([type=hidden]):not([hidden]), select, textarea, [role=tab], [role=treeitem], [role=menuitem], [role=checkbox], [role=radio], [role=switch], [role=slider], [role=option], [role=dialog], dialog, [role=tree], [role=grid], [role=tablist], [role=radiogroup], [role=application], [role=log], [role=feed]'
  for (const element of document.querySelectorAll(controls)) if (visible(element) && !named(element)) found.push(`no name: ${say(element)}`)
  for (const element of document.querySelectorAll('svg[role=img], img')) if (visible(element) && !element.getAttribute('aria-label') && !element.getAttribute('alt')) found.push(`no name: ${say(element)}`)
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
  for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) found.push(`id twice: ${id}`)
  for (const element of document.querySelectorAll('[tabindex]')) if (Number(element.getAttribute('tabindex')) > 0) found.push(`tab order by number: ${say(element)}`)
  for (const element of document.querySelectorAll('[aria-hidden=true] button, [aria-hidden=true] input, [aria-hidden=true] a[href]')) if (visible(element)) found.push(`hidden from readers but reached by Tab: ${say(element)}`)
  for (const element of document.querySelectorAll('[role=treeitem]')) if (!element.closest('[role=tree]')) found.push(`outside a tree: ${say(element)}`)
  for (const element of document.querySelectorAll('button, [role=tab], [role=checkbox], [role=radio], select')) {
    const { width, height } = element.getBoundingClientRect()
    const small = width > 0 && (width < 20 || height < 18) && !element.closest('p, .sr, .row.head, [role=columnheader]')
    if (visible(element) && small && !element.classList.contains('sr')) found.push(`too small to hit (${Math.round(width)} × ${Math.round(height)}): ${say(element)}`)
  }
  if (!document.documentElement.lang) found.push('the page names no language')
  if (document.querySelectorAll('main').length !== 1) found.push('there must be one main')
  return found
}

describe('the window on simulated machines', { skip: noBrowser || noKubectl }, () => {
  let orrery: Orrery
  let screen: Screen
  let page: Page
  withWindow(['--nodes', 'simulated:20'], (opened) => ({ orrery, screen, page } = opened))

  test('a banner says that nothing really runs, and how to get Docker', async () => {
    await page.getByText('Simulated.').waitFor()
    await page.getByRole('button', { name: 'Get Docker' }).waitFor()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('contentinfo').getByText('20 simulated machines').waitFor()
    await screen.shoot('simulated-first-start')
  })

  test('without a mouse: deploy, find, walk, open, go back', async () => {
    await page.keyboard.press('d')
    await page.getByRole('region', { name: 'Deploy', exact: true }).waitFor()
    await page.getByLabel('Image', { exact: true }).and(page.locator(':focus')).waitFor()
    await page.keyboard.type('nginx:1.26')
    await page.getByRole('button', { name: 'Deploy nginx' }).waitFor()
    await page.keyboard.press('Control+Enter')
    await screen.row(/^app nginx, 1 of 1 ready/).waitFor()
    const selected = page.getByRole('treeitem', { selected: true })
    await selected.waitFor()

    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.getByRole('combobox').fill('nginx')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'nginx' }).waitFor()
    for (const [key, tab] of [['y', 'YAML'], ['e', 'Events'], ['w', 'Why'], ['l', 'Logs']] as const) {
      await page.getByRole('heading', { level: 1, name: 'nginx' }).click()
      await page.keyboard.press(key)
      await page.getByRole('tab', { name: tab, selected: true }).first().waitFor()
    }
    await page.keyboard.press('Escape')
    await page.getByRole('application', { name: /^Graph/ }).waitFor()

    await page.keyboard.press('ArrowRight')
    await page.getByText(/^(Pod|ReplicaSet|Service|Deployment) nginx.*, /).first().waitFor({ state: 'attached' })
    await page.keyboard.press('s')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+b')
    await page.getByRole('tree').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+b')
    await page.getByRole('tree').waitFor()
    for (const [key, name] of [['2', 'Machines'], ['3', 'Logs'], ['4', 'Changes'], ['5', 'Objects'], ['1', 'Graph']] as const) {
      await page.keyboard.press(key)
      await page.getByRole('tablist', { name: 'Places' }).getByRole('tab', { name, selected: true }).waitFor()
    }
  })

  test('focus is always seen, and Tab gets everywhere', async () => {
    await page.keyboard.press('Escape')
    await page.locator('body').click({ position: { x: 700, y: 600 } })
    const stops: string[] = []
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab')
      const stop = await page.evaluate(() => {
        const element = document.activeElement
        if (!element || element === document.body) return undefined
        const style = getComputedStyle(element)
        const box = element.closest('.box, .search') ?? element
        const around = getComputedStyle(box)
        const seen = style.boxShadow !== 'none' || (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || around.boxShadow !== 'none' || around.outlineStyle !== 'none'
        return { seen, what: `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40) ?? ''}` }
      })
      if (!stop) continue
      assert.ok(stop.seen, `no focus ring on ${stop.what}`)
      stops.push(stop.what)
    }
    assert.ok(new Set(stops).size >= 12, `Tab reached only ${[...new Set(stops)].join(' | ')}`)
  })

  test('every control has a role and a name, in every view', async () => {
    const views: [string, () => Promise<unknown>][] = [
      ['graph', () => page.keyboard.press('1')],
      ['machines', () => page.keyboard.press('2')],
      ['logs', () => page.keyboard.press('3')],
      ['changes', () => page.keyboard.press('4')],
      ['objects', () => page.keyboard.press('5')],
      ['deploy', () => page.keyboard.press('d')],
    ]
    for (const [name, go] of views) {
      await page.locator('header').click({ position: { x: 600, y: 20 } })
      await go()
      await page.getByRole('main').locator('button, [role=application]').first().waitFor()
      await screen.settle()
      assert.deepEqual(await page.evaluate(faults), [], `in ${name}`)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('tablist', { name: 'Places' }).getByRole('tab', { name: 'Graph' }).click()
    await screen.row(/^Deployment nginx/).click()
    for (const tab of ['Overview', 'Logs', 'Terminal', 'Events', 'Why', 'YAML']) {
      if (tab === 'Overview') await page.keyboard.press('Enter')
      else await page.getByRole('main').getByRole('tab', { name: tab }).click()
      await page.getByRole('main').getByRole('tab', { name: tab, selected: true }).waitFor()
      await screen.settle()
      assert.deepEqual(await page.evaluate(faults), [], `in the inspector's ${tab}`)
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').waitFor()
    assert.deepEqual(await page.evaluate(faults), [], 'in the palette')
    await page.keyboard.press('Escape')
  })

  test('with reduced motion nothing moves by itself', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await screen.place('Graph')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').waitFor()
    const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running' && Number(one.effect?.getComputedTiming().duration ?? 0) > 1).length)
    assert.equal(moving, 0)
    await page.keyboard.press('Escape')
    await page.emulateMedia({ reducedMotion: 'no-preference' })
  })

  test('1,000 Pods: shown as they come, and fluid while the graph is moved', async (t) => {
    await orrery.apply(manifest)
    await page.getByRole('banner').getByRole('button', { name: `${apps + 1} ready` }).waitFor({ timeout: 60_000 })
    await page.getByText(`${apps + 1} apps, ${apps * podsEach + 1} Pods`).waitFor()
    const pods = await orrery.json<{ items: unknown[] }>('get', 'pods')
    assert.equal(pods.items.length, apps * podsEach + 1)
    await page.locator('body').click({ position: { x: 640, y: 20 } })
    await page.keyboard.press('f')
    await screen.settle()
    await screen.shoot('thousand-pods')

    const graph = await page.getByRole('application', { name: /^Graph/ }).boundingBox()
    assert.ok(graph)
    const { x, y } = { x: graph.x + graph.width / 2, y: graph.y + graph.height / 2 }
    await page.mouse.move(x, y)
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -240)
    await screen.settle()
    await page.evaluate(() => {
      const times: number[] = []
      let last = performance.now()
      const frame = (now: number) => {
        times.push(now - last)
        last = now
        if (times.length < 10_000) requestAnimationFrame(frame)
      }
      requestAnimationFrame(frame)
      Object.assign(globalThis, { frameTimes: times })
    })
    const empty = { x: graph.x + 8, y: graph.y + graph.height - 70 }
    await page.mouse.move(empty.x, empty.y)
    await page.mouse.down()
    for (let i = 0; i < 90; i++) await page.mouse.move(empty.x + 260 * Math.sin(i / 9), empty.y - 180 * Math.abs(Math.cos(i / 11)))
    await page.mouse.up()
    const times = (await page.evaluate(() => (globalThis as unknown as { frameTimes: number[] }).frameTimes)).slice(2).sort((a, b) => a - b)
    const at = (share: number) => times[Math.floor(times.length * share)] ?? Infinity
    t.diagnostic(`frames while panning: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, of ${times.length}`)
    assert.ok(times.length > 20, `${times.length} frames`)
    assert.ok(at(0.5) <= 50, `median frame ${at(0.5).toFixed(1)} ms`)
    assert.ok(at(0.95) <= 150, `p95 frame ${at(0.95).toFixed(1)} ms`)

    await screen.row(/^app app-07|^Namespace default/).first().waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('app-33')
    await page.getByRole('option', { name: /^app-33/ }).first().waitFor()
    await page.keyboard.press('Escape')
  })

  test('a thousand Pods in a table: only what is on screen is in the page', async () => {
    await screen.place('Objects')
    await page.getByRole('navigation', { name: 'Kinds' }).getByRole('button', { name: /^Pods/ }).click()
    const grid = page.getByRole('grid', { name: 'Pods' })
    await eventually('all rows are known', async () => (await grid.getAttribute('aria-rowcount')) === String(apps * podsEach + 2))
    const rows = await grid.getByRole('row').count()
    assert.ok(rows < 80, `${rows} rows in the page`)
    await screen.shoot('thousand-pods-table')
  })

  test('no warning and no error was written to the console all the while', () => screen.assertCalm())
})

describe('a fresh user’s walk on simulated machines', { skip: noBrowser || noKubectl }, () => {
  let screen: Screen
  let page: Page
  withWindow(['--nodes', 'simulated:3'], (opened) => ({ screen, page } = opened))

  test('a sample that breaks: it fails, says why, and one click mends it', async () => {
    await page.getByRole('button', { name: 'Run', exact: true }).last().click()
    await screen.row(/^app typo.*cannot pull nginx:1\.62/).waitFor()
    await screen.row(/^app typo/).click()
    await page.keyboard.press('w')
    await page.getByRole('heading', { name: /cannot pull nginx:1\.62/ }).waitFor()
    await page.getByRole('main').getByRole('button', { name: /^Roll back/ }).click()
    await screen.row(/^app typo, 2 of 2 ready/).waitFor()
  })
})
