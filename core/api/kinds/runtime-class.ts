/** RuntimeClass. Upstream: pkg/registry/node/runtimeclass/strategy.go, pkg/apis/node/validation. */
import { duplicate, type FieldError, invalid, required } from '../field-error.ts'
import { defineKind } from '../kind.ts'
import { validateLabels } from '../label-selector.ts'
import { dns1123Label } from '../names.ts'
import type { RuntimeClass } from '../types/node.ts'
import { ageColumn, nameColumn } from './parts/columns.ts'
import { immutable } from './parts/immutable.ts'
import { ownerRefs } from './pod-spec/refs.ts'
import { validateResources } from './pod-spec/validate-resources.ts'
import { validateTolerations } from './pod-spec/validate-scheduling.ts'

export const runtimeClass = defineKind<RuntimeClass>({
  kind: 'RuntimeClass',
  group: 'node.k8s.io',
  version: 'v1',
  plural: 'runtimeclasses',
  singular: 'runtimeclass',
  shortNames: [],
  categories: [],
  scope: 'Cluster',
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  tracksGeneration: false,
  subresources: {},
  validate({ handler, overhead, scheduling }) {
    const errors: FieldError[] = []
    if (!handler) errors.push(required('handler'))
    else errors.push(...dns1123Label(handler).map((sentence) => invalid('handler', handler, sentence)))
    if (overhead) validateResources({ limits: overhead.podFixed ?? {} }, 'overhead', errors)
    if (!scheduling) return errors
    errors.push(...validateLabels(scheduling.nodeSelector, 'scheduling.nodeSelector'))
    const tolerations = scheduling.tolerations ?? []
    validateTolerations(tolerations, 'scheduling.tolerations', errors)
    const seen = new Set<string>()
    for (const [i, toleration] of tolerations.entries()) {
      const { key = '', operator = '', value = '', effect = '' } = toleration
      const name = JSON.stringify([key, operator, value, effect])
      if (seen.has(name)) errors.push(duplicate(`scheduling.tolerations[${i}]`, toleration))
      seen.add(name)
    }
    return errors
  },
  validateUpdate: ({ handler }, old) => immutable('handler', handler, old.handler),

  columns: [nameColumn, { name: 'Handler', type: 'string', cell: ({ handler }) => handler }, ageColumn],
  selectableFields: {},
  refs: ({ metadata }) => ownerRefs(metadata),
})
