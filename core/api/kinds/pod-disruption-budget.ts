/** PodDisruptionBudget. Upstream: pkg/apis/policy/validation, pkg/registry/policy/poddisruptionbudget. */
import { type FieldError, invalid, notSupported } from '../field-error.ts'
import type { IntOrString } from '../int-or-percent.ts'
import { defineKind } from '../kind.ts'
import { validateLabelSelector } from '../label-selector.ts'
import type { PodDisruptionBudget } from '../types/policy.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { countOrShare, notAboveAll } from './parts/count-or-share.ts'
import { nonNegative } from './parts/non-negative.ts'
import { validateConditions } from './parts/status-conditions.ts'
import { ownerRefs } from './pod-spec/refs.ts'

const shown = (value: IntOrString | undefined): string => (value === undefined ? 'N/A' : String(value))

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  kind: 'PodDisruptionBudget',
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  categories: [],
  scope: 'Namespaced',
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  tracksGeneration: true,
  generationOf: ({ spec }) => spec,
  requiresRevisionOnUpdate: true,
  subresources: { status: true },

  default(draft) {
    draft.spec ??= {}
  },
  prepareForCreate(draft) {
    draft.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
  },
  validate: validateBudget,
  validateStatusUpdate({ status }) {
    const errors = validateConditions(status.conditions, 'status.conditions')
    nonNegative(status, ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'], 'status', errors)
    return errors
  },

  columns: [
    nameColumn,
    { name: 'Min Available', type: 'string', cell: ({ spec }) => shown(spec.minAvailable) },
    { name: 'Max Unavailable', type: 'string', cell: ({ spec }) => shown(spec.maxUnavailable) },
    { name: 'Allowed Disruptions', type: 'integer', cell: ({ status }) => status.disruptionsAllowed ?? 0 },
    ageColumn,
  ],
  selectableFields: {},
  refs: ({ metadata, spec }) => {
    const { matchLabels, matchExpressions } = spec.selector ?? {}
    // An expression cannot be drawn as a set of labels.
    const whole = matchLabels !== undefined && (matchExpressions?.length ?? 0) === 0
    return [...ownerRefs(metadata), ...(whole ? [{ how: 'selects', kind: 'Pod', namespace: metadata.namespace ?? '', matchLabels } as const] : [])]
  },
})

function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = []
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    // Upstream shows its internal form here, with its own names and order.
    const shape = { MinAvailable: minAvailable, Selector: selector ?? null, MaxUnavailable: maxUnavailable, UnhealthyPodEvictionPolicy: policy ?? null }
    errors.push(invalid('spec', shape, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue
    countOrShare(value, `spec.${field}`, errors)
    notAboveAll(value, `spec.${field}`, errors)
  }
  errors.push(...validateLabelSelector(selector, 'spec.selector'))
  if (policy !== undefined && policy !== 'AlwaysAllow' && policy !== 'IfHealthyBudget') errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']))
  return errors
}
