/**
 * How fast Pods are scheduled, in cycles alone and without a server: node test/bench/scheduler.ts [nodes] [pods]
 * Prints Pods a second for plain Pods of a Service, Pods that spread, and Pods with (anti-)affinity.
 */
import type { KubeObject } from '../../core/api/meta.ts'
import type { Pod, PodSpec } from '../../core/api/types/core.ts'
import { cycle } from '../../core/scheduler/cycle.ts'
import { Machines } from '../../core/scheduler/machines.ts'
import { podInfo } from '../../core/scheduler/pod-info.ts'
import { node, pod } from '../scheduler/world.ts'
import { LiveCache } from '../loop/live-cache.ts'

const [nodeCount = 1_000, podCount = 5_000] = process.argv.slice(2).map(Number)
const zone = 'topology.kubernetes.io/zone'
const apps = 50

const shapes: Readonly<Record<string, (app: string) => Partial<PodSpec>>> = {
  plain: () => ({}),
  'spread over zones': (app) => ({ topologySpreadConstraints: [{ topologyKey: zone, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app } } }] }),
  'apart by node': (app) => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } }] } } }),
  'near by zone, preferred': (app) => ({ affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: { topologyKey: zone, labelSelector: { matchLabels: { app } } } }] } } }),
}

for (const [name, spec] of Object.entries(shapes)) {
  const world = new LiveCache()
  for (let i = 0; i < nodeCount; i++) world.put(node(`n${i}`, { labels: { [zone]: `z${i % 3}` }, allocatable: { cpu: '64', memory: '256Gi', pods: '500' } }))
  const services: KubeObject[] = []
  for (let i = 0; i < apps; i++) services.push({ apiVersion: 'v1', kind: 'Service', metadata: { name: `app-${i}`, namespace: 'default', uid: `svc-${i}`, resourceVersion: '1', creationTimestamp: '' }, spec: { selector: { app: `app-${i}` } } } as KubeObject)
  world.put(...services)
  const machines = Machines.of(world)
  const pods: Pod[] = Array.from({ length: podCount }, (_, i) => pod(`p${i}`, { labels: { app: `app-${i % apps}` }, requests: { cpu: '10m', memory: '16Mi' }, spec: { ...spec(`app-${i % apps}`), containers: [{ name: 'c', image: 'x:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] } }))
  const tenth = podCount / 10
  const rates: number[] = []
  let start = 0
  let began = performance.now()
  let refused = 0
  for (let i = 0; i < pods.length; i++) {
    const info = podInfo(pods[i]!)
    const outcome = cycle(info, machines, 0, start)
    start = outcome.nextStart
    if (outcome.chosen) machines.assume(info, outcome.chosen.name)
    else refused++
    if ((i + 1) % tenth === 0) {
      rates.push(Math.round(tenth / ((performance.now() - began) / 1000)))
      began = performance.now()
    }
  }
  process.stdout.write(`${name}: ${rates.join(' ')} Pods/s by tenth${refused > 0 ? `, ${refused} refused` : ''}\n`)
}
