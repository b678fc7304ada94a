/** 1,000 Pods on simulated nodes until all are available, and how late the event loop runs meanwhile. */
import { spawn } from 'node:child_process'
import { Orrery } from '../e2e/harness/orrery.ts'
import { WindowClient } from '../e2e/harness/window-client.ts'
import { cpuSeconds, figure, median, sleep, type Figure } from './measure.ts'

const replicas = 1_000
const runs = 3
const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: many}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec:
      containers: [{name: app, image: app:1}]
`

/** How late a process runs that does nothing, measured the same way: what the machine's other work alone costs. */
function bystander(): () => Promise<number> {
  const script = `const h = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 10 }); h.enable(); process.stdin.on('end', () => console.log(Math.max(0, h.percentile(99) / 1e6 - 10))).resume()`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  return () =>
    new Promise((resolve) => {
      child.on('close', () => resolve(Number(said)))
      child.stdin.end()
    })
}

export async function pods(): Promise<Figure[]> {
  const rates: number[] = []
  const delays: number[] = []
  const longest: number[] = []
  const cpu: number[] = []
  const machine: number[] = []
  for (let run = 0; run < runs; run++) {
    const orrery = await Orrery.start('--nodes', 'simulated:20')
    try {
      // A window is open, as it is for a person: its watch and its feed are part of the work.
      const window = await WindowClient.connect(orrery)
      let available = 0
      window.open('watch', {}, (batch) => {
        for (const { object } of batch.events) if (object.kind === 'Deployment' && object.metadata.name === 'many') available = Number((object['status'] as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0)
      })
      window.open('journal', {}, () => {})
      await sleep(500)
      // The first question begins the measuring; the next one answers for the time between.
      await orrery.kubectl('get', '--raw', '/metrics')
      const idle = bystander()
      const cpuBefore = cpuSeconds(orrery.pid)
      const before = performance.now()
      await orrery.apply(manifest)
      while (available < replicas && performance.now() - before < 120_000) await sleep(10)
      rates.push(replicas / ((performance.now() - before) / 1000))
      machine.push(await idle())
      if (available < replicas) throw new Error(`only ${available} of ${replicas} Pods were available after 120 s`)
      cpu.push(((cpuSeconds(orrery.pid) - cpuBefore) / replicas) * 1000)
      const metrics = await orrery.kubectl('get', '--raw', '/metrics')
      const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)![1]) * 1000
      delays.push(value('nodejs_eventloop_lag_p99_seconds'))
      longest.push(value('nodejs_eventloop_lag_max_seconds'))
      window.close()
    } finally {
      await orrery.purge()
    }
  }
  return [
    figure('1,000 Pods on 20 simulated nodes until available', 'Pods/s', rates, `kubectl apply to availableReplicas seen by an open window; ${median(cpu).toFixed(2)} ms of CPU a Pod, all threads`, { must: '≥ 150, aim 500' }),
    figure('event-loop delay p99 in that run', 'ms', delays, `monitorEventLoopDelay (10 ms) of the cluster’s process during the run, beyond its interval; longest ${median(longest).toFixed(0)} ms`, { must: '≤ 50 ms, aim 16 ms', against: { what: 'a process beside it that does nothing', median: median(machine), ratio: median(delays) / median(machine) } }),
  ]
}
