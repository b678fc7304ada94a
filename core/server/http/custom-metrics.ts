/**
 * custom.metrics.k8s.io/v1beta2: metrics by name, of one Pod or of all (`*`) that a selector takes. Upstream: k8s.io/metrics,
 * pkg/apis/custom_metrics; what an adapter of custom metrics serves. Its resources are the metrics that are told now.
 */
import { parseLabelSelector } from '../../api/label-selector.ts'
import { ApiError } from '../../api/status.ts'
import type { Negotiator } from './negotiate.ts'
import { sendValue } from './answers.ts'
import { queryOf } from './options.ts'
import { notServed } from './router.ts'
import type { StaticPaths } from './static-paths.ts'

export interface CustomMetricsQuestion {
  readonly namespace: string
  /** `*` for all. */
  readonly name: string
  readonly metric: string
  readonly matches: (labels: Readonly<Record<string, string>> | undefined) => boolean
  readonly metricSelector: ReturnType<typeof parseLabelSelector>
}

export interface CustomMetricsSource {
  names(): readonly string[]
  /** MetricValue objects, by name of the Pod; throws NotFound where nobody tells of the metric. */
  pods(question: CustomMetricsQuestion): Promise<readonly Readonly<Record<string, unknown>>[]>
}

export const customMetricsGroup = { group: 'custom.metrics.k8s.io', version: 'v1beta2' } as const
const apiVersion = `${customMetricsGroup.group}/${customMetricsGroup.version}`
const base = `/apis/${apiVersion}`

export function addCustomMetrics(paths: StaticPaths, source: CustomMetricsSource, negotiator: Negotiator): void {
  paths.add(base, (exchange) => {
    const resources = source.names().map((name) => ({ name: `pods/${name}`, singularName: '', namespaced: true, kind: 'MetricValueList', verbs: ['get'] }))
    return sendValue(exchange, queryOf(exchange), negotiator.accept(undefined), 200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources })
  })
  paths.addPrefix(`${base}/namespaces/`, async (exchange) => {
    if (exchange.method !== 'GET') throw new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
    const [namespace, resource, name, metric, ...rest] = exchange.path.slice(`${base}/namespaces/`.length).split('/').map(decodeURIComponent)
    if (!namespace || resource !== 'pods' || !name || !metric || rest.length > 0) throw notServed()
    const query = queryOf(exchange)
    const selector = selectorOf(query.get('labelSelector'))
    const items = await source.pods({ namespace, name, metric, matches: (labels) => selector.matches(labels), metricSelector: selectorOf(query.get('metricLabelSelector')) })
    await sendValue(exchange, query, negotiator.accept(exchange.headers.accept), 200, { kind: 'MetricValueList', apiVersion, metadata: {}, items })
  })
}

/** A selector of a query; one that is none is the client's fault. */
export function selectorOf(text: string | null) {
  try {
    return parseLabelSelector(text ?? '')
  } catch (error) {
    throw new ApiError('BadRequest', error instanceof Error ? error.message : String(error))
  }
}
