/**
 * The selector by which a workload knows its Pods, and the template it makes them from: that they belong together, and
 * that the Pods are such as run for ever. Upstream: pkg/apis/apps/validation, pkg/apis/core/validation (…ForRC).
 */
import { type FieldError, forbidden, invalid, notSupported, required } from '../../field-error.ts'
import { isEmptySelector, labelSelector, type Selector, validateLabelSelector } from '../../label-selector.ts'
import type { PodSpec, PodTemplateSpec } from '../../types/core.ts'
import type { LabelSelector } from '../../types/meta.ts'
import { validatePodTemplate } from '../pod-spec/validate-spec.ts'

/** It is there, and chooses. The answer: can it be read at all? */
export function validateSelector(selector: LabelSelector | undefined, of: string, errors: FieldError[]): boolean {
  if (selector === undefined) errors.push(required('spec.selector'))
  const wrong = validateLabelSelector(selector, 'spec.selector')
  errors.push(...wrong)
  validateChoosing(selector, of, errors)
  return wrong.length === 0
}

export function validateChoosing(selector: LabelSelector | undefined, of: string, errors: FieldError[]): void {
  if (isEmptySelector(selector)) errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${of}`))
}

/** The selector finds what the template makes. */
export function validateMatch(selector: Selector, { metadata }: PodTemplateSpec, errors: FieldError[]): void {
  if (!selector.matches(metadata?.labels)) errors.push(invalid('spec.template.metadata.labels', metadata?.labels, '`selector` does not match template `labels`'))
}

/** Pods that a controller replaces when they end are not to end by themselves. */
export function validateLasting({ restartPolicy, activeDeadlineSeconds }: PodSpec, kind: string, errors: FieldError[]): void {
  if (restartPolicy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`))
}

export function validateReplicaTemplate(selector: Selector, template: PodTemplateSpec | undefined, kind: string, errors: FieldError[]): void {
  if (template === undefined) return void errors.push(required('spec.template'))
  validateMatch(selector, template, errors)
  validatePodTemplate(template, 'spec.template', errors)
  validateLasting(template.spec, kind, errors)
}

/** Deployments and ReplicaSets: upstream words both alike, which is why either's message names the other. */
export function validateReplicaSetPods(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, errors: FieldError[]): void {
  if (validateSelector(selector, 'deployment', errors)) validateReplicaTemplate(labelSelector(selector), template, 'ReplicaSet', errors)
  else errors.push(invalid('spec.selector', selector, 'invalid label selector'))
}
