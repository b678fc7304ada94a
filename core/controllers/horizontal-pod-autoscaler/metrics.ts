/**
 * Each metric of an autoscaler: the number of Pods it asks for and its line in the status, or why it says nothing.
 * Upstream: pkg/controller/podautoscaler/horizontal.go, computeReplicasForMetric.
 */
import { formatQuantity, parseQuantity, quantityMilli } from '../../api/quantity.ts'
import type { ExternalMetricSource, HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus, ObjectMetricSource, PodsMetricSource } from '../../api/types/autoscaling-v2.ts'
import type { CustomMetricsView } from '../../api/metrics/custom-metrics.ts'
import type { Pod } from '../../api/types/core.ts'
import type { UsageView } from '../../api/metrics/usage.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { externalMetric, goSelector, objectMetric, podsMetric } from './custom-metrics.ts'
import { MetricError } from './metric-error.ts'
import { requestsOf, usageOf } from './pod-metrics.ts'
import { replicasForAverage, replicasForShare, replicasForSum, replicasForValue, type Proposal, type Tolerances } from './replica-calculator.ts'
import type { Kinds } from './target.ts'

export interface MetricContext {
  readonly autoscaler: HorizontalPodAutoscaler
  readonly pods: readonly Pod[]
  readonly replicas: number
  /** As the target's own status counts them. */
  readonly counted: number
  readonly usage: UsageView
  readonly custom: CustomMetricsView
  readonly snapshot: Snapshot
  readonly kinds: Kinds
  readonly now: number
}

export type MetricAnswer =
  | { readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  /** `inner` is what the condition and the Event say, `message` what the summary says. */
  | { readonly failed: string; readonly inner: string; readonly message: string }

const defaultTolerance = 0.1

function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const of = (text: string | undefined) => (text === undefined ? defaultTolerance : Number(parseQuantity(text).nano) / 1e9)
  return { down: of(behavior?.scaleDown?.tolerance), up: of(behavior?.scaleUp?.tolerance) }
}

export function answerMetric(metric: MetricSpec, context: MetricContext): MetricAnswer {
  const { resource, containerResource, pods, object, external } = metric
  if (metric.type === 'Resource' && resource) {
    return resourceAnswer(context, resource.name, '', resource.target, 'FailedGetResourceMetric', `failed to get ${resource.name} resource metric value`, (current) => ({ type: 'Resource', resource: { name: resource.name, current } }))
  }
  if (metric.type === 'ContainerResource' && containerResource) {
    const { name, container, target } = containerResource
    return resourceAnswer(context, name, container, target, 'FailedGetContainerResourceMetric', `failed to get ${container} container metric value`, (current) => ({ type: 'ContainerResource', containerResource: { name, container, current } }))
  }
  if (metric.type === 'Pods' && pods) return podsAnswer(context, pods)
  if (metric.type === 'Object' && object) return objectAnswer(context, object)
  if (metric.type === 'External' && external) return externalAnswer(context, external)
  const unknown = `unknown metric source type ${JSON.stringify(metric.type)}`
  return { failed: 'InvalidMetricSourceType', inner: unknown, message: unknown }
}

const failure = (failed: string, inner: string, outer: string, middle = ''): MetricAnswer => ({ failed, inner, message: `${outer}: ${middle}${inner}` })

function podsAnswer({ autoscaler, pods, replicas, custom, now }: MetricContext, { metric, target }: PodsMetricSource): MetricAnswer {
  try {
    const question = { pods, metrics: podsMetric(pods, metric, custom), resource: '', replicas, tolerances: tolerancesOf(autoscaler), now }
    const proposal = replicasForAverage(question, quantityMilli(target.averageValue ?? '0'))
    return { replicas: proposal.replicas, name: `pods metric ${metric.name}`, status: { type: 'Pods', pods: { metric, current: { averageValue: milliText(proposal.milli) } } } }
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    return failure('FailedGetPodsMetric', error.message, 'failed to get pods metric value')
  }
}

function objectAnswer({ autoscaler, pods, replicas, counted, custom, snapshot, kinds }: MetricContext, { describedObject, metric, target }: ObjectMetricSource): MetricAnswer {
  const perPod = target.type === 'AverageValue'
  const statusOf = (current: MetricValueStatus): MetricStatus => ({ type: 'Object', object: { describedObject, metric, current } })
  try {
    const milli = objectMetric(describedObject, metric, { namespace: autoscaler.metadata.namespace ?? '', snapshot, kinds, custom })
    const question = { pods, replicas, counted, tolerances: tolerancesOf(autoscaler) }
    if (perPod) {
      const proposal = replicasForSum(question, milli, quantityMilli(target.averageValue ?? '0'))
      // Upstream calls it so, although it is none.
      return { replicas: proposal.replicas, name: `external metric ${metric.name}(${goSelector(metric.selector)})`, status: statusOf({ averageValue: milliText(proposal.milli) }) }
    }
    const proposal = replicasForValue(question, milli, quantityMilli(target.value ?? '0'))
    return { replicas: proposal.replicas, name: `${describedObject.kind} metric ${metric.name}`, status: statusOf({ value: milliText(proposal.milli) }) }
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    return failure('FailedGetObjectMetric', error.message, 'failed to get object metric value', perPod ? `failed to get ${metric.name} object metric: ` : '')
  }
}

function externalAnswer({ autoscaler, pods, replicas, counted, snapshot }: MetricContext, { metric, target: { value, averageValue } }: ExternalMetricSource): MetricAnswer {
  const outer = `failed to get ${metric.name} external metric value`
  const name = `external metric ${metric.name}(${goSelector(metric.selector)})`
  const statusOf = (current: MetricValueStatus): MetricStatus => ({ type: 'External', external: { metric, current } })
  if (value === undefined && averageValue === undefined) return failure('FailedGetExternalMetric', 'invalid external metric source: neither a value target nor an average value target was set', outer)
  try {
    const milli = externalMetric(metric, autoscaler.metadata.namespace ?? '', snapshot)
    const question = { pods, replicas, counted, tolerances: tolerancesOf(autoscaler) }
    if (averageValue !== undefined) {
      const proposal = replicasForSum(question, milli, quantityMilli(averageValue))
      return { replicas: proposal.replicas, name, status: statusOf({ averageValue: milliText(proposal.milli) }) }
    }
    const proposal = replicasForValue(question, milli, quantityMilli(value ?? '0'))
    return { replicas: proposal.replicas, name, status: statusOf({ value: milliText(proposal.milli) }) }
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    return failure('FailedGetExternalMetric', error.message, outer, averageValue === undefined ? `failed to get external metric ${metric.name}: ` : `failed to get ${metric.name} external metric: `)
  }
}

const milliText = (milli: number): string => formatQuantity({ nano: BigInt(milli) * 1_000_000n, format: 'DecimalSI' })

function resourceAnswer(context: MetricContext, resource: string, container: string, target: MetricTarget, failed: string, outer: string, statusOf: (current: MetricValueStatus) => MetricStatus): MetricAnswer {
  const { autoscaler, pods, replicas, usage, now } = context
  const { averageValue } = target
  const plain = averageValue !== undefined
  try {
    const question = { pods, metrics: usageOf(pods, resource, container, usage), resource, replicas, tolerances: tolerancesOf(autoscaler), now }
    const proposal = averageValue !== undefined ? replicasForAverage(question, quantityMilli(averageValue)) : replicasForShare(question, target.averageUtilization ?? 0, () => requestsOf(pods, resource, container))
    const kind = container === '' ? 'resource' : 'container resource'
    return { replicas: proposal.replicas, name: plain ? `${resource} resource` : `${resource} ${kind} utilization (percentage of request)`, status: statusOf(current(proposal, resource)) }
  } catch (error) {
    if (!(error instanceof MetricError)) throw error
    return failure(failed, `failed to get ${resource} ${plain ? 'usage' : 'utilization'}: ${error.message}`, outer)
  }
}

const current = ({ milli, percent }: Proposal, resource: string): MetricValueStatus => ({
  ...(percent === undefined ? {} : { averageUtilization: percent }),
  averageValue: formatQuantity({ nano: BigInt(milli) * 1_000_000n, format: resource === 'memory' ? 'BinarySI' : 'DecimalSI' }),
})
