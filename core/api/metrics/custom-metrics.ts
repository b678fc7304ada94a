/**
 * Metrics that Pods tell of themselves, as the scraper read them last (core/node/usage/scraper.ts): gauges as they are,
 * counters as what they grew by in a second. Read only; every round is a new revision. Readers: the autoscaler and
 * custom.metrics.k8s.io.
 */
import type { Labels, Selector } from '../label-selector.ts'

export interface Series {
  readonly labels: Labels
  /** In thousandths. */
  readonly milli: number
}

export interface PodSeries {
  readonly atMs: number
  /** Over how long a rate was taken; 0 for what was read as it is. */
  readonly windowMs: number
  readonly series: readonly Series[]
}

export interface CustomMetricsView {
  readonly revision: number
  /** Every metric that some Pod told of in the last round. */
  names(): readonly string[]
  of(podUid: string, metric: string): PodSeries | undefined
  /** When the last round was read (ms epoch), for a view that is read only while somebody needs it; absent: it always is. */
  readonly measuredMs?: number
}

export const noCustomMetrics: CustomMetricsView = { revision: 0, names: () => [], of: () => undefined }

export interface MetricValue {
  readonly milli: number
  readonly atMs: number
  readonly windowMs: number
}

/** The sum over all series of these Pods that the selector takes; undefined where none did. The oldest instant counts. */
export function valueOf(view: CustomMetricsView, podUids: readonly string[], metric: string, selector: Selector): MetricValue | undefined {
  let sum: MetricValue | undefined
  for (const uid of podUids) {
    const told = view.of(uid, metric)
    const taken = told?.series.filter(({ labels }) => selector.matches(labels)) ?? []
    if (!told || taken.length === 0) continue
    const milli = taken.reduce((total, one) => total + one.milli, 0)
    sum = sum ? { milli: sum.milli + milli, atMs: Math.min(sum.atMs, told.atMs), windowMs: Math.max(sum.windowMs, told.windowMs) } : { milli, atMs: told.atMs, windowMs: told.windowMs }
  }
  return sum
}

/** What a server of custom metrics says where nobody tells of one. */
export const noSuchMetric = (metric: string, resource: string, name?: string): string => `the server could not find the metric ${metric} for ${resource}${name === undefined ? '' : ` ${name}`}`
