/** ReplicationController. Upstream: pkg/apis/core/validation, pkg/apis/core/v1/defaults.go, pkg/registry/core/replicationcontroller. */
import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { selectorText, setSelector } from '../label-selector.ts'
import type { PodTemplateSpec, ReplicationController } from '../types/core.ts'
import { ageColumn, containerColumns, nameColumn, noneIfEmpty } from './parts/columns.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { ownerRefs, podSpecRefs } from './pod-spec/refs.ts'
import { validatePodTemplate } from './pod-spec/validate-spec.ts'
import { nonNegative, notAbove, templateWarnings } from './replica-set.ts'

type Labels = Record<string, string>
const isEmpty = (labels: Labels | undefined): boolean => Object.keys(labels ?? {}).length === 0
const selectorIn = (labels: Labels | undefined): string => selectorText({ matchLabels: labels ?? {} })

export const replicationController = defineKind<ReplicationController>({
  kind: 'ReplicationController',
  group: '',
  version: 'v1',
  plural: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.core.v1.ReplicationController',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  orphansByDefault: true,
  subresources: {
    status: true,
    scale: {
      specReplicas: ({ spec }) => spec.replicas ?? 0,
      setReplicas: (draft, replicas) => void (draft.spec.replicas = replicas),
      statusReplicas: ({ status }) => status.replicas,
      selector: ({ spec }) => selectorIn(spec.selector),
    },
  },

  default({ metadata, spec }) {
    spec.replicas ??= 1
    if (spec.template?.spec) defaultPodSpec(spec.template.spec)
    const labels = spec.template?.metadata?.labels
    if (!labels) return
    if (isEmpty(spec.selector)) spec.selector = { ...labels }
    if (isEmpty(metadata.labels)) metadata.labels = { ...labels }
  },
  prepareForCreate(draft) {
    draft.status = { replicas: 0 }
  },
  validate({ spec }) {
    const errors: FieldError[] = []
    nonNegative(spec, ['minReadySeconds'], 'spec', errors)
    if (isEmpty(spec.selector)) errors.push(required('spec.selector'))
    nonNegative(spec, ['replicas'], 'spec', errors)
    validateTemplate(spec.template, spec.selector, errors)
    return errors
  },
  validateStatusUpdate({ status }) {
    const errors: FieldError[] = []
    nonNegative(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'], 'status', errors)
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
    ...containerColumns<ReplicationController>(({ spec }) => spec.template?.spec.containers ?? []),
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => noneIfEmpty(selectorIn(spec.selector)) },
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas ?? 0) },
  refs: ({ metadata, spec }) => [...ownerRefs(metadata), ...(spec.template ? podSpecRefs(spec.template.spec, metadata.namespace ?? '') : [])],
})

function validateTemplate(template: PodTemplateSpec | undefined, selector: Labels | undefined, errors: FieldError[]): void {
  if (template === undefined) return void errors.push(required('spec.template'))
  const { metadata, spec } = template
  if (!isEmpty(selector) && !setSelector(selector).matches(metadata.labels)) errors.push(invalid('spec.template.metadata.labels', metadata.labels, '`selector` does not match template `labels`'))
  validatePodTemplate(template, 'spec.template', errors)
  if (spec.restartPolicy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', spec.restartPolicy, ['Always']))
  if (spec.activeDeadlineSeconds !== undefined) errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicationController is not Supported'))
}
