/** What Orrery costs while nothing happens, with the seed's manifests on real containers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureImages } from '../images/ensure-images.ts'
import { Orrery, root } from '../e2e/harness/orrery.ts'
import { atRest, figure, sleep, type Figure } from './measure.ts'

const settleMs = 20_000

export async function idle(): Promise<Figure[]> {
  await ensureImages()
  const orrery = await Orrery.start('--nodes', 'docker')
  try {
    await orrery.apply(readFileSync(join(root, 'test/e2e/manifests/seed.yaml'), 'utf8'))
    await orrery.kubectl('wait', '--for=condition=Available', 'deployment/nginx-deployment', '--timeout=60s')
    await sleep(settleMs)
    const { shares, memory } = await atRest(orrery.pid)
    return [
      figure('memory with the seed’s manifests, idle', 'MB', memory, 'Rss of the one process, 20 s after the Pods are ready', { must: '≤ 200 MB, aim 120 MB' }),
      figure('CPU with the seed’s manifests, idle', '% of a core', shares, 'schedstat of all threads over windows of 20 s', { must: '≤ 1.5 %, aim 0.5 %' }),
    ]
  } finally {
    await orrery.purge()
  }
}
