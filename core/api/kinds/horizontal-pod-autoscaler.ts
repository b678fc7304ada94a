/**
 * HorizontalPodAutoscaler, stored as autoscaling/v2; autoscaling/v1 is another face of it (horizontal-pod-autoscaler/version-1.ts).
 * Upstream: pkg/apis/autoscaling/v2/defaults.go, pkg/registry/autoscaling/horizontalpodautoscaler.
 */
import { type Column, defineKind } from '../kind.ts'
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../types/autoscaling-v2.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { nonNegative } from './parts/non-negative.ts'
import { metricsText } from './horizontal-pod-autoscaler/metrics-text.ts'
import { validateAutoscaler } from './horizontal-pod-autoscaler/validate.ts'
import { fromVersion1, toVersion1 } from './horizontal-pod-autoscaler/version-1.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import type { FieldError } from '../field-error.ts'

/** CPU, in percent of the request, where no metric is named. */
const defaultUtilization = 80
const periodSeconds = 15

const columns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  { name: 'Reference', type: 'string', cell: ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}` },
  { name: 'Targets', type: 'string', cell: ({ spec, status }) => metricsText(spec.metrics ?? [], status?.currentMetrics ?? []) },
  { name: 'MinPods', type: 'string', cell: ({ spec }) => (spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)) },
  { name: 'MaxPods', type: 'string', cell: ({ spec }) => spec.maxReplicas },
  { name: 'Replicas', type: 'string', cell: ({ status }) => status?.currentReplicas ?? 0 },
  ageColumn,
]

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  kind: 'HorizontalPodAutoscaler',
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  tracksGeneration: false,
  subresources: { status: true },
  alsoServedAs: [
    {
      group: 'autoscaling',
      version: 'v1',
      schema: 'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
      toWire: (stored) => toVersion1(stored),
      fromWire: fromVersion1,
    },
  ],

  default({ spec }) {
    spec.minReplicas ??= 1
    if ((spec.metrics ?? []).length === 0) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: defaultUtilization } } }]
    if (!spec.behavior) return
    const up: HPAScalingRules = {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds },
        { type: 'Percent', value: 100, periodSeconds },
      ],
    }
    // How long a scale-down waits is the controller's own setting where the object has none.
    const down: HPAScalingRules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds }] }
    spec.behavior.scaleUp = { ...up, ...spec.behavior.scaleUp }
    spec.behavior.scaleDown = { ...down, ...spec.behavior.scaleDown }
  },
  prepareForCreate(draft) {
    draft.status = { desiredReplicas: 0 }
  },
  validate: validateAutoscaler,
  validateStatusUpdate({ status }) {
    const errors: FieldError[] = []
    nonNegative(status, ['currentReplicas', 'desiredReplicas'], 'status', errors)
    return errors
  },

  columns,
  selectableFields: {},
  refs: ({ metadata, spec: { scaleTargetRef } }) => [
    ...ownerRefs(metadata),
    { how: 'selects', optional: true, to: { kind: scaleTargetRef.kind, namespace: metadata.namespace ?? '', name: scaleTargetRef.name } },
  ],
})
