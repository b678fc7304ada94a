/** State of a HorizontalPodAutoscaler in words: what it measures, what it wants, and what holds it back. */
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '../types/autoscaling-v2.ts'
import { amount, count } from './sentences.ts'
import type { StateWords } from './words.ts'

/** Why it does less than it would, by the reason of its conditions. */
const held: Readonly<Record<string, string>> = {
  TooManyReplicas: 'more are wanted than its maximum',
  TooFewReplicas: 'fewer would do than its minimum',
  ScaleUpLimit: 'growing as fast as it may',
  ScaleDownLimit: 'shrinking as fast as it may',
}

export function autoscalerState({ spec, status, metadata }: HorizontalPodAutoscaler): StateWords {
  if (metadata.deletionTimestamp !== undefined) return { mark: 'leaving', say: 'being removed' }
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type)
  const [able, active, limited] = [condition('AbleToScale'), condition('ScalingActive'), condition('ScalingLimited')]
  const target = `${spec.scaleTargetRef.kind} ${spec.scaleTargetRef.name}`
  if (able?.status === 'False') return { mark: 'failing', say: able.reason === 'FailedGetScale' ? `cannot see ${target}` : `cannot scale ${target}`, ...(able.message ? { why: afterColon(able.message) } : {}) }
  if (active?.reason === 'ScalingDisabled') return { mark: 'waiting', say: 'switched off', why: `${target} is set to 0 Pods` }
  if (active?.status === 'False') return { mark: 'degraded', say: 'cannot tell how many Pods are needed', ...(active.message ? { why: afterColon(active.message) } : {}) }
  if (!active) return { mark: 'waiting', say: 'has not looked yet', why: `keeps ${target} between ${spec.minReplicas ?? 1} and ${count(spec.maxReplicas, 'Pod')}` }
  const current = status.currentReplicas ?? 0
  const wanted = status.desiredReplicas
  const measured = (spec.metrics ?? []).flatMap((metric, i) => words(metric, status.currentMetrics?.[i])).join(', ')
  const why = [measured, limited?.status === 'True' ? held[limited.reason ?? ''] : able?.reason === 'ScaleDownStabilized' ? 'fewer would do; it waits a while before it shrinks' : undefined].filter((part) => part !== undefined && part !== '').join('; ')
  const said = why === '' ? {} : { why }
  if (wanted !== current) return { mark: 'moving', say: `scaling from ${current} to ${count(wanted, 'Pod')}`, ...said }
  if (limited?.reason === 'TooManyReplicas' && limited.status === 'True') return { mark: 'degraded', say: `at its maximum of ${count(current, 'Pod')}`, ...said }
  return { mark: 'ready', say: `keeps ${count(current, 'Pod')}`, ...said }
}

/** Upstream's sentences begin with what is obvious here. */
const afterColon = (message: string): string =>
  message.replace(/^the HPA (controller )?was unable to [^:]*: /, '').replace(/^unable to get external metric [^/]*\/([^/]+)\/.*: no metrics returned from external metrics API$/, 'nobody offers the external metric $1')

/** "CPU 85 %, 50 % wanted" */
function words(metric: MetricSpec, status: MetricStatus | undefined): string[] {
  const [source, now] = [metric.resource ?? metric.containerResource, status?.resource ?? status?.containerResource]
  const told = metric.pods ?? metric.object ?? metric.external
  const current = (status?.pods ?? status?.object ?? status?.external)?.current
  if (told && current) return [`${told.metric.name} ${current.averageValue === undefined ? `${amount('', current.value)}, ${amount('', told.target.value)} wanted` : `${amount('', current.averageValue)} a Pod, ${amount('', told.target.averageValue)} wanted`}`]
  if (!source || !now) return []
  const { averageValue, averageUtilization } = source.target
  const name = source.name === 'cpu' ? 'CPU' : source.name
  return averageValue === undefined ? [`${name} ${now.current.averageUtilization} %, ${averageUtilization} % wanted`] : [`${name} ${amount(source.name, now.current.averageValue)} a Pod, ${amount(source.name, averageValue)} wanted`]
}
