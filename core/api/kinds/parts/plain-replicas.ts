/** What ReplicaSet and ReplicationController have alike: all but how they select. Upstream: pkg/printers/internalversion/printers.go, pkg/registry. */
import type { FieldError } from '../../field-error.ts'
import type { Column } from '../../kind.ts'
import type { PodTemplateSpec } from '../../types/core.ts'
import { ageColumn, containerColumns, nameColumn, noneIfEmpty } from './columns.ts'
import { nonNegative } from './non-negative.ts'
import { notAbove, type Replicated } from './replica-counts.ts'

interface PlainReplicas extends Replicated {
  spec: { replicas?: number; template?: PodTemplateSpec }
}

export const replicaColumns = <T extends PlainReplicas>(selector: (object: T) => string): Column<T>[] => [
  nameColumn,
  { name: 'Desired', type: 'integer', cell: ({ spec }) => spec.replicas ?? 0 },
  { name: 'Current', type: 'integer', cell: ({ status }) => status.replicas ?? 0 },
  { name: 'Ready', type: 'integer', cell: ({ status }) => status.readyReplicas ?? 0 },
  ageColumn,
  ...containerColumns<T>(({ spec }) => spec.template?.spec.containers ?? []),
  { name: 'Selector', type: 'string', priority: 1, cell: (object) => noneIfEmpty(selector(object)) },
]

export const replicaFields = { 'status.replicas': ({ status }: Replicated): string => String(status.replicas ?? 0) }

export function validateReplicaStatus({ status }: Replicated): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(status, ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas'], 'status', errors)
  notAbove(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], errors)
  return errors
}
