/** What Pods tell of themselves: read while an autoscaler asks for it, and served as custom.metrics.k8s.io. */
import { timestamp } from '../api/meta.ts'
import { noSuchMetric, valueOf } from '../api/metrics/custom-metrics.ts'
import { formatQuantity } from '../api/quantity.ts'
import { ApiError } from '../api/status.ts'
import type { HorizontalPodAutoscaler } from '../api/types/autoscaling-v2.ts'
import type { Pod } from '../api/types/core.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Scope } from '../base/scope.ts'
import type { Snapshot } from '../loop/snapshot.ts'
import type { NodePodAccess } from '../node/pod-access.ts'
import { MetricsScraper } from '../node/usage/scraper.ts'
import type { CustomMetricsSource } from '../server/http/custom-metrics.ts'

export interface ScrapingParts {
  readonly snapshot: Snapshot
  readonly access: Pick<NodePodAccess, 'dial'>
  readonly clock: Clock
  readonly log: Logger
  readonly scope: Scope
}

export function openCustomMetrics({ snapshot, access, clock, log, scope }: ScrapingParts): MetricsScraper {
  const scraper = new MetricsScraper({
    pods: (namespace) => snapshot.list<Pod>('Pod', namespace),
    dial: ({ metadata, spec }, port) => access.dial({ namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid, node: spec.nodeName ?? '' }, port),
    wanted: () => new Set(snapshot.list<HorizontalPodAutoscaler>('HorizontalPodAutoscaler').flatMap(({ metadata, spec }) => (asksPods(spec) ? [metadata.namespace ?? ''] : []))),
    clock,
    log,
  })
  scraper.start(scope)
  return scraper
}

const asksPods = ({ metrics = [] }: HorizontalPodAutoscaler['spec']): boolean => metrics.some(({ type }) => type === 'Pods' || type === 'Object')

export function customMetricsApi(scraper: MetricsScraper, snapshot: Snapshot): CustomMetricsSource {
  return {
    names: () => scraper.names(),
    async pods({ namespace, name, metric, matches, metricSelector }) {
      await scraper.fresh(namespace)
      const pods = name === '*' ? snapshot.list<Pod>('Pod', namespace).filter(({ metadata }) => matches(metadata.labels)) : [snapshot.get<Pod>('Pod', namespace, name)].filter((pod) => pod !== undefined)
      const values = pods
        .flatMap(({ metadata }) => {
          const value = valueOf(scraper, [metadata.uid], metric, metricSelector)
          return value ? [{ pod: metadata.name, value }] : []
        })
        .sort((a, b) => (a.pod < b.pod ? -1 : 1))
      if (values.length === 0 && (name !== '*' || !scraper.names().includes(metric))) throw new ApiError('NotFound', noSuchMetric(metric, 'pods', name === '*' ? undefined : name), {})
      return values.map(({ pod, value: { milli, atMs, windowMs } }) => ({
        describedObject: { kind: 'Pod', namespace, name: pod, apiVersion: '/v1' },
        metric: { name: metric, selector: null },
        timestamp: timestamp(atMs),
        ...(windowMs > 0 ? { windowSeconds: Math.round(windowMs / 1000) } : {}),
        value: formatQuantity({ nano: BigInt(milli) * 1_000_000n, format: 'DecimalSI' }),
      }))
    },
  }
}
