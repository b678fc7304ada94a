/** Start to ready, headless, on a home that has run before. */
import { Orrery } from '../e2e/harness/orrery.ts'
import { figure, type Figure } from './measure.ts'

const runs = 7

export async function start(): Promise<Figure[]> {
  const orrery = await Orrery.start('--nodes', 'simulated:1')
  const ready: number[] = []
  const stop: number[] = []
  for (let i = 0; i < runs; i++) {
    stop.push((await orrery.stop()).ms / 1000)
    const before = performance.now()
    await orrery.start()
    ready.push((performance.now() - before) / 1000)
  }
  await orrery.purge()
  return [
    figure('headless ready, second start', 's', ready, 'spawn of the process to its ready line', { must: '≤ 1.5 s, aim 0.7 s' }),
    figure('clean stop', 's', stop, 'SIGTERM to exit', { must: '≤ 2 s' }),
  ]
}
