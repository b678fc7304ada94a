/**
 * A cluster of 5,000 simulated nodes that grows to 50,000 Pods: how long that takes, what it weighs, what it costs at rest,
 * and what one change costs at each size (a Pod of a small Deployment is deleted and replaced).
 */
import { Orrery } from '../e2e/harness/orrery.ts'
import { ApiSession } from './api-session.ts'
import { atRest, cpuSeconds, figure, type Figure, sleep, threadSeconds } from './measure.ts'

const nodes = 5_000
const sizes = [100, 1_000, 10_000, 50_000]
const perDeployment = 100
const changes = 40
const restMs = 30_000

const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: 'app:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] } } },
})

export async function scale(): Promise<Figure[]> {
  const orrery = await Orrery.start('--nodes', `simulated:${nodes}`)
  const session = new ApiSession(orrery.kubeconfig)
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  // Only the small Deployment's Pods are watched: a reader of everything could fall behind and be sent away.
  const running = new Set<string>()
  const stop = session.watch('/api/v1/namespaces/default/pods?watch=1&labelSelector=app%3Dprobe', (line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name: string; deletionTimestamp?: string }; status?: { conditions?: { type: string; status: string }[] } } }
    const ready = type !== 'DELETED' && object.metadata.deletionTimestamp === undefined && object.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')
    if (ready) running.add(object.metadata.name)
    else running.delete(object.metadata.name)
  })
  const available = async () => (await orrery.kubectl('get', 'deployments', '-o', 'jsonpath={range .items[*]}{.status.availableReplicas}{"\\n"}{end}')).split('\n').reduce((sum, line) => sum + Number(line), 0)
  const until = async (what: string, holds: () => boolean | Promise<boolean>, everyMs: number) => {
    for (const before = performance.now(); !(await holds()); await sleep(everyMs)) if (performance.now() - before > 900_000) throw new Error(`no ${what} after 15 minutes`)
  }
  try {
    await session.send('POST', deployments, deployment('probe', 3))
    await until('probe', () => running.size === 3, 20)
    const figures: Figure[] = []
    let made = 0
    let growingMs = 0
    for (const size of sizes) {
      const before = performance.now()
      const more = (size - made * perDeployment) / perDeployment
      await session.many(more, 4, () => session.send('POST', deployments, deployment(`load-${made++}`, perDeployment)))
      await until(`${size} Pods`, async () => (await available()) === size + 3, 1_000)
      growingMs += performance.now() - before
      await sleep(restMs)
      figures.push(await costOfAChange(orrery, session, size, running))
    }
    const { shares, memory } = await atRest(orrery.pid)
    const whole = '5,000 simulated nodes, 50,000 Pods'
    return [
      figure(`${whole}: until all are ready`, 'Pods/s', [50_000 / (growingMs / 1000)], 'Deployments of 100 Pods, created four at a time; from the first create until their statuses count all available, the pauses between sizes left out'),
      figure(`${whole}: memory`, 'MB', memory, 'Rss of the one process', { must: '≤ 8,192 MB' }),
      figure(`${whole}: CPU at rest`, '% of a core', shares, 'schedstat of all threads over windows of 20 s', { must: '< 5 %' }),
      ...figures,
    ]
  } finally {
    stop()
    session.close()
    await orrery.purge()
  }
}

async function costOfAChange(orrery: Orrery, session: ApiSession, size: number, running: ReadonlySet<string>): Promise<Figure> {
  const idleBefore = cpuSeconds(orrery.pid)
  await sleep(10_000)
  const idleShare = (cpuSeconds(orrery.pid) - idleBefore) / 10
  const costs: number[] = []
  for (let round = 0; round < 5; round++) {
    const [cpuBefore, before] = [threadSeconds(orrery.pid), performance.now()]
    for (let i = 0; i < changes / 5; i++) {
      const [victim = ''] = running
      await session.send('DELETE', `/api/v1/namespaces/default/pods/${victim}`)
      while (running.has(victim) || running.size < 3) await sleep(2)
    }
    costs.push((((threadSeconds(orrery.pid) - cpuBefore) - idleShare * ((performance.now() - before) / 1000)) / (changes / 5)) * 1000)
  }
  return figure(`one Pod replaced in a cluster of ${size.toLocaleString('en')} Pods`, 'ms of CPU', costs, 'a Pod of a Deployment of 3 deleted over the API until its successor is ready; CPU of the whole process, the share at rest subtracted')
}
