/** ReplicationController. Upstream: pkg/apis/core/validation, pkg/apis/core/v1/defaults.go, pkg/registry/core/replicationcontroller. */
import { type FieldError, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelSelector, selectorText } from '../label-selector.ts'
import type { ReplicationController } from '../types/core.ts'
import { nonNegative } from './parts/non-negative.ts'
import { replicaColumns, replicaFields, validateReplicaStatus } from './parts/plain-replicas.ts'
import { replicasScale } from './parts/replica-counts.ts'
import { validateReplicaTemplate } from './parts/selected-pods.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { podNameWarnings, templateWarnings } from './pod-spec/warnings.ts'

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
    scale: replicasScale(({ spec }) => selectorIn(spec.selector)),
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
    validateReplicaTemplate(labelSelector({ matchLabels: spec.selector ?? {} }), spec.template, 'ReplicationController', errors)
    return errors
  },
  validateStatusUpdate: validateReplicaStatus,
  warnings: ({ metadata, spec }) => [...podNameWarnings(metadata.name), ...templateWarnings(spec.template)],

  columns: replicaColumns(({ spec }) => selectorIn(spec.selector)),
  selectableFields: replicaFields,
  refs: ({ metadata, spec }) => podRefs(metadata, spec.template?.spec),
})
