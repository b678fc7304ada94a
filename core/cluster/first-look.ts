/** A new autoscaler begins the measuring at once, not with the next period: upstream's metrics server has samples of every Pod already. */
import type { HorizontalPodAutoscaler } from '../api/types/autoscaling-v2.ts'
import type { Scope } from '../base/scope.ts'
import type { Cache } from '../loop/cache.ts'
import type { MetricsScraper } from '../node/usage/scraper.ts'
import type { UsageMeter } from '../node/usage/usage-meter.ts'

export function lookAtOnce(cache: Cache, meter: Pick<UsageMeter, 'fresh'>, scraper: Pick<MetricsScraper, 'fresh'>, scope: Scope): void {
  const stop = cache.subscribe((events) => {
    for (const { type, object } of events) {
      if (type !== 'ADDED' || object.kind !== 'HorizontalPodAutoscaler') continue
      const { metadata, spec } = object as HorizontalPodAutoscaler
      const asks = (...types: readonly string[]) => (spec.metrics ?? []).some((metric) => types.includes(metric.type))
      // Failures are told where the samples are missed.
      if (asks('Resource', 'ContainerResource')) meter.fresh(scope.signal).catch(() => {})
      if (asks('Pods', 'Object')) scraper.fresh(metadata.namespace ?? '').catch(() => {})
    }
  })
  scope.add('first look', () => stop())
}
