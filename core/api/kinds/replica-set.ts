/** ReplicaSet. Upstream: pkg/apis/apps/validation, pkg/registry/apps/replicaset. */
import type { FieldError } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { selectorText } from '../label-selector.ts'
import type { ReplicaSet } from '../types/apps.ts'
import { immutable } from './parts/immutable.ts'
import { nonNegative } from './parts/non-negative.ts'
import { replicaColumns, replicaFields, validateReplicaStatus } from './parts/plain-replicas.ts'
import { replicasScale } from './parts/replica-counts.ts'
import { validateReplicaSetPods } from './parts/selected-pods.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { podNameWarnings, templateWarnings } from './pod-spec/warnings.ts'

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
    scale: replicasScale(({ spec }) => selectorText(spec.selector)),
  },

  default(draft) {
    draft.spec.replicas ??= 1
    if (draft.spec.template?.spec) defaultPodSpec(draft.spec.template.spec)
  },
  prepareForCreate(draft) {
    draft.status = { replicas: 0 }
  },
  validate: validateReplicaSet,
  validateUpdate: (object, old) => immutable('spec.selector', object.spec.selector, old.spec.selector),
  validateStatusUpdate: validateReplicaStatus,
  warnings: ({ metadata, spec }) => [...podNameWarnings(metadata.name), ...templateWarnings(spec.template)],

  columns: replicaColumns(({ spec }) => selectorText(spec.selector)),
  selectableFields: replicaFields,
  refs: ({ metadata, spec }) => podRefs(metadata, spec.template?.spec),
})

function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(spec, ['replicas', 'minReadySeconds'], 'spec', errors)
  validateReplicaSetPods(spec.selector, spec.template, errors)
  return errors
}
