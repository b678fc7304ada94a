/** Namespace. Upstream: pkg/registry/core/namespace/strategy.go. */
import { type FieldError, invalid } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import type { Namespace } from '../types/core.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { ownerRefs } from './pod-spec/refs.ts'

export const namespace = defineKind<Namespace>({
  kind: 'Namespace',
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.core.v1.Namespace',
  verbs: ['create', 'get', 'list', 'watch', 'update', 'patch', 'delete'],
  tracksGeneration: false,
  deleteReturnsObject: true,
  nameRule: 'label',
  subresources: { status: true, others: ['finalize'] },

  default(draft) {
    if (draft.metadata.name) draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name }
    draft.status.phase ??= 'Active'
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Active' }
    const finalizers = draft.spec.finalizers ?? []
    if (!finalizers.includes('kubernetes')) draft.spec.finalizers = [...finalizers, 'kubernetes']
    // The name may have been generated after defaulting.
    draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name }
  },
  prepareForUpdate(draft, old) {
    // Only the finalize subresource writes these.
    if (old.spec.finalizers === undefined) delete draft.spec.finalizers
    else draft.spec.finalizers = old.spec.finalizers
  },
  validateStatusUpdate(object) {
    const errors: FieldError[] = []
    const [wanted, when] = object.metadata.deletionTimestamp === undefined ? ['Active', 'empty'] : ['Terminating', 'not empty']
    if (object.status.phase !== wanted) errors.push(invalid('status.Phase', object.status.phase, `may only be '${wanted}' if \`deletionTimestamp\` is ${when}`))
    return errors
  },

  columns: [nameColumn, { name: 'Status', type: 'string', cell: ({ status }) => status.phase ?? '' }, ageColumn],
  selectableFields: { 'status.phase': ({ status }) => status.phase ?? '', name: ({ metadata }) => metadata.name },
  refs: ({ metadata }) => ownerRefs(metadata),
})
