/** The TARGETS column: current and wanted value of each metric (upstream: pkg/printers/internalversion, formatHPAMetrics). */
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../types/autoscaling-v2.ts'

const shownAtMost = 2
const unknown = '<unknown>'

export function metricsText(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return '<none>'
  const texts = specs.map((spec, i) => textOf(spec, statuses[i]))
  const shown = texts.slice(0, shownAtMost).join(', ')
  return texts.length > shownAtMost ? `${shown} + ${texts.length - shownAtMost} more...` : shown
}

function textOf(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return valueText(spec.external?.target, status?.external?.current)
    case 'Object':
      return valueText(spec.object?.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? unknown}/${spec.pods?.target.averageValue ?? unknown}`
    case 'Resource':
      return `${spec.resource?.name}: ${resourceText(spec.resource?.target, status?.resource?.current)}`
    case 'ContainerResource':
      return `${spec.containerResource?.name}: ${resourceText(spec.containerResource?.target, status?.containerResource?.current)}`
    default:
      return '<unknown type>'
  }
}

const valueText = (target: MetricTarget | undefined, current: MetricValueStatus | undefined): string =>
  target?.averageValue === undefined ? `${current?.value ?? unknown}/${target?.value ?? unknown}` : `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`

function resourceText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue}`
  const used = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`
  return `${used}/${target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`
}
