/**
 * autoscaling/v1: one CPU target, and everything that v2 knows beyond it in annotations, so that a client of v1 loses
 * nothing when it writes back. Upstream: pkg/apis/autoscaling/v1/conversion.go, pkg/apis/autoscaling/annotations.go.
 */
import type { AnyObject } from '../../kind.ts'
import type { HorizontalPodAutoscaler as Version1 } from '../../types/autoscaling.ts'
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from '../../types/autoscaling-v2.ts'
import { metricFromVersion1, metricToVersion1, statusFromVersion1, statusToVersion1 } from './version-1-metrics.ts'

const prefix = 'autoscaling.alpha.kubernetes.io/'
const names = { metrics: `${prefix}metrics`, current: `${prefix}current-metrics`, conditions: `${prefix}conditions`, behavior: `${prefix}behavior` }
const dropped = new Set([...Object.values(names), `${prefix}scale-down-tolerance`, `${prefix}scale-up-tolerance`])

const isCpuShare = ({ type, resource }: MetricSpec): boolean => type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined
const cpuShareOf = (statuses: readonly MetricStatus[]): number | undefined => statuses.findLast(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu' && resource.current.averageUtilization !== undefined)?.resource?.current.averageUtilization

export function toVersion1({ metadata, spec, status = { desiredReplicas: 0 }, ...rest }: HorizontalPodAutoscaler): Version1 {
  const { scaleTargetRef, minReplicas, maxReplicas, metrics = [], behavior } = spec
  const { currentMetrics = [], conditions = [], observedGeneration, lastScaleTime, currentReplicas = 0, desiredReplicas = 0 } = status
  const others = metrics.filter((metric) => !isCpuShare(metric)).map(metricToVersion1)
  const target = metrics.find(isCpuShare)?.resource?.target.averageUtilization
  const share = cpuShareOf(currentMetrics)
  const annotations = {
    ...withoutOurs(metadata.annotations),
    ...(others.length === 0 ? {} : { [names.metrics]: JSON.stringify(others) }),
    ...(currentMetrics.length === 0 ? {} : { [names.current]: JSON.stringify(currentMetrics.map(statusToVersion1)) }),
    ...(behavior === undefined ? {} : { [names.behavior]: JSON.stringify(renamed(behavior, upper)) }),
    ...(conditions.length === 0 ? {} : { [names.conditions]: JSON.stringify(conditions.map(({ type, status: is, lastTransitionTime, reason, message }) => ({ type, status: is, lastTransitionTime, reason, message }))) }),
  }
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(metadata, annotations),
    spec: { scaleTargetRef, ...(minReplicas === undefined ? {} : { minReplicas }), maxReplicas, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      currentReplicas,
      desiredReplicas,
      ...(share === undefined ? {} : { currentCPUUtilizationPercentage: share }),
    },
  }
}

export function fromVersion1(wire: AnyObject): HorizontalPodAutoscaler {
  const { metadata, spec, status, ...rest } = wire as Version1
  const annotations: Readonly<Record<string, string>> = metadata.annotations ?? {}
  const list = (name: string) => parsed(annotations[name], Array.isArray) as Record<string, unknown>[] | undefined
  const share = spec.targetCPUUtilizationPercentage
  const cpu: MetricSpec[] = share === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } } }]
  const metrics = [...(list(names.metrics)?.map(metricFromVersion1) ?? []), ...cpu]
  const behavior = parsed(annotations[names.behavior], (value) => typeof value === 'object' && value !== null)
  const current = list(names.current)?.map(statusFromVersion1)
  const used = status?.currentCPUUtilizationPercentage
  const conditions = list(names.conditions)
  const { currentCPUUtilizationPercentage: _share, ...counts } = status ?? { currentReplicas: 0, desiredReplicas: 0 }
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(metadata, withoutOurs(annotations)),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      ...(spec.minReplicas === undefined ? {} : { minReplicas: spec.minReplicas }),
      maxReplicas: spec.maxReplicas,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(behavior === undefined ? {} : { behavior: withoutNull(renamed(behavior, lower)) as NonNullable<HorizontalPodAutoscaler['spec']['behavior']> }),
    },
    status: {
      ...counts,
      ...(current ? { currentMetrics: current } : used === undefined ? {} : { currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: used } } }] }),
      ...(conditions ? { conditions: conditions as unknown as NonNullable<HorizontalPodAutoscaler['status']['conditions']> } : {}),
    },
  }
}

const withoutOurs = (annotations: Readonly<Record<string, string>> | undefined): Record<string, string> => Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => !dropped.has(name)))

function withAnnotations<M extends { annotations?: Record<string, string> }>(metadata: M, annotations: Record<string, string>): M {
  const { annotations: _before, ...rest } = metadata
  return (Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }) as M
}

/** A broken annotation says nothing, as upstream has it. */
function parsed(text: string | undefined, fits: (value: unknown) => boolean): unknown {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return fits(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Upstream writes this annotation from its internal type, whose names begin with capitals. */
function renamed(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [name(key), renamed(inner, name)]))
}
const upper = (key: string) => `${key.charAt(0).toUpperCase()}${key.slice(1)}`
const lower = (key: string) => `${key.charAt(0).toLowerCase()}${key.slice(1)}`

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null).map(([key, inner]) => [key, withoutNull(inner)]))
}
