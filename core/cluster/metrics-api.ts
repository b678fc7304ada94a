/** metrics.k8s.io out of the usage meter: `kubectl top`, and clients of the metrics API. */
import type { KindDefinition } from '../api/kind.ts'
import { kibibytesText, nanosText, nodeMetrics, podMetrics, type NodeMetrics, type PodMetrics } from '../api/kinds/metrics.ts'
import { timestamp } from '../api/meta.ts'
import type { PodUsage } from '../api/metrics/usage.ts'
import type { Node, Pod } from '../api/types/core.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { UsageMeter } from '../node/usage/usage-meter.ts'
import type { DerivedKind } from '../server/registry/derived.ts'

/** The meter and the snapshot are made after the registry that these belong to. */
export interface MetricsSources {
  readonly meter: UsageMeter
  readonly snapshot: Snapshot
  readonly signal: AbortSignal
}

export function metricsApi(sources: () => MetricsSources): DerivedKind[] {
  const current = async () => {
    const { meter, snapshot, signal } = sources()
    await meter.fresh(signal)
    return { meter, snapshot }
  }
  return [
    {
      definition: podMetrics as unknown as KindDefinition,
      async list(namespace) {
        const { meter, snapshot } = await current()
        return snapshot
          .list<Pod>('Pod', namespace)
          .flatMap((pod) => {
            const usage = meter.pod(pod.metadata.uid)
            return usage ? [metricsOf(pod, usage)] : []
          })
          .sort(byName)
      },
    },
    {
      definition: nodeMetrics as unknown as KindDefinition,
      async list() {
        const { meter, snapshot } = await current()
        const pods = meter.pods()
        const last = pods[0]
        if (!last) return []
        return snapshot.list<Node>('Node').map((node) => sumOf(node, pods.filter((pod) => pod.node === node.metadata.name), last)).sort(byName)
      },
    },
  ]
}

const byName = (a: PodMetrics | NodeMetrics, b: PodMetrics | NodeMetrics): number => {
  const [left, right] = [`${a.metadata.namespace ?? ''}/${a.metadata.name ?? ''}`, `${b.metadata.namespace ?? ''}/${b.metadata.name ?? ''}`]
  return left < right ? -1 : left > right ? 1 : 0
}

const windowText = (ms: number): string => `${ms / 1000}s`
const labelled = ({ labels }: { labels?: Record<string, string> }) => (labels === undefined ? {} : { labels })

const metricsOf = ({ metadata }: Pod, { atMs, windowMs, containers }: PodUsage): PodMetrics => ({
  kind: 'PodMetrics',
  apiVersion: 'metrics.k8s.io/v1beta1',
  metadata: { name: metadata.name, namespace: metadata.namespace ?? '', creationTimestamp: timestamp(atMs), ...labelled(metadata) },
  timestamp: timestamp(atMs),
  window: windowText(windowMs),
  containers: containers.map(({ name, cpuNanos, memoryBytes }) => ({ name, usage: { cpu: nanosText(cpuNanos), memory: kibibytesText(memoryBytes) } })),
})

/** A node uses what its Pods use: several share one machine, whose own use is nobody's. */
function sumOf({ metadata }: Node, pods: readonly PodUsage[], { atMs, windowMs }: PodUsage): NodeMetrics {
  let [cpu, memory] = [0, 0]
  for (const { containers } of pods) {
    for (const { cpuNanos, memoryBytes } of containers) {
      cpu += cpuNanos
      memory += memoryBytes
    }
  }
  return {
    kind: 'NodeMetrics',
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name: metadata.name, creationTimestamp: timestamp(atMs), ...labelled(metadata) },
    timestamp: timestamp(atMs),
    window: windowText(windowMs),
    usage: { cpu: nanosText(cpu), memory: kibibytesText(memory) },
  }
}
