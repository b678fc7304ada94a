/** Validation of HorizontalPodAutoscaler (upstream: pkg/apis/autoscaling/validation; zero replicas are behind a gate that is off). */
import { type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { dns1123Label, pathSegment } from '../../names.ts'
import { parseQuantity } from '../../quantity.ts'
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HPAScalingRules, MetricIdentifier, MetricSpec, MetricTarget } from '../../types/autoscaling-v2.ts'
import { validateContainerResourceName } from '../pod-spec/validate-resources.ts'

const longestWindowSeconds = 3600
const longestPeriodSeconds = 1800
const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec
  if (minReplicas !== undefined && minReplicas < 1) errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (maxReplicas < 0) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  validateReference(scaleTargetRef, 'spec.scaleTargetRef', scaleTargetRef.kind === 'ReplicationController', errors)
  for (const [i, metric] of metrics.entries()) validateMetric(metric, `spec.metrics[${i}]`, errors)
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    errors.push(forbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'))
  }
  validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp', errors)
  validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown', errors)
  return errors
}

function validateReference({ kind, name, apiVersion = '' }: CrossVersionObjectReference, path: string, coreIsMeant: boolean, errors: FieldError[]): void {
  for (const [field, value] of [['kind', kind], ['name', name]] as const) {
    if (!value) errors.push(required(`${path}.${field}`))
    else for (const sentence of pathSegment(value)) errors.push(invalid(`${path}.${field}`, value, sentence))
  }
  const parts = apiVersion.split('/')
  if (parts.length > 2) errors.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  else if (!coreIsMeant && (parts.length < 2 || parts[0] === '')) errors.push(invalid(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group'))
}

function validateMetric(metric: MetricSpec, path: string, errors: FieldError[]): void {
  const { type = '', object, external, pods, resource, containerResource } = metric
  const unsupported = () => errors.push(notSupported(`${path}.type`, type, metricTypes))
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric source type'))
  if (!metricTypes.includes(type)) unsupported()
  // Only the first source is looked into; the others should not be there.
  const checks: Record<string, (() => void) | undefined> = {
    object: object && (() => {
      validateReference(object.describedObject, `${path}.object.describedObject`, true, errors)
      validateValue(object.metric, object.target, `${path}.object`, 'must set either a target value or averageValue', errors)
    }),
    external: external && (() => {
      validateValue(external.metric, external.target, `${path}.external`, 'must set either a target value for metric or a per-pod target', errors)
      if (external.target.value !== undefined && external.target.averageValue !== undefined) errors.push(forbidden(`${path}.external.target.value`, 'may not set both a target value for metric and a per-pod target'))
    }),
    pods: pods && (() => {
      validateIdentifier(pods.metric, `${path}.pods.metric`, errors)
      validateTarget(pods.target, `${path}.pods.target`, errors)
      if (pods.target.averageValue === undefined) errors.push(required(`${path}.pods.target.averageValue`, 'must specify a positive target averageValue'))
    }),
    resource: resource && (() => {
      if (!resource.name) errors.push(required(`${path}.resource.name`, 'must specify a resource name'))
      validateUse(resource.target, `${path}.resource.target`, errors)
    }),
    containerResource: containerResource && (() => {
      const at = `${path}.containerResource`
      if (!containerResource.name) errors.push(required(`${at}.name`, 'must specify a resource name'))
      else validateContainerResourceName(containerResource.name, `${at}.name`, errors)
      if (!containerResource.container) errors.push(required(`${at}.container`, 'must specify a container'))
      else for (const sentence of dns1123Label(containerResource.container)) errors.push(invalid(`${at}.container`, containerResource.container, sentence))
      validateUse(containerResource.target, `${at}.target`, errors)
    }),
  }
  const present = Object.keys(checks).filter((source) => checks[source] !== undefined)
  checks[present[0] ?? '']?.()
  const expected = `${type.charAt(0).toLowerCase()}${type.slice(1)}`
  if (!metricTypes.includes(type)) unsupported()
  else if (!present.includes(expected)) errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  if (present.length > 1) for (const source of present) if (source !== expected) errors.push(forbidden(`${path}.${source}`, 'must populate the given metric source only'))
}

function validateValue(metric: MetricIdentifier, target: MetricTarget, path: string, missing: string, errors: FieldError[]): void {
  validateIdentifier(metric, `${path}.metric`, errors)
  validateTarget(target, `${path}.target`, errors)
  if (target.value === undefined && target.averageValue === undefined) errors.push(required(`${path}.target.averageValue`, missing))
}

function validateUse(target: MetricTarget, path: string, errors: FieldError[]): void {
  validateTarget(target, path, errors)
  const { averageUtilization, averageValue } = target
  if (averageUtilization === undefined && averageValue === undefined) errors.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'))
  if (averageUtilization !== undefined && averageValue !== undefined) errors.push(forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'))
}

function validateTarget({ type = '', value, averageValue, averageUtilization }: MetricTarget, path: string, errors: FieldError[]): void {
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  if (value !== undefined && parseQuantity(value).nano <= 0n) errors.push(invalid(`${path}.value`, value, 'must be positive'))
  if (averageValue !== undefined && parseQuantity(averageValue).nano <= 0n) errors.push(invalid(`${path}.averageValue`, averageValue, 'must be positive'))
  if (averageUtilization !== undefined && averageUtilization < 1) errors.push(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'))
}

function validateIdentifier({ name }: MetricIdentifier, path: string, errors: FieldError[]): void {
  if (!name) errors.push(required(`${path}.name`, 'must specify a metric name'))
  else for (const sentence of pathSegment(name)) errors.push(invalid(`${path}.name`, name, sentence))
}

function validateRules(rules: HPAScalingRules | undefined, path: string, errors: FieldError[]): void {
  if (!rules) return
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules
  if (window < 0) errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero'))
  if (window > longestWindowSeconds) errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${longestWindowSeconds}`))
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy)) errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']))
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  for (const [i, { type, value, periodSeconds }] of policies.entries()) {
    const at = `${path}.policies[${i}]`
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(`${at}.type`, type ?? '', ['Percent', 'Pods']))
    if (value <= 0) errors.push(invalid(`${at}.value`, value, 'must be greater than zero'))
    if (periodSeconds <= 0) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, 'must be greater than zero'))
    if (periodSeconds > longestPeriodSeconds) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriodSeconds}`))
  }
  if (tolerance !== undefined && parseQuantity(tolerance).nano < 0n) errors.push(invalid(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0'))
}
