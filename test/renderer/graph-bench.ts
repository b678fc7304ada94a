/**
 * How fluid the graph is: first paint, panning far out and near, zooming, and a batch of changes, on 1,000 and 5,000 Pods
 * in real Chromium without a GPU (a lower bound). `node test/renderer/graph-bench.ts [--no-build]`; prints JSON.
 */
import type { Page } from 'playwright-core'
import { openFixturePage } from './fixture-page.ts'

/** Frame times while `act` runs, in ms: median, p95, worst. */
async function frames(page: Page, act: () => Promise<void>): Promise<{ p50: number; p95: number; worst: number; frames: number }> {
  await page.evaluate(() => {
    const times: number[] = []
    let last = performance.now()
    let going = true
    const turn = () => {
      const now = performance.now()
      times.push(now - last)
      last = now
      if (going) requestAnimationFrame(turn)
    }
    requestAnimationFrame(turn)
    ;(globalThis as unknown as { stopFrames: () => number[] }).stopFrames = () => {
      going = false
      return times.slice(2)
    }
  })
  await act()
  const times = (await page.evaluate(() => (globalThis as unknown as { stopFrames: () => number[] }).stopFrames())).sort((a, b) => a - b)
  const at = (share: number) => Math.round((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) * 10) / 10
  return { p50: at(0.5), p95: at(0.95), worst: at(1), frames: times.length }
}

const drag = (page: Page) => async () => {
  await page.mouse.move(700, 450)
  await page.mouse.down()
  for (let i = 0; i < 90; i++) await page.mouse.move(700 + Math.sin(i / 9) * 180, 450 + Math.cos(i / 7) * 120)
  await page.mouse.up()
}
const wheel = (page: Page, direction: number) => async () => {
  await page.mouse.move(700, 450)
  for (let i = 0; i < 28; i++) {
    await page.mouse.wheel(0, direction * 60)
    await page.waitForTimeout(16)
  }
}

const { url, browser, close } = await openFixturePage()
const results: Record<string, unknown> = {}
for (const scene of ['lab', 'big']) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const began = Date.now()
  await page.goto(`${url}?scene=${scene}&theme=dark`)
  await page.waitForFunction(() => document.querySelector('[role=treeitem]') !== null)
  const firstPaintMs = Date.now() - began
  await page.waitForTimeout(600)
  const panFar = await frames(page, drag(page))
  const zoomIn = await frames(page, wheel(page, -1))
  const panNear = await frames(page, drag(page))
  const zoomOut = await frames(page, wheel(page, 1))
  await page.keyboard.press('f')
  await page.waitForTimeout(400)
  /** 50 Pods become not ready; the time until the frame that shows it has been painted. */
  const changeMs = await page.evaluate(async () => {
    const { carrier, scene: data } = (window as unknown as { fixture: { carrier: { change(objects: unknown[]): void }; scene: { objects: { kind: string; status: object }[] } } }).fixture
    const pods = data.objects.filter((object) => object.kind === 'Pod')
    const times: number[] = []
    for (let turn = 0; turn < 12; turn++) {
      const some = pods.slice(turn * 50, turn * 50 + 50).map((pod) => ({ ...pod, status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }, { type: 'PodScheduled', status: 'True' }] } }))
      await new Promise((done) => setTimeout(done, 160))
      const start = performance.now()
      carrier.change(some)
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
      times.push(performance.now() - start)
    }
    times.sort((a, b) => a - b)
    return { p50: Math.round(times[6]! * 10) / 10, worst: Math.round(times.at(-1)! * 10) / 10 }
  })
  const pods = await page.evaluate(() => (window as unknown as { fixture: { scene: { objects: { kind: string }[] } } }).fixture.scene.objects.filter((object) => object.kind === 'Pod').length)
  results[scene] = { pods, firstPaintMs, panFar, zoomIn, panNear, zoomOut, changeOf50Ms: changeMs }
  await page.close()
}
await close()
process.stdout.write(`${JSON.stringify(results, null, 1)}\n`)
