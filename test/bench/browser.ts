/** API write committed → drawn in the window: an object's row in the graph's tree, in a real browser, timed by the page's own clock. */
import { chromium } from 'playwright-core'
import { findBrowser } from '../engine/browser.ts'
import { Orrery } from '../e2e/harness/orrery.ts'
import { WindowClient } from '../e2e/harness/window-client.ts'
import { figure, percentile, sleep, type Figure } from './measure.ts'

const writes = 60

export async function browser(): Promise<Figure[]> {
  const found = findBrowser((line) => process.stdout.write(`${line}\n`))
  if (found.path === undefined) throw new Error(found.why)
  const orrery = await Orrery.start('--nodes', 'simulated:3')
  const chrome = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] })
  try {
    const page = await chrome.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(orrery.ui)
    await page.waitForSelector('[role=tree]')
    const window = await WindowClient.connect(orrery)
    // Something runs already, as it does for whoever has a window open: an empty cluster shows its first-start page instead of the graph.
    await window.call('create', { object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'standing', namespace: 'default' }, spec: { replicas: 3, selector: { matchLabels: { app: 'standing' } }, template: { metadata: { labels: { app: 'standing' } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } } } } })
    await page.getByText('standing').first().waitFor()
    await sleep(2_000)
    const seen = new Map<string, number>()
    await page.exposeFunction('orrerySeen', (name: string, at: number) => seen.set(name, at))
    // As text, because this file is compiled without the DOM's types.
    await page.evaluate(`
      const known = new Set()
      new MutationObserver(() => {
        for (const item of document.querySelectorAll('[role=treeitem]')) {
          const name = /probe-\\d+x/.exec(item.textContent ?? '')?.[0]
          if (name === undefined || known.has(name)) continue
          known.add(name)
          // The next frame shows it; a task posted from that frame runs when it has been painted.
          requestAnimationFrame(() => {
            const channel = new MessageChannel()
            channel.port1.onmessage = () => orrerySeen(name, performance.timeOrigin + performance.now())
            channel.port2.postMessage(0)
          })
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    `)
    const latencies: number[] = []
    for (let i = 0; i < writes; i++) {
      const name = `probe-${i}x`
      await window.call('create', { object: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: name } }, spec: { containers: [{ name: 'app', image: 'app:1' }] } } })
      const committed = Date.now()
      for (let waited = 0; !seen.has(name) && waited < 15_000; waited += 10) await sleep(10)
      const at = seen.get(name)
      if (at === undefined) throw new Error(`${name} was never drawn`)
      latencies.push(Math.max(0, at - committed))
      // The graph stays as large as it was; what the deletion moves has settled before the next write.
      await window.call('delete', { ref: { kind: 'Pod', namespace: 'default', name }, gracePeriodSeconds: 0 })
      await sleep(400)
    }
    window.close()
    return [figure('API write committed → drawn in the window, p95', 'ms', [percentile(latencies, 0.95)], `answer of a Pod’s create to the end of the frame in which its row is painted, ${writes} writes, software rendering; median ${percentile(latencies, 0.5).toFixed(0)} ms`, { must: '≤ 150 ms, aim 50 ms' })]
  } finally {
    await chrome.close()
    await orrery.purge()
  }
}
