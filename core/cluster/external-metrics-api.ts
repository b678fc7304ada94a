/** Values that ConfigMaps tell (api/external-metrics.ts), served as external.metrics.k8s.io. */
import { timestamp } from '../api/meta.ts'
import { externalMetricsLabels, externalValues, valuesOf } from '../api/metrics/external-metrics.ts'
import { formatQuantity } from '../api/quantity.ts'
import type { ConfigMap } from '../api/types/core.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { ExternalMetricsSource } from '../server/http/external-metrics.ts'

export function externalMetricsApi(snapshot: Snapshot): ExternalMetricsSource {
  const told = (namespace: string) => externalValues(snapshot.labelled<ConfigMap>('ConfigMap', namespace, externalMetricsLabels))
  return {
    names: () => [...new Set(snapshot.list('Namespace').flatMap(({ metadata }) => told(metadata.name)).map(({ name }) => name))].sort(),
    values: (namespace, metric, selector) =>
      valuesOf(told(namespace), metric, selector).map(({ name, labels, milli, atMs }) => ({
        metricName: name,
        metricLabels: labels,
        timestamp: timestamp(atMs),
        value: formatQuantity({ nano: BigInt(milli) * 1_000_000n, format: 'DecimalSI' }),
      })),
  }
}
