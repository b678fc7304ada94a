/**
 * Scheduling at 1,000 nodes, by Orrery and by the real scheduler in turn: Node objects without machines behind them (as
 * upstream's scheduler_perf has), Pods created by 64 requests at a time, until the last one is bound.
 */
import { Orrery } from '../e2e/harness/orrery.ts'
import { ApiSession } from './api-session.ts'
import { figure, type Figure, median } from './measure.ts'

const nodes = 1_000
const pods = 5_000
const runs = 3
const wide = 64
const group = 'orrery-bench'

export async function scheduling(): Promise<Figure[]> {
  const peer = process.env['ORRERY_BENCH_PEER_KUBECONFIG']
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let run = 0; run < runs; run++) {
    const orrery = await Orrery.start('--nodes', 'simulated:1')
    try {
      ours.push(await rate(orrery.kubeconfig, run))
    } finally {
      await orrery.purge()
    }
    if (peer !== undefined) theirs.push(await rate(peer, run))
  }
  const method = `${pods} plain Pods created by ${wide} requests at a time on ${nodes} Node objects without machines; from the first create to the last binding seen by a watch`
  return [figure('scheduling at 1,000 nodes, creation included', 'Pods/s', ours, method, { must: '≥ 1,000', ...(theirs.length === 0 ? {} : { against: { what: 'real control plane', median: median(theirs), ratio: median(ours) / median(theirs) } }) })]
}

async function rate(kubeconfig: string, run: number): Promise<number> {
  const session = new ApiSession(kubeconfig)
  const namespace = `bench-scheduling-${process.pid}-${run}`
  const status = { capacity: { cpu: '32', memory: '256Gi', pods: '110' }, allocatable: { cpu: '32', memory: '256Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: now(), lastTransitionTime: now() }] }
  const nodeName = (i: number) => `${group}-${String(i).padStart(4, '0')}`
  try {
    await session.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    await session.send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
    await session.many(nodes, 16, (i) => session.send('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName(i), labels: { group } }, status }))
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    let bound = 0
    const seen = new Set<string>()
    const stop = session.watch(`/api/v1/namespaces/${namespace}/pods?watch=1`, (line) => {
      const { object } = JSON.parse(line) as { object: { metadata: { name: string }; spec?: { nodeName?: string } } }
      if (object.spec?.nodeName === undefined || seen.has(object.metadata.name)) return
      seen.add(object.metadata.name)
      bound++
    })
    // Nobody keeps these nodes' leases, so their taints must not matter.
    const spec = { nodeSelector: { group }, tolerations: [{ operator: 'Exists' }], containers: [{ name: 'app', image: 'app:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] }
    const before = performance.now()
    await session.many(pods, wide, (i) => session.send('POST', `/api/v1/namespaces/${namespace}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}` }, spec }))
    while (bound < pods && performance.now() - before < 300_000) await new Promise((resolve) => setTimeout(resolve, 5))
    const took = performance.now() - before
    stop()
    if (bound < pods) throw new Error(`only ${bound} of ${pods} Pods were bound after ${Math.round(took / 1000)} s`)
    return pods / (took / 1000)
  } finally {
    await session.send('DELETE', `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`).catch(() => {})
    await session.send('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => {})
    await session.send('DELETE', `/api/v1/nodes?labelSelector=group=${group}`).catch(() => {})
    session.close()
  }
}

const now = () => new Date().toISOString().replace(/\.\d+/, '')
