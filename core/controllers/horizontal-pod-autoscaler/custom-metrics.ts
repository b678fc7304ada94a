/**
 * Metrics that Pods tell of themselves, for a target's Pods or for another object: a Pod's own, the sum over a Service's
 * Pods, the sum over a namespace. Other objects have no metrics here, told as an adapter of custom metrics tells it. And
 * metrics of things outside, as ConfigMaps tell them.
 * Upstream: pkg/controller/podautoscaler/metrics/client.go.
 */
import { valueOf, noSuchMetric, type CustomMetricsView } from '../../api/metrics/custom-metrics.ts'
import { externalMetricsLabels, externalValues, valuesOf } from '../../api/metrics/external-metrics.ts'
import { qualifiedResource } from '../../api/kind.ts'
import { labelSelector, setSelector, type Selector } from '../../api/label-selector.ts'
import type { CrossVersionObjectReference, MetricIdentifier } from '../../api/types/autoscaling-v2.ts'
import type { ConfigMap, Pod, Service } from '../../api/types/core.ts'
import type { LabelSelector } from '../../api/types/meta.ts'
import type { Snapshot } from '../../loop/snapshot.ts'
import { MetricError } from './metric-error.ts'
import type { PodMetrics } from './pod-metrics.ts'
import type { Kinds } from './target.ts'

const fetching = 'unable to fetch metrics from custom metrics API'

export function podsMetric(pods: readonly Pod[], { name, selector }: MetricIdentifier, custom: CustomMetricsView): PodMetrics {
  const chosen = labelSelectorOrAll(selector)
  const metrics: PodMetrics = new Map()
  for (const { metadata } of pods) {
    const value = valueOf(custom, [metadata.uid], name, chosen)
    if (value) metrics.set(metadata.name, value)
  }
  if (metrics.size > 0) return metrics
  throw new MetricError(`unable to get metric ${name}: ${custom.names().includes(name) ? 'no metrics returned from custom metrics API' : `${fetching}: ${noSuchMetric(name, 'pods')}`}`)
}

export interface Described {
  readonly namespace: string
  readonly snapshot: Snapshot
  readonly kinds: Kinds
  readonly custom: CustomMetricsView
}

/** The object's metric in thousandths. */
export function objectMetric(object: CrossVersionObjectReference, { name: metric, selector }: MetricIdentifier, { namespace, snapshot, kinds, custom }: Described): number {
  const { kind, name, apiVersion = '' } = object
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const known = kinds.get(kind)
  // Upstream mixes up the order of the words here; clients see it so.
  const fail = (why: string) => new MetricError(`unable to get metric ${metric}: ${kind} on ${namespace} ${name}/${fetching}: ${why}`)
  if (known?.group !== group) throw fail(`unable to map kind ${group === '' ? kind : `${kind}.${group}`} to resource: no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`)
  const value = valueOf(custom, podsOf(group === '' ? kind : '', name, namespace, snapshot).map(({ metadata }) => metadata.uid), metric, labelSelectorOrAll(selector))
  if (!value) throw fail(noSuchMetric(metric, qualifiedResource(known), kind === 'Namespace' ? namespace : name))
  return value.milli
}

/** Whose metrics, together, are those of the object. */
function podsOf(kind: string, name: string, namespace: string, snapshot: Snapshot): readonly Pod[] {
  if (kind === 'Namespace') return snapshot.list<Pod>('Pod', namespace)
  if (kind === 'Pod') return [snapshot.get<Pod>('Pod', namespace, name)].filter((pod) => pod !== undefined)
  const selector = kind === 'Service' ? snapshot.get<Service>('Service', namespace, name)?.spec.selector : undefined
  if (!selector || Object.keys(selector).length === 0) return []
  const chosen = setSelector(selector)
  return snapshot.list<Pod>('Pod', namespace).filter(({ metadata }) => chosen.matches(metadata.labels))
}

/** All series of an external metric together, in thousandths. */
export function externalMetric({ name, selector }: MetricIdentifier, namespace: string, snapshot: Snapshot): number {
  const values = valuesOf(externalValues(snapshot.labelled<ConfigMap>('ConfigMap', namespace, externalMetricsLabels)), name, labelSelectorOrAll(selector))
  if (values.length === 0) throw new MetricError(`unable to get external metric ${namespace}/${name}/${goSelector(selector)}: no metrics returned from external metrics API`)
  return values.reduce((sum, { milli }) => sum + milli, 0)
}

/** Without a selector every series counts (upstream would take none of a nil selector, and asks without one). */
const labelSelectorOrAll = (selector: MetricIdentifier['selector']): Selector => labelSelector(selector ?? {})

/** How Go prints a selector; without one it says nil. */
export function goSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`)
  return `&LabelSelector{MatchLabels:map[string]string{${labels.map(([key, value]) => `${key}: ${value},`).join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
