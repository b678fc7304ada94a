/**
 * HorizontalPodAutoscaler under a load that is shared by whatever Pods run: it stays within its bounds and its rates at
 * every write, comes to the number that the load needs, and then writes nothing any more.
 */
import assert from 'node:assert/strict'
import { kindList } from '../../core/api/kinds.ts'
import type { Deployment } from '../../core/api/types/apps.ts'
import type { Pod } from '../../core/api/types/core.ts'
import type { PodUsage, UsageView } from '../../core/api/metrics/usage.ts'
import { horizontalPodAutoscaler } from '../../core/controllers/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts'
import type { Controller } from '../../core/loop/controller.ts'
import type { Snapshot } from '../../core/loop/snapshot.ts'
import { deploymentOf } from '../controllers/cluster.ts'
import { checkModel } from './model.ts'
import { below } from './random.ts'

const mib = 2 ** 20
const bounds = { min: 2, max: 9 }
const targetMib = 10
const behavior = {
  scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] },
  scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
}

for (const limited of [false, true]) {
  let seen: Snapshot | undefined
  /** From when on, how much; the last that has come counts. */
  let loads: [fromMs: number, mib: number][] = []
  let calmMs = Infinity
  let sizes: [atMs: number, replicas: number][] = []
  /** A write may come long after its plan, and the rates are those of plans. */
  let plannedMs = 0
  const loadAt = (ms: number) => loads.findLast(([fromMs]) => fromMs <= ms)?.[1] ?? 0
  const grew = (i: number) => i > 0 && sizes[i]![1] > sizes[i - 1]![1]
  /** When growth to this size began. What asked for it is no older; with the rate limited, it need not be younger either. */
  const begun = (i: number): number => (grew(i - 1) ? begun(i - 1) : sizes[i]![0])
  const running = () => (seen?.list<Pod>('Pod', 'default') ?? []).filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running')
  const sampleOf = (pod: Pod, share: number): PodUsage => ({ uid: pod.metadata.uid, namespace: 'default', name: pod.metadata.name, node: '', atMs: 0, windowMs: 15_000, containers: [{ name: 'web', cpuNanos: 0, memoryBytes: Math.floor((loadAt(plannedMs) * mib) / share) }] })
  const usage: UsageView = {
    revision: 0,
    pod: (uid) => {
      const pods = running()
      const pod = pods.find(({ metadata }) => metadata.uid === uid)
      return pod && sampleOf(pod, pods.length)
    },
    pods: () => running().map((pod, _, all) => sampleOf(pod, all.length)),
  }
  const planner = horizontalPodAutoscaler({ kinds: kindList, usage }) as Controller

  checkModel({
    name: `autoscaler${limited ? ' with limited rates' : ''}`,
    controllers: ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller', { ...planner, plan: (input) => ((plannedMs = input.now), planner.plan(input)) }],
    async setup({ user, random, now }) {
      seen = now
      sizes = []
      calmMs = Infinity
      loads = [[0, 15 + below(random, 100)]]
      await user.create(deploymentOf({ replicas: bounds.min + below(random, 4) }))
      await user.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          minReplicas: bounds.min,
          maxReplicas: bounds.max,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          metrics: [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: `${targetMib}Mi` } } }],
          ...(limited ? { behavior } : {}),
        },
      })
    },
    kubelet: { unready: 0, failed: 0 },
    deeds: { 'another load': [0.3, async ({ random }) => void (loads = [[0, below(random, 150)]])] },
    // In the end the load still changes, while nothing gets lost any more.
    async calm({ random, nowMs }) {
      calmMs = nowMs
      for (const minute of [0, 3, 6]) loads.push([nowMs + minute * 60_000, below(random, 1_000) % 150])
    },
    always(now, wrote) {
      seen = now
      const replicas = now.get<Deployment>('Deployment', 'default', 'web')?.spec.replicas
      if (replicas === undefined || wrote.kind !== 'Deployment') return
      assert.ok(replicas >= bounds.min && replicas <= bounds.max, `${replicas} wanted, ${bounds.min} to ${bounds.max} are allowed`)
      if (sizes.at(-1)?.[1] === replicas) return
      const last = sizes.at(-1)?.[1]
      // Each size counts from its write until the next.
      const before = sizes.filter((_, i) => (sizes[i + 1]?.[0] ?? plannedMs) > plannedMs - 60_000).map(([, size]) => size)
      const grown = sizes.filter((_, i) => grew(i) && begun(i) > Math.max(calmMs, plannedMs - 300_000)).map(([, size]) => size)
      sizes.push([plannedMs, replicas])
      if (last === undefined) return
      if (!limited) {
        assert.ok(replicas <= Math.max(2 * last, 4), `grew to ${replicas} from ${last} at once`)
        assert.ok(replicas > last || replicas >= Math.max(0, ...grown), `shrank to ${replicas}, and had grown to ${grown.join(', ')} within five minutes`)
        return
      }
      // As upstream (calculateScaleUpLimitWithScalingRules), growth counts from the size when the minute began: what was taken away since may come back besides.
      assert.ok(replicas <= Math.max(...before) + 2, `grew to ${replicas} from ${before.join(', ')} within a minute`)
      assert.ok(replicas >= last - 1, `shrank to ${replicas} from ${before.join(', ')} within a minute`)
      // What was done is forgotten where the process ends before it is written down; from then on the rates are exact.
      if (plannedMs - 60_000 < calmMs) return
      assert.ok(replicas >= before[0]! - 1 && replicas <= before[0]! + 2, `went to ${replicas} from ${before.join(', ')} within a minute`)
    },
    // It is the clock that wakes it.
    lateDeeds: 1,
    settled(now) {
      const { replicas = 0 } = now.get<Deployment>('Deployment', 'default', 'web')!.spec
      const loadMib = loads.at(-1)![1]
      const needed = Math.min(bounds.max, Math.max(bounds.min, Math.ceil(loadMib / targetMib)))
      const ratio = loadMib / replicas / targetMib
      assert.ok(replicas === needed || (ratio >= 0.9 && ratio <= 1.1), `${replicas} Pods for ${loadMib} MiB, ${needed} are needed`)
    },
  })
}
