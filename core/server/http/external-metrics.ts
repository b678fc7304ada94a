/**
 * external.metrics.k8s.io/v1beta1: values by the metric's name, of a namespace, chosen by labels. Upstream: k8s.io/metrics,
 * pkg/apis/external_metrics; what an adapter of external metrics serves. Its resources are the metrics that are told now.
 */
import { ApiError } from '../../api/status.ts'
import type { Selector } from '../../api/label-selector.ts'
import type { Negotiator } from './negotiate.ts'
import { sendValue } from './answers.ts'
import { selectorOf } from './custom-metrics.ts'
import { queryOf } from './options.ts'
import { notServed } from './router.ts'
import type { StaticPaths } from './static-paths.ts'

export interface ExternalMetricsSource {
  names(): readonly string[]
  /** ExternalMetricValue objects; none where nobody tells of the metric. */
  values(namespace: string, metric: string, selector: Selector): readonly Readonly<Record<string, unknown>>[]
}

export const externalMetricsGroup = { group: 'external.metrics.k8s.io', version: 'v1beta1' } as const
const apiVersion = `${externalMetricsGroup.group}/${externalMetricsGroup.version}`
const base = `/apis/${apiVersion}`

export function addExternalMetrics(paths: StaticPaths, source: ExternalMetricsSource, negotiator: Negotiator): void {
  paths.add(base, (exchange) => {
    const resources = source.names().map((name) => ({ name, singularName: '', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get'] }))
    return sendValue(exchange, queryOf(exchange), negotiator.accept(undefined), 200, { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources })
  })
  paths.addPrefix(`${base}/namespaces/`, async (exchange) => {
    if (exchange.method !== 'GET') throw new ApiError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
    const [namespace, metric, ...rest] = exchange.path.slice(`${base}/namespaces/`.length).split('/').map(decodeURIComponent)
    if (!namespace || !metric || rest.length > 0) throw notServed()
    const query = queryOf(exchange)
    const items = source.values(namespace, metric, selectorOf(query.get('labelSelector')))
    await sendValue(exchange, query, negotiator.accept(exchange.headers.accept), 200, { kind: 'ExternalMetricValueList', apiVersion, metadata: {}, items })
  })
}
