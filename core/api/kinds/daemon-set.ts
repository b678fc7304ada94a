/** DaemonSet. Upstream: pkg/apis/apps/validation, pkg/apis/apps/v1/{defaults,conversion}.go, pkg/registry/apps/daemonset. */
import { equal } from '../../base/json.ts'
import { type FieldError, invalid, notSupported, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { labelSelector, selectorText, validateLabelSelector } from '../label-selector.ts'
import type { ObjectMeta } from '../meta.ts'
import type { DaemonSet, DaemonSetUpdateStrategy } from '../types/apps.ts'
import { ageColumn, containerColumns, nameColumn, noneIfEmpty } from './parts/columns.ts'
import { amount, countOrShare, notAboveAll } from './parts/count-or-share.ts'
import { immutable } from './parts/immutable.ts'
import { nonNegative } from './parts/non-negative.ts'
import { noFewerCollisions } from './parts/replica-counts.ts'
import { validateChoosing, validateLasting, validateMatch } from './parts/selected-pods.ts'
import { defaultPodSpec } from './pod-spec/defaults.ts'
import { podRefs } from './pod-spec/refs.ts'
import { validatePodTemplate } from './pod-spec/validate-spec.ts'
import { templateWarnings } from './pod-spec/warnings.ts'

/** A field of upstream's inner version, which apps/v1 shows as an annotation: how often the template has changed. */
const templateGeneration = 'deprecated.daemonset.template.generation'

export const daemonSet = defineKind<DaemonSet>({
  kind: 'DaemonSet',
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  subresources: { status: true },

  default({ spec }) {
    const strategy = (spec.updateStrategy ??= {})
    strategy.type ??= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.maxUnavailable ??= 1
      rolling.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
    if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  },
  prepareForCreate(draft) {
    draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
    setTemplateGeneration(draft.metadata, Math.max(1, templateGenerationOf(draft.metadata)))
  },
  prepareForUpdate(draft, old) {
    setTemplateGeneration(draft.metadata, templateGenerationOf(old.metadata) + (equal(draft.spec.template, old.spec.template) ? 0 : 1))
  },
  prepareForStatusUpdate(draft, old) {
    setTemplateGeneration(draft.metadata, templateGenerationOf(old.metadata))
  },
  validate: validateDaemonSet,
  validateUpdate: (object, old) => immutable('spec.selector', object.spec.selector, old.spec.selector),
  validateStatusUpdate({ status }, old) {
    const errors: FieldError[] = []
    const counts = ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount']
    nonNegative(status, counts, 'status', errors)
    noFewerCollisions(status, old.status, errors)
    return errors
  },
  warnings: ({ spec }) => templateWarnings(spec.template),

  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', cell: ({ status }) => status.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', cell: ({ status }) => status.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', cell: ({ status }) => status.numberAvailable ?? 0 },
    { name: 'Node Selector', type: 'string', cell: ({ spec }) => noneIfEmpty(selectorText({ matchLabels: spec.template.spec.nodeSelector ?? {} })) },
    ageColumn,
    ...containerColumns<DaemonSet>(({ spec }) => spec.template.spec.containers),
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => selectorText(spec.selector) },
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => podRefs(metadata, spec.template.spec),
})

const templateGenerationOf = ({ annotations }: ObjectMeta): number => {
  const text = annotations?.[templateGeneration]
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : 0
}

function setTemplateGeneration(metadata: ObjectMeta, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const { selector, template } = spec
  const errors: FieldError[] = validateLabelSelector(selector, 'spec.selector')
  if (errors.length === 0) validateMatch(labelSelector(selector), template, errors)
  validateChoosing(selector, 'daemonset', errors)
  validatePodTemplate(template, 'spec.template', errors)
  validateLasting(template.spec, 'DaemonSet', errors)
  nonNegative(spec, ['minReadySeconds'], 'spec', errors)
  validateStrategy(spec.updateStrategy ?? {}, errors)
  nonNegative(spec, ['revisionHistoryLimit'], 'spec', errors)
  return errors
}

function validateStrategy(strategy: DaemonSetUpdateStrategy, errors: FieldError[]): void {
  const path = 'spec.updateStrategy'
  if (strategy.type === 'OnDelete') return
  if (strategy.type !== 'RollingUpdate') return void errors.push(notSupported(path, strategy, ['RollingUpdate', 'OnDelete']))
  if (!strategy.rollingUpdate) return void errors.push(required(`${path}.rollingUpdate`))
  const { maxUnavailable = 0, maxSurge = 0 } = strategy.rollingUpdate
  for (const check of [countOrShare, notAboveAll]) {
    check(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors)
    check(maxSurge, `${path}.rollingUpdate.maxSurge`, errors)
  }
  const [unavailable, surge] = [amount(maxUnavailable) !== 0, amount(maxSurge) !== 0]
  if (unavailable && surge) errors.push(invalid(`${path}.rollingUpdate.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!unavailable && !surge) errors.push(required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
}
