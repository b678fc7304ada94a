/** StatefulSet. Upstream: pkg/apis/apps/validation, pkg/apis/apps/v1/{defaults,conversion}.go, pkg/registry/apps/statefulset. */
import { equal } from '../../base/json.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelSelector, selectorText } from '../label-selector.ts'
import { dns1123Label } from '../names.ts'
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../types/apps.ts'
import type { PodTemplateSpec } from '../types/core.ts'
import { ageColumn, containerColumns, nameColumn } from './parts/columns.ts'
import { amount, countOrShare, notAboveAll } from './parts/count-or-share.ts'
import { nonNegative } from './parts/non-negative.ts'
import { noFewerCollisions, notAbove, replicasScale } from './parts/replica-counts.ts'
import { validateLasting, validateMatch, validateSelector } from './parts/selected-pods.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { validatePodTemplate } from './pod-spec/validate-spec.ts'
import { templateWarnings } from './pod-spec/warnings.ts'
import { claimSpecWarnings, defaultClaimSpec, validateClaimSpec } from './storage/claim-spec.ts'

export const statefulSet = defineKind<StatefulSet>({
  kind: 'StatefulSet',
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  singular: 'statefulset',
  shortNames: ['sts'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  nameRule: 'label',
  subresources: {
    status: true,
    scale: replicasScale(({ spec }) => selectorText(spec.selector)),
  },

  default({ spec }) {
    spec.podManagementPolicy ??= 'OrderedReady'
    const strategy = (spec.updateStrategy ??= {})
    if (strategy.type === undefined) {
      strategy.type = 'RollingUpdate'
      strategy.rollingUpdate ??= {}
    }
    if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0
    const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
    retention.whenDeleted ??= 'Retain'
    retention.whenScaled ??= 'Retain'
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    if (spec.template?.spec) defaultPodSpec(spec.template.spec)
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion = 'v1'
      claim.kind = 'PersistentVolumeClaim'
      claim.status = { ...claim.status, phase: claim.status?.phase ?? 'Pending' }
      if (claim.spec) defaultClaimSpec(claim.spec)
    }
  },
  prepareForCreate(draft) {
    draft.status = { replicas: 0, availableReplicas: 0 }
    dropMaxUnavailable(draft)
  },
  prepareForUpdate(draft, old) {
    if (old.spec.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) dropMaxUnavailable(draft)
  },
  validate: validateStatefulSet,
  validateUpdate: (object, old) =>
    equal(fixedPart(object.spec), fixedPart(old.spec))
      ? []
      : [forbidden('spec', "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")],
  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = []
    nonNegative(status, ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount'], 'status', errors)
    notAbove(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'], errors, 'status.readyReplicas')
    noFewerCollisions(status, old.status, errors)
    return errors
  },
  warnings: ({ spec }) => [
    ...templateWarnings(spec.template),
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, i) => claimSpecWarnings(claim.spec, `spec.volumeClaimTemplates[${i}]`)),
    ...((spec.revisionHistoryLimit ?? 0) < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ],

  columns: [
    nameColumn,
    { name: 'Ready', type: 'string', cell: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template.spec.containers),
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => podRefs(metadata, spec.template.spec),
})

/** The gate MaxUnavailableStatefulSet is closed in v1.36: the field is dropped without a word, as every closed field is. */
function dropMaxUnavailable({ spec }: StatefulSet): void {
  if (spec.updateStrategy?.rollingUpdate) delete spec.updateStrategy.rollingUpdate.maxUnavailable
}

function fixedPart({ replicas, template, updateStrategy, minReadySeconds, ordinals, revisionHistoryLimit, persistentVolumeClaimRetentionPolicy, ...fixed }: StatefulSetSpec): object {
  return fixed
}

function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const errors: FieldError[] = []
  const { podManagementPolicy, persistentVolumeClaimRetentionPolicy: retention, selector, template } = spec
  if (!podManagementPolicy) errors.push(required('spec.podManagementPolicy'))
  else if (podManagementPolicy !== 'OrderedReady' && podManagementPolicy !== 'Parallel') errors.push(invalid('spec.podManagementPolicy', podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  validateStrategy(spec.updateStrategy ?? {}, errors)
  for (const when of retention ? (['whenDeleted', 'whenScaled'] as const) : []) {
    const policy = retention?.[when]
    if (policy !== 'Retain' && policy !== 'Delete') errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, policy, ['Retain', 'Delete']))
  }
  for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries()) validateClaimSpec(claim.spec, `spec.volumeClaimTemplates[${i}].spec`, errors)
  nonNegative(spec, ['replicas', 'minReadySeconds'], 'spec', errors)
  nonNegative(spec.ordinals ?? {}, ['start'], 'spec.ordinals', errors)
  if (spec.serviceName) for (const sentence of dns1123Label(spec.serviceName)) errors.push(invalid('spec.serviceName', spec.serviceName, sentence))
  if (validateSelector(selector, 'statefulset', errors)) {
    validateMatch(labelSelector(selector), template, errors)
    validatePodTemplate(withClaims(spec), 'spec.template', errors)
  } else errors.push(invalid('spec.selector', selector, ''))
  validateLasting(template.spec, 'StatefulSet', errors)
  return errors
}

/** The template as its Pods will have it: volumes of the claims, without the names that the controller overwrites. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { hostname: _, subdomain: __, ...rest } = template.spec
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata.name))
  const claims = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { ...template, spec: { ...rest, volumes: [...claims, ...(rest.volumes ?? []).filter(({ name }) => !names.has(name))] } }
}

function validateStrategy(strategy: StatefulSetUpdateStrategy, errors: FieldError[]): void {
  const path = 'spec.updateStrategy'
  const { type, rollingUpdate } = strategy
  if (!type) errors.push(required(path))
  else if (type === 'OnDelete') {
    if (rollingUpdate) errors.push(invalid(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"))
  } else if (type === 'RollingUpdate') {
    if (!rollingUpdate) return
    nonNegative(rollingUpdate, ['partition'], `${path}.rollingUpdate`, errors)
    const { maxUnavailable } = rollingUpdate
    if (maxUnavailable === undefined) return
    countOrShare(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
    if (amount(maxUnavailable) === 0) errors.push(invalid(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'cannot be 0'))
    notAboveAll(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
  } else errors.push(invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'"))
}
