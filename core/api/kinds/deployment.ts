/** Deployment. Upstream: pkg/apis/apps/validation, pkg/apis/apps/v1/defaults.go, pkg/registry/apps/deployment. */
import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { selectorText } from '../label-selector.ts'
import type { Deployment, DeploymentStrategy } from '../types/apps.ts'
import { ageColumn, containerColumns, nameColumn } from './parts/columns.ts'
import { amount, countOrShare, notAboveAll } from './parts/count-or-share.ts'
import { immutable } from './parts/immutable.ts'
import { nonNegative } from './parts/non-negative.ts'
import { noFewerCollisions, notAbove, replicasScale } from './parts/replica-counts.ts'
import { validateReplicaSetPods } from './parts/selected-pods.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { podNameWarnings, templateWarnings } from './pod-spec/warnings.ts'

export const deployment = defineKind<Deployment>({
  kind: 'Deployment',
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.apps.v1.Deployment',
  tracksGeneration: true,
  // Annotations count too: the controller copies them to ReplicaSets.
  generationOf: ({ metadata, spec }) => [spec, metadata.annotations],
  subresources: {
    status: true,
    scale: replicasScale(({ spec }) => selectorText(spec.selector)),
  },

  default({ spec }) {
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    const strategy = (spec.strategy ??= {})
    strategy.type ??= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.maxUnavailable ??= '25%'
      rolling.maxSurge ??= '25%'
    }
    if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  },
  prepareForCreate(draft) {
    draft.status = {}
  },
  prepareForStatusUpdate(draft, old) {
    if (old.metadata.labels === undefined) delete draft.metadata.labels
    else draft.metadata.labels = old.metadata.labels
  },
  validate: validateDeployment,
  validateUpdate: (object, old) => immutable('spec.selector', object.spec.selector, old.spec.selector),
  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = []
    nonNegative(status, ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'], 'status', errors)
    notAbove(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], errors)
    noFewerCollisions(status, old.status, errors)
    return errors
  },
  warnings: ({ metadata, spec }) => [...podNameWarnings(metadata.name), ...templateWarnings(spec.template)],

  columns: [
    nameColumn,
    { name: 'Ready', type: 'string', cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    { name: 'Up-to-date', type: 'string', cell: ({ status }) => status.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', cell: ({ status }) => status.availableReplicas ?? 0 },
    ageColumn,
    ...containerColumns<Deployment>(({ spec }) => spec.template.spec.containers),
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => selectorText(spec.selector) },
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => podRefs(metadata, spec.template.spec),
})

function validateDeployment({ spec }: Deployment): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(spec, ['replicas'], 'spec', errors)
  validateReplicaSetPods(spec.selector, spec.template, errors)
  validateStrategy(spec.strategy ?? {}, errors)
  nonNegative(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'], 'spec', errors)
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'))
  }
  return errors
}

function validateStrategy(strategy: DeploymentStrategy, errors: FieldError[]): void {
  const path = 'spec.strategy'
  if (strategy.type === 'Recreate') {
    if (strategy.rollingUpdate) errors.push(forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"))
  } else if (strategy.type === 'RollingUpdate') {
    if (!strategy.rollingUpdate) return void errors.push(required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil'))
    const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate
    countOrShare(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
    countOrShare(maxSurge, `${path}.rollingUpdate.maxSurge`, errors)
    if (amount(maxUnavailable) === 0 && amount(maxSurge) === 0) errors.push(invalid(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
    notAboveAll(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
  } else errors.push(notSupported(path, strategy, ['Recreate', 'RollingUpdate']))
}
