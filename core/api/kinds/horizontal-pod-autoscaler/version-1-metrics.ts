/** Metrics as autoscaling/v1 writes them into annotations, and back (upstream: pkg/apis/autoscaling/v1/conversion.go). */
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../types/autoscaling-v2.ts'

type Fields = Record<string, unknown>
type Amounts = { value?: string; averageValue?: string; averageUtilization?: number }

const given = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
const zero = '0'

export function metricToVersion1({ type, object, pods, resource, containerResource, external }: MetricSpec): Fields {
  return given({
    type,
    object: object && given({ target: object.describedObject, metricName: object.metric.name, targetValue: object.target.value ?? zero, selector: object.metric.selector, averageValue: object.target.averageValue }),
    pods: pods && given({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? zero, selector: pods.metric.selector }),
    resource: resource && given({ name: resource.name, targetAverageUtilization: resource.target.averageUtilization, targetAverageValue: resource.target.averageValue }),
    containerResource:
      containerResource &&
      given({ name: containerResource.name, targetAverageUtilization: containerResource.target.averageUtilization, targetAverageValue: containerResource.target.averageValue, container: containerResource.container }),
    external: external && given({ metricName: external.metric.name, metricSelector: external.metric.selector, targetValue: external.target.value, targetAverageValue: external.target.averageValue }),
  })
}

export function metricFromVersion1({ type, object, pods, resource, containerResource, external }: Fields): MetricSpec {
  return given({
    type,
    object: from(object, ({ target, averageValue, targetValue, ...metric }) => {
      const value = averageValue === undefined || targetValue !== zero ? targetValue : undefined
      return { describedObject: target as CrossVersionObjectReference, metric: identifier(metric), target: targetOf({ value, averageValue }, averageValue === undefined ? 'Value' : 'AverageValue') }
    }),
    pods: from(pods, ({ targetAverageValue, ...metric }) => ({ metric: identifier(metric), target: targetOf({ averageValue: targetAverageValue }, 'AverageValue') })),
    resource: from(resource, (fields) => ({ name: fields['name'], target: use(fields) })),
    containerResource: from(containerResource, (fields) => ({ name: fields['name'], container: fields['container'], target: use(fields) })),
    external: from(external, ({ targetValue, targetAverageValue, ...metric }) => ({
      metric: identifier({ ...metric, selector: metric['metricSelector'] }),
      target: targetOf({ value: targetValue, averageValue: targetAverageValue }, targetValue === undefined ? 'AverageValue' : 'Value'),
    })),
  }) as unknown as MetricSpec
}

export function statusToVersion1({ type, object, pods, resource, containerResource, external }: MetricStatus): Fields {
  return given({
    type,
    object: object && given({ target: object.describedObject, metricName: object.metric.name, currentValue: object.current.value ?? zero, selector: object.metric.selector, averageValue: object.current.averageValue }),
    pods: pods && given({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? zero, selector: pods.metric.selector }),
    resource: resource && given({ name: resource.name, currentAverageUtilization: resource.current.averageUtilization, currentAverageValue: resource.current.averageValue ?? zero }),
    containerResource:
      containerResource &&
      given({ name: containerResource.name, currentAverageUtilization: containerResource.current.averageUtilization, currentAverageValue: containerResource.current.averageValue ?? zero, container: containerResource.container }),
    external: external && given({ metricName: external.metric.name, metricSelector: external.metric.selector, currentValue: external.current.value ?? zero, currentAverageValue: external.current.averageValue }),
  })
}

export function statusFromVersion1({ type, object, pods, resource, containerResource, external }: Fields): MetricStatus {
  return given({
    type,
    object: from(object, ({ target, currentValue, averageValue, ...metric }) => ({ describedObject: target as CrossVersionObjectReference, metric: identifier(metric), current: currentOf({ value: currentValue, averageValue }) })),
    pods: from(pods, ({ currentAverageValue, ...metric }) => ({ metric: identifier(metric), current: currentOf({ averageValue: currentAverageValue }) })),
    resource: from(resource, (fields) => ({ name: fields['name'], current: used(fields) })),
    containerResource: from(containerResource, (fields) => ({ name: fields['name'], container: fields['container'], current: used(fields) })),
    external: from(external, ({ currentValue, currentAverageValue, ...metric }) => ({
      metric: identifier({ ...metric, selector: metric['metricSelector'] }),
      current: currentOf({ value: currentValue, averageValue: currentAverageValue }),
    })),
  }) as unknown as MetricStatus
}

const from = (source: unknown, convert: (fields: Fields) => object): object | undefined => (typeof source === 'object' && source !== null ? convert(source as Fields) : undefined)
const identifier = ({ metricName, selector }: Fields): MetricIdentifier => given({ name: metricName, selector }) as unknown as MetricIdentifier
const targetOf = (amounts: { [amount in keyof Amounts]: unknown }, type: string): MetricTarget => given({ type, ...amounts }) as unknown as MetricTarget
const currentOf = (amounts: { [amount in keyof Amounts]: unknown }): MetricValueStatus => given(amounts) as MetricValueStatus
const use = ({ targetAverageUtilization, targetAverageValue }: Fields): MetricTarget =>
  targetOf({ averageUtilization: targetAverageUtilization, averageValue: targetAverageValue }, targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization')
const used = ({ currentAverageUtilization, currentAverageValue }: Fields): MetricValueStatus => currentOf({ averageUtilization: currentAverageUtilization, averageValue: currentAverageValue })
