/**
 * Metrics of things outside the cluster. Somebody (a person, a CronJob, a program at home with a kubeconfig) writes them
 * into ConfigMaps with the label `orrery.dev/external-metrics: "true"`, each key either one value, named after the key
 * (`queue_depth: "30"`, any quantity), or any number of series as text in the exposition format (exposition.ts). Values count
 * as they are, counters too. Readers: the autoscaler and external.metrics.k8s.io, which tell of the ConfigMap's namespace.
 */
import { parseExposition } from './exposition.ts'
import type { Labels, Selector } from '../label-selector.ts'
import { quantityMilli } from '../quantity.ts'
import type { ConfigMap } from '../types/core.ts'

export const externalMetricsLabels = { 'orrery.dev/external-metrics': 'true' } as const

export interface ExternalValue {
  readonly name: string
  readonly labels: Labels
  readonly milli: number
  readonly atMs: number
}

/** In a stable order. */
export function externalValues(configMaps: readonly ConfigMap[]): ExternalValue[] {
  return [...configMaps].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).flatMap((configMap) => {
    const atMs = writtenMs(configMap)
    return Object.entries(configMap.data ?? {}).flatMap(([key, text]): ExternalValue[] => {
      const milli = milliOf(text.trim())
      if (milli !== undefined) return [{ name: key, labels: {}, milli, atMs }]
      return parseExposition(text).map(({ name, labels, value }) => ({ name, labels, milli: Math.round(value * 1000), atMs }))
    })
  })
}

export const valuesOf = (values: readonly ExternalValue[], metric: string, selector: Selector): ExternalValue[] => values.filter(({ name, labels }) => name === metric && selector.matches(labels))

function milliOf(text: string): number | undefined {
  try {
    return quantityMilli(text)
  } catch {
    return undefined
  }
}

/** When its data was written last, as far as the object tells. */
function writtenMs({ metadata }: ConfigMap): number {
  const times = (metadata.managedFields ?? []).flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time)]))
  return Math.max(Date.parse(metadata.creationTimestamp), ...times)
}
