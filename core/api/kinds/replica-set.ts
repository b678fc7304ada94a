/** ReplicaSet, and what Deployment shares with it. Upstream: pkg/apis/apps/validation, pkg/registry/apps/replicaset. */
import { equal } from '../../base/json.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelSelector, selectorText, validateLabelSelector } from '../label-selector.ts'
import { dns1123Label } from '../names.ts'
import { immutableMessage } from '../object-meta.ts'
import type { ReplicaSet } from '../types/apps.ts'
import type { PodTemplateSpec } from '../types/core.ts'
import type { LabelSelector } from '../types/meta.ts'
import { ageColumn, containerColumns, nameColumn } from './parts/columns.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { ownerRefs, podSpecRefs } from './pod-spec/refs.ts'
import { validatePodTemplate } from './pod-spec/validate-spec.ts'
import { podSpecWarnings } from './pod-spec/warnings.ts'

export const replicaSet = defineKind<ReplicaSet>({
  kind: 'ReplicaSet',
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  subresources: {
    status: true,
    scale: {
      specReplicas: ({ spec }) => spec.replicas ?? 0,
      setReplicas: (draft, replicas) => void (draft.spec.replicas = replicas),
      statusReplicas: ({ status }) => status.replicas,
      selector: ({ spec }) => selectorText(spec.selector),
    },
  },

  default(draft) {
    draft.spec.replicas ??= 1
    if (draft.spec.template?.spec) defaultPodSpec(draft.spec.template.spec)
  },
  prepareForCreate(draft) {
    draft.status = { replicas: 0 }
  },
  validate: validateReplicaSet,
  validateUpdate: (object, old) => immutableSelector(object.spec.selector, old.spec.selector),
  validateStatusUpdate({ status }) {
    const errors: FieldError[] = []
    nonNegative(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas'], 'status', errors)
    notAbove(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], errors)
    return errors
  },
  warnings: ({ metadata, spec }) => templateWarnings(metadata.name, spec.template),

  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', cell: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status.replicas ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns<ReplicaSet>(({ spec }) => spec.template?.spec.containers ?? []),
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => selectorText(spec.selector) },
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas ?? 0) },
  refs: ({ metadata, spec }) => [...ownerRefs(metadata), ...(spec.template ? podSpecRefs(spec.template.spec, metadata.namespace ?? '') : [])],
})

function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(spec, ['replicas', 'minReadySeconds'], 'spec', errors)
  validateReplicated(spec.selector, spec.template, errors)
  return errors
}

/** The selector, the template, and that they belong together. */
export function validateReplicated(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, errors: FieldError[]): void {
  const empty = selector !== undefined && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0
  if (selector === undefined) errors.push(required('spec.selector'))
  else {
    const wrong = validateLabelSelector(selector, 'spec.selector')
    errors.push(...wrong)
    if (empty) errors.push(invalid('spec.selector', selector, 'empty selector is invalid for deployment'))
    if (wrong.length > 0) {
      errors.push(invalid('spec.selector', selector, 'invalid label selector'))
      return
    }
  }
  if (template === undefined) return void errors.push(required('spec.template'))
  const { metadata, spec } = template
  if (!empty && !labelSelector(selector).matches(metadata.labels)) errors.push(invalid('spec.template.metadata.labels', metadata.labels, '`selector` does not match template `labels`'))
  validatePodTemplate(template, 'spec.template', errors)
  if (spec.restartPolicy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', spec.restartPolicy, ['Always']))
  if (spec.activeDeadlineSeconds !== undefined) errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicaSet is not Supported'))
}

export const immutableSelector = (selector: unknown, old: unknown): FieldError[] => (equal(selector, old) ? [] : [invalid('spec.selector', selector, immutableMessage)])

type Counts = { [count: string]: unknown }

export function nonNegative(counts: object, names: readonly string[], path: string, errors: FieldError[]): void {
  for (const name of names) {
    const value = (counts as Counts)[name]
    if (typeof value === 'number' && value < 0) errors.push(invalid(`${path}.${name}`, value, 'must be greater than or equal to 0'))
  }
}

/** No part of the replicas is more than all of them. */
export function notAbove(status: { replicas?: number; readyReplicas?: number; availableReplicas?: number }, names: readonly string[], errors: FieldError[], ready = 'readyReplicas'): void {
  for (const name of names) {
    const value = (status as Counts)[name]
    if (typeof value === 'number' && value > (status.replicas ?? 0)) errors.push(invalid(`status.${name}`, value, 'cannot be greater than status.replicas'))
  }
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0)) errors.push(invalid('status.availableReplicas', status.availableReplicas, `cannot be greater than ${ready}`))
}

export function templateWarnings(name: string, template: PodTemplateSpec | undefined): string[] {
  const wrong = dns1123Label(name)
  return [
    ...(wrong.length > 0 ? [`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`] : []),
    ...(template ? podSpecWarnings(template.spec, 'spec.template.spec', template.metadata) : []),
  ]
}
