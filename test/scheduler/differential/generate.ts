/** Nodes, namespaces and Pods from a seed: all that the default plugins look at, mixed. The same seed gives the same. */
import type { Container, Node, PodSpec } from '../../../core/api/types/core.ts'

export interface GeneratedPod {
  readonly name: string
  readonly namespace: string
  readonly labels: Record<string, string>
  readonly spec: PodSpec
}

export interface Generated {
  readonly nodes: Node[]
  readonly namespaces: { name: string; labels: Record<string, string> }[]
  readonly services: { name: string; namespace: string; selector: Record<string, string> }[]
  readonly priorities: { name: string; value: number; preemptionPolicy?: string }[]
  readonly budgets: { name: string; namespace: string; selector: Record<string, string>; disruptionsAllowed: number }[]
  /** The last ones may displace others. */
  readonly pods: GeneratedPod[]
}

/** mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const hostname = 'kubernetes.io/hostname'
const zone = 'topology.kubernetes.io/zone'
const rack = 'example.com/rack'
const images = ['registry.example/base:1', 'registry.example/model:2', 'registry.example/web', 'registry.example/db:9']
const apps = ['web', 'api', 'db', 'cache', 'job']

export function generate(seed: number, counts: { nodes: number; pods: number; preemptors: number }): Generated {
  const next = random(seed)
  const chance = (p: number) => next() < p
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)]!
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))

  const node = (i: number): Node => {
    const name = `diff-${String(i).padStart(2, '0')}`
    const taints = [
      ...(chance(0.15) ? [{ key: 'example.com/team', value: pick(['red', 'blue']), effect: 'NoSchedule' as const }] : []),
      ...(chance(0.2) ? [{ key: 'example.com/slow', effect: 'PreferNoSchedule' as const }] : []),
      ...(chance(0.05) ? [{ key: 'example.com/drain', effect: 'NoExecute' as const }] : []),
    ]
    const amounts = {
      cpu: pick(['2', '4', '8', '3500m']), memory: pick(['4Gi', '8Gi', '16Gi', '7900Mi']), 'ephemeral-storage': pick(['20Gi', '50Gi']), pods: pick(['110', '30', '14']),
      ...(chance(0.25) ? { 'example.com/gpu': pick(['1', '2', '4']) } : {}),
    }
    return {
      apiVersion: 'v1', kind: 'Node',
      metadata: {
        name,
        labels: {
          [hostname]: name, ...(chance(0.9) ? { [zone]: pick(['z1', 'z2', 'z3']), 'topology.kubernetes.io/region': 'r1' } : {}), ...(chance(0.7) ? { [rack]: `r${between(1, 8)}` } : {}),
          disk: pick(['ssd', 'hdd']), cores: String(between(1, 9)), ...(chance(0.3) ? { special: 'true' } : {}),
        },
      },
      spec: { ...(taints.length > 0 ? { taints } : {}), ...(chance(0.06) ? { unschedulable: true } : {}) },
      status: {
        allocatable: amounts, capacity: amounts,
        images: images.map((image, at) => ({ names: [image.includes(':') ? image : `${image}:latest`], sizeBytes: [40e6, 1500e6, 210e6, 900e6][at]! })).filter(() => chance(0.3)),
      },
    } as unknown as Node
  }

  const selector = (app: string) => ({ matchLabels: { app } })
  const term = (app: string) => ({
    topologyKey: pick([hostname, zone, zone, rack]), labelSelector: chance(0.8) ? selector(app) : { matchExpressions: [{ key: 'app', operator: 'In', values: [app, pick(apps)] }] },
    ...(chance(0.15) ? { namespaceSelector: pick([{}, { matchLabels: { env: 'b' } }]) } : chance(0.15) ? { namespaces: ['diff-a', 'diff-b'] } : {}),
  })

  const affinity = (app: string): PodSpec['affinity'] => {
    const nodeTerm = () => pick([
      { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] },
      { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] },
      { matchExpressions: [{ key: 'special', operator: 'DoesNotExist' }, { key: zone, operator: 'NotIn', values: ['z3'] }] },
      { matchExpressions: [{ key: rack, operator: 'Exists' }] },
    ])
    return {
      ...(chance(0.3) ? { nodeAffinity: {
        ...(chance(0.5) ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: chance(0.1) ? [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [chance(0.2) ? 'diff-nowhere' : `diff-0${between(0, 9)}`] }] }] : [nodeTerm(), ...(chance(0.3) ? [nodeTerm()] : [])] } } : {}),
        ...(chance(0.7) ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: between(1, 100), preference: nodeTerm() }, ...(chance(0.5) ? [{ weight: between(1, 100), preference: nodeTerm() }] : [])] } : {}),
      } } : {}),
      ...(chance(0.22) ? { podAffinity: {
        ...(chance(0.35) ? { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term(app), topologyKey: pick([zone, rack]) }] } : {}),
        ...(chance(0.8) ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: between(1, 100), podAffinityTerm: term(pick(apps)) }] } : {}),
      } } : {}),
      ...(chance(0.25) ? { podAntiAffinity: {
        ...(chance(0.4) ? { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term(app), topologyKey: pick([hostname, hostname, hostname, rack]) }] } : {}),
        ...(chance(0.7) ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: between(1, 100), podAffinityTerm: term(pick(apps)) }] } : {}),
      } } : {}),
    } as unknown as NonNullable<PodSpec['affinity']>
  }

  const spread = (app: string): NonNullable<PodSpec['topologySpreadConstraints']> => {
    const one = (key: string) => {
      const hard = chance(0.45)
      return {
        topologyKey: key, maxSkew: between(1, 3), whenUnsatisfiable: hard ? 'DoNotSchedule' as const : 'ScheduleAnyway' as const, labelSelector: selector(app),
        ...(hard && chance(0.2) ? { minDomains: between(2, 4) } : {}), ...(chance(0.2) ? { nodeAffinityPolicy: 'Ignore' as const } : {}), ...(chance(0.25) ? { nodeTaintsPolicy: 'Honor' as const } : {}),
        ...(chance(0.2) ? { matchLabelKeys: ['version'] } : {}),
      }
    }
    return chance(0.3) ? [one(zone), one(hostname)] : [one(pick([zone, hostname, rack]))]
  }

  const container = (name: string): Container => {
    const requests = {
      ...(chance(0.8) ? { cpu: `${between(1, 12) * 25}m` } : {}), ...(chance(0.8) ? { memory: `${between(1, 24) * 32}Mi` } : {}),
      ...(chance(0.1) ? { 'ephemeral-storage': `${between(1, 6)}Gi` } : {}),
    }
    return { name, image: pick(images), ...(Object.keys(requests).length > 0 ? { resources: { requests } } : {}) } as unknown as Container
  }

  const pod = (i: number): GeneratedPod => {
    const preemptor = i >= counts.pods
    const app = pick(apps)
    const main = container('main')
    if (preemptor) main.resources = { requests: { cpu: pick(['1', '1500m', '2']), memory: pick(['1Gi', '2Gi', '3Gi']) } }
    else if (chance(0.05)) main.resources = { requests: { cpu: pick(['5', '7', '9']), memory: pick(['1Gi', '9Gi', '20Gi']) } }
    else if (chance(0.08)) main.resources = { requests: { ...main.resources?.requests, 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }
    if (!preemptor && chance(0.08)) main.ports = [{ containerPort: 80, hostPort: pick([8080, 8081]), protocol: 'TCP', ...(chance(0.3) ? { hostIP: pick(['10.0.0.1', '10.0.0.2']) } : {}) }]
    const tolerations = [
      ...(chance(0.3) ? [{ key: 'example.com/team', operator: 'Equal' as const, value: pick(['red', 'blue']), effect: 'NoSchedule' as const }] : []),
      ...(chance(0.2) ? [{ key: 'example.com/slow', operator: 'Exists' as const }] : []),
      ...(chance(0.05) ? [{ operator: 'Exists' as const }] : []),
    ]
    return {
      name: `p-${String(i).padStart(3, '0')}`,
      namespace: chance(0.7) ? 'diff-a' : 'diff-b',
      labels: { app, ...(chance(0.5) ? { version: pick(['1', '2']) } : {}) },
      spec: {
        schedulerName: 'probe', terminationGracePeriodSeconds: 0, priorityClassName: preemptor ? pick(['diff-high', 'diff-higher']) : pick(['diff-low', 'diff-lower', 'diff-mid']),
        containers: [main, ...(chance(0.2) ? [container('side')] : [])],
        ...(chance(0.15) ? { initContainers: [container('init'), ...(chance(0.4) ? [{ ...container('sidecar'), restartPolicy: 'Always' as const }] : [])] } : {}),
        ...(tolerations.length > 0 ? { tolerations } : {}),
        ...(chance(0.1) ? { nodeSelector: pick<Record<string, string>>([{ disk: 'ssd' }, { special: 'true' }, { [zone]: 'z2' }]) } : {}),
        ...(chance(0.55) ? { affinity: affinity(app)! } : {}),
        ...(chance(preemptor ? 0.2 : 0.25) ? { topologySpreadConstraints: spread(app) } : {}),
      } as unknown as PodSpec,
    }
  }

  return {
    nodes: Array.from({ length: counts.nodes }, (_, i) => node(i)),
    namespaces: [{ name: 'diff-a', labels: { env: 'a' } }, { name: 'diff-b', labels: { env: 'b' } }],
    services: [{ name: 'web', namespace: 'diff-a', selector: { app: 'web' } }, { name: 'api', namespace: 'diff-b', selector: { app: 'api' } }],
    priorities: [
      { name: 'diff-lower', value: -10, preemptionPolicy: 'Never' }, { name: 'diff-low', value: 0, preemptionPolicy: 'Never' }, { name: 'diff-mid', value: 50, preemptionPolicy: 'Never' },
      { name: 'diff-high', value: 1000 }, { name: 'diff-higher', value: 2000 },
    ],
    budgets: [{ name: 'db', namespace: 'diff-a', selector: { app: 'db' }, disruptionsAllowed: 0 }, { name: 'cache', namespace: 'diff-a', selector: { app: 'cache' }, disruptionsAllowed: 1 }],
    pods: Array.from({ length: counts.pods + counts.preemptors }, (_, i) => pod(i)),
  }
}
