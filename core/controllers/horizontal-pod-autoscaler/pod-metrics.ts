/** What the Pods of a target use of one resource, in thousandths (upstream: pkg/controller/podautoscaler/metrics/client.go). */
import type { UsageView } from '../../api/metrics/usage.ts'
import { quantityMilli } from '../../api/quantity.ts'
import type { Container, Pod } from '../../api/types/core.ts'
import type { PodUsage } from '../../api/metrics/usage.ts'
import { MetricError } from './metric-error.ts'

export interface PodMetric {
  readonly milli: number
  readonly atMs: number
  readonly windowMs: number
}

/** By name of the Pod. `container` is '' for the whole Pod. */
export type PodMetrics = Map<string, PodMetric>

export function usageOf(pods: readonly Pod[], resource: string, container: string, usage: UsageView): PodMetrics {
  const samples = pods.map((pod) => usage.pod(pod.metadata.uid)).filter((sample) => sample !== undefined)
  if (samples.length === 0) throw new MetricError(`unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`)
  const metrics: PodMetrics = new Map()
  for (const sample of samples) {
    const milli = milliOf(sample, resource, container)
    if (milli !== undefined) metrics.set(sample.name, { milli, atMs: sample.atMs, windowMs: sample.windowMs })
  }
  return metrics
}

function milliOf({ containers }: PodUsage, resource: string, container: string): number | undefined {
  const counted = container === '' ? containers : containers.filter(({ name }) => name === container)
  if (counted.length === 0) return undefined
  let sum = 0
  for (const { cpuNanos, memoryBytes } of counted) {
    if (resource === 'cpu') sum += Math.ceil(cpuNanos / 1e6)
    else if (resource === 'memory') sum += Math.ceil(memoryBytes) * 1000
    else return undefined
  }
  return sum
}

/** What the Pods asked for, by name; a share of what was not asked for means nothing. */
export function requestsOf(pods: readonly Pod[], resource: string, container: string): Map<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]))
}

function requestOf(pod: Pod, resource: string, container: string): number {
  const { name } = pod.metadata
  const whole = pod.spec.resources?.requests
  if (container === '' && whole && Object.keys(whole).length > 0) {
    const request = whole[resource]
    if (request === undefined) throw new MetricError(`missing pod-level request for ${resource} in Pod ${name}`)
    return quantityMilli(request)
  }
  const containers: readonly Container[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')]
  const counted = container === '' ? containers : containers.filter((one) => one.name === container)
  if (counted.length === 0) throw new MetricError(`container ${container} not found in Pod ${name}`)
  let sum = 0
  for (const one of counted) {
    const request = one.resources?.requests?.[resource]
    if (request === undefined) throw new MetricError(`missing request for ${resource} in container ${one.name} of Pod ${name}`)
    sum += quantityMilli(request)
  }
  return sum
}
